"""How people, phones and spreadsheets write numbers: characters made plain, links opened, damage recognised.

Everything here works on text alone and knows no country. Numbers with a country are numbers.py's business.
"""

import re
import unicodedata
from urllib.parse import unquote

from .problems import Problem

# A cell longer than this holds no single number; only its beginning is looked at, for the reason to give.
LONGEST_SPELLING = 200


class _PlainCharacters(dict[int, str]):
    """Table for str.translate that learns each character on first sight.

    Digits of every script become 0-9, dashes of all kinds "-", spaces of all kinds " ", quotes '"'; marks
    that nobody sees (zero width, direction, byte order, control) vanish; full-width forms become narrow.
    """

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain(chr(code))
        return plain


_QUOTES = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″＂＇")
_DASHES_BESIDE_PD = frozenset("−⁃˗➖")
_TILDES = frozenset("∼～⁓")


def _plain(character: str) -> str:  # noqa: PLR0911 - a table in the shape of a function
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in _QUOTES:
        return '"'
    if category == "Pd" or character in _DASHES_BESIDE_PD:
        return "-"
    if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r\v\f\u2800\u3164":
        return " "
    if category in {"Cf", "Cc", "Mn", "Me"}:
        return ""
    if character in _TILDES:
        return "~"
    return unicodedata.normalize("NFKC", character)


_PLAIN_CHARACTERS = _PlainCharacters()


def plain_spelling(text: str) -> str:
    """The text in plain characters, without surrounding quotes, blanks and a spreadsheet's leading
    apostrophe.
    """
    return text[: LONGEST_SPELLING + 1].translate(_PLAIN_CHARACTERS).strip(' "').strip()


_LINK = re.compile(
    r"""(?:tel|callto|sms|whatsapp):(?://)?(?:send/?\?phone=)?
      | (?:https?://)?(?:www\.)?wa\.me/
      | (?:https?://)?(?:www\.)?t\.me/(?=(?:\+|%2B)[\d\s])
      | (?:https?://)?(?:api|web)\.whatsapp\.com/send/?\?phone=
      | viber://(?:chat|add|contact)\?number=
    """,
    re.VERBOSE | re.IGNORECASE,
)


def opened_link(spelling: str) -> str:
    """The number inside tel:, wa.me, t.me/+… and their like; any other text comes back unchanged."""
    link = _LINK.match(spelling)
    if not link:
        return spelling
    number = unquote(spelling[link.end() :])
    if spelling[: link.end()].lower().startswith(("tel:", "callto:", "sms:")):
        return number
    number = re.split(r"[?&#/]", number, maxsplit=1)[0].strip()
    return number if number.startswith("+") else "+" + number  # these links are always international


_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eEеЕ]\+?(\d{1,2})")
_WITH_FRACTION = re.compile(r"(\+?\d{7,})[.,](\d+)")
_HASHES = re.compile(r"#{3,}")


def undamaged(spelling: str) -> str | Problem:
    """The digits behind a spreadsheet's way of writing, or DAMAGED when digits are gone.

    `79123456789.0` and `7.9123456789E+10` still hold every digit and are taken as the exact integers that
    they are;
    `7.9123E+10`, `####` and fractions are not guessed.
    """
    if scientific := _SCIENTIFIC.fullmatch(spelling):
        first, rest, exponent = scientific[1], scientific[2] or "", int(scientific[3])
        # Fewer decimals than the exponent: the tail was rounded away. More: it never was an integer.
        return first + rest if 6 <= len(rest) == exponent else Problem.DAMAGED
    if fraction := _WITH_FRACTION.fullmatch(spelling):
        return fraction[1] if not fraction[2].strip("0") else Problem.DAMAGED
    return Problem.DAMAGED if _HASHES.fullmatch(spelling) else spelling


_DATE = re.compile(
    r"""(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])(?:[T ]\d.*)?
      | (?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./](?:19|20)\d\d(?:[ ]\d.*)?
      | (?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d\d(?:[ ]\d.*)?
    """,
    re.VERBOSE,
)


def is_date(spelling: str) -> bool:
    """Whether this is a date of the last or this century (2026-01-31, 31.01.2026, 1/31/2026)."""
    return _DATE.fullmatch(spelling) is not None


_EXTENSION = re.compile(
    r"""[\s;,.(/-]*
        (?: (?:;?ext(?:ension)?|extn|int|anexo|durchwahl|poste
              |доб(?:ав(?:очный)?)?|внутр(?:енний)?|вн)\b[\s.:=№#]*
          | [xх#][\s.:#]* | [,;][\s,;]* )
        \d{1,7}\#?\)?\s*
    """,
    re.VERBOSE | re.IGNORECASE,
)


def extension_start(spelling: str) -> int | None:
    """Where an extension begins (`… ext. 12`, `… доб. 12`, `… x12`, `…,12`), or None when there is none."""
    for found in re.finditer(r"(?<=[\d)\s;,.])[^\d+]+(?=\d{1,7}\#?\)?\s*$)", spelling):
        if _EXTENSION.fullmatch(spelling, found.start()):
            return found.start()
    return None


_SEPARATORS = re.compile(r"[,;|/]+|\s+(?=\+)|\s{2,}")
_ENOUGH_DIGITS = re.compile(r"(?:\D*\d){7}")


def parts_of(spelling: str) -> list[str]:
    """The numbers that one cell seems to hold, as text; one part when it holds no more than one."""
    parts = [part.strip() for part in _SEPARATORS.split(spelling)]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        words = spelling.split()
        if all(_ENOUGH_DIGITS.match(word) for word in words):
            return words
    return parts
