"""From what people write to a username: `@name`, `name` and every usual link, or the reason why there is none.

Telegram's names have 5 to 32 Latin letters, digits and underscores and begin with a letter
(core.telegram.org/method/account.checkUsername); those of four were sold on Fragment. Capital letters make no
difference, so names are kept in small ones. Whatever else Telegram demands it says itself when it is asked.
"""

import re
from collections.abc import Iterable

from .problems import Problem
from .spellings import LONGEST_SPELLING, is_date, plain_spelling

SHORTEST, LONGEST = 4, 32

_USERNAME = re.compile(r"[a-z][a-z0-9_]{3,31}")
# Where a username stands in a link; `s/` is the preview of a channel, numbers behind the name are messages.
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.(?:me|dog))/(?P<path>.*)"
    r"|(?:https?://)?(?P<host>[^/.@]+)\.t\.me/?(?:[?#].*)?"
    r"|(?:tg:(?://)?|(?:https?://)?t(?:elegram)?\.me/)resolve/?\?(?:.*&)?domain=(?P<domain>[^&#]*).*",
    re.IGNORECASE,
)
_PHONE_LINK = re.compile(
    r"(?:tg:(?://)?resolve/?\?(?:.*&)?phone=|(?:https?://)?(?:www\.)?t\.me/(?:\+|%2B)\d)", re.I
)
_PHONE = re.compile(r"\+?[\d ()./-]{7,}")
# First parts of t.me links that lead elsewhere than to somebody's name.
_NOT_NAMES = frozenset(
    {"addstickers", "addemoji", "addtheme", "addlist", "share", "proxy", "socks", "iv", "login", "confirmphone",
     "setlanguage", "bg", "invoice", "giftcode", "boost", "contact", "c", "m", "nft", "call"}
)  # fmt: skip
_SEVERAL = re.compile(r"[\s,;|]+")


def parse_usernames(texts: Iterable[str]) -> list[str | Problem]:
    """The username of each text in small letters, or why there is none."""
    return [_parse(text) for text in texts]


def looks_like_username(text: str) -> bool:
    """Whether a person would take this for a username, right or wrong: a link, an @, or a word that could be one."""
    spelling = plain_spelling(text)
    return is_marked(spelling) or not isinstance(_parse(text), Problem)


def is_marked(text: str) -> bool:
    """Whether the text says itself that it is a username: by an @ before it or by a link of Telegram's."""
    spelling = plain_spelling(text)
    return spelling.startswith("@") or _LINK.fullmatch(spelling) is not None


def _parse(text: str) -> str | Problem:
    everyday = text.removeprefix("@").lower()
    if _USERNAME.fullmatch(everyday):
        return everyday
    spelling = plain_spelling(text)
    if len(text) > LONGEST_SPELLING:
        return Problem.NOT_A_USERNAME
    return _read_plain(spelling) if spelling else Problem.EMPTY


def _read_plain(spelling: str) -> str | Problem:
    if _PHONE_LINK.match(spelling) or (_PHONE.fullmatch(spelling) and not is_date(spelling)):
        return Problem.PHONE
    if (link := _LINK.fullmatch(spelling)) is not None:
        return _of_link(link)
    result = _of_name(spelling.removeprefix("@").strip().lower())
    return Problem.SEVERAL_NUMBERS if isinstance(result, Problem) and _holds_several(spelling) else result


def _of_link(link: re.Match[str]) -> str | Problem:
    if (named := link["host"] or link["domain"]) is not None:
        return _of_name(named.lower())
    parts = [part.lower() for part in re.split(r"[/?#]+", link["path"]) if part]
    if parts[:1] == ["s"]:
        parts = parts[1:]
    first = parts[0] if parts else ""
    if first == "joinchat" or first.startswith(("+", "%2b")):
        return Problem.INVITATION
    return Problem.NOT_A_USERNAME if not first or first in _NOT_NAMES else _of_name(first.removeprefix("@"))


def _of_name(name: str) -> str | Problem:
    if _USERNAME.fullmatch(name):
        return name
    if is_date(name):
        return Problem.DATE
    if re.fullmatch(r"[a-z0-9_]+", name):
        if len(name) < SHORTEST:
            return Problem.TOO_SHORT
        return Problem.TOO_LONG if len(name) > LONGEST else Problem.NOT_A_USERNAME
    if re.fullmatch(r"\w+", name):
        return Problem.LETTERS
    return Problem.NOT_A_USERNAME


def _holds_several(spelling: str) -> bool:
    parts = [part for part in _SEVERAL.split(spelling) if part]
    marked = sum(map(is_marked, parts))
    return len(parts) > 1 and marked > 1 and marked == len(parts)
