"""From what people write to E.164: one number, or the reason why there is none.

A number counts when libphonenumber calls it *valid*: the country exists, the length is right and the country
hands out numbers that begin like this. "Possible" (the length alone) is not enough: it lets typing errors
through, and every wrong number costs an account a piece of its budget. New ranges reach libphonenumber some
weeks after a country opens them; until then their lines are refused as NOT_ASSIGNED, visibly.

How a spelling is read, in this order:
1. `+…`, and links that carry a number (`tel:`, `wa.me/…`, `t.me/+…`): international.
2. With a default country: as somebody in that country dials it (`8 912 …`, `00 49 …`, `011 7 …`).
3. `00…`: international.
4. Ten digits or more without a plus: international (`79123456789`), when valid as such. Fewer digits are not
   tried: a national number with its area code forgotten would turn into somebody abroad.

Rust's `rphonenumbers` answers, and each answer is held against the newer ranges of `phonenumbers`; where they
disagree, the word of `phonenumbers` counts (referee.py). `tests/test_numbers_equal.py` proves the result equal.
"""

import re
from collections.abc import Iterable

import rphonenumbers

from .problems import Problem
from .referee import ANONYMOUS_CODE, LENGTH_PROBLEMS, PARSE_PROBLEMS, ask_referee, ranges_of
from .spellings import (
    LONGEST_SPELLING,
    extension_start,
    is_date,
    opened_link,
    parts_of,
    plain_spelling,
    undamaged,
)

REGIONS: frozenset[str] = frozenset(rphonenumbers.SUPPORTED_REGIONS)

# The everyday spelling: needs no care. Dates have fewer than eleven characters, or dots and slashes.
_EVERYDAY = re.compile(r"(?=.{11,40}$)\+?\d[\d ()-]*", re.ASCII)
_PUNCTUATED_DIGITS = re.compile(r"\++[\d ()\[\]./~-]*|[\d ()\[\]./~-]*", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"\W*(?:\d\W*){7,16}")

FEWEST_DIGITS_WITHOUT_PLUS = 10
LEAST_WITHOUT_PLUS = 10 ** (FEWEST_DIGITS_WITHOUT_PLUS - 1)
MOST_DIGITS = 15  # E.164, 6.1


def parse_number(text: str, *, region: str | None) -> int | Problem:
    """The number in `text` as its E.164 digits (+7 912 345-67-89 → 79123456789), or why there is none.

    `region` is the default country for national spellings (ISO 3166 alpha-2, as in REGIONS) or None.
    Raises ValueError for a region that does not exist.
    """
    return parse_numbers([text], region)[0]


def parse_numbers(texts: Iterable[str], region: str | None) -> list[int | Problem]:
    """The same for many texts, in their order; everyday spellings take about 3 µs each."""
    if region is not None and region not in REGIONS:
        raise ValueError(f"No such region: {region!r}")
    everyday = _EVERYDAY.fullmatch
    results: list[int | Problem] = []
    add = results.append
    for text in texts:
        result: int | Problem | None = Problem.NO_COUNTRY
        if everyday(text):
            if region or text[0] == "+":
                result = _ask_rust(text, region)
            if isinstance(result, Problem) and text[0] not in "+0":
                abroad = _ask_rust("+" + text, None)
                if type(abroad) is int and abroad >= LEAST_WITHOUT_PLUS:
                    result = abroad
        add(result if type(result) is int else _read_carefully(text, region))
    return results


def looks_like_number(text: str) -> bool:
    """Whether a person would take this for a phone number, right or wrong, damaged ones included."""
    spelling = undamaged(opened_link(plain_spelling(text)))
    if isinstance(spelling, Problem):
        return True
    return bool(_LIKE_A_NUMBER.fullmatch(spelling)) and not is_date(spelling)


def _ask_rust(spelling: str, region: str | None) -> int | Problem | None:
    """E.164 digits, or the reason of a refusal; None when the newer ranges of `phonenumbers` say otherwise."""
    try:
        number = rphonenumbers.parse(spelling, region)
    except rphonenumbers.NumberParseException as refusal:
        return PARSE_PROBLEMS.get(refusal.error_type, Problem.NOT_A_NUMBER)
    if number.extension is not None:
        return Problem.EXTENSION
    country_code = number.country_code
    # Leading zeros of the national part (Italy) belong to the number.
    national = (
        rphonenumbers.national_significant_number(number)
        if number.italian_leading_zero
        else str(number.national_number)
    )
    known = ranges_of(country_code).fullmatch(national) is not None
    if rphonenumbers.is_valid_number(number) is not known or country_code == ANONYMOUS_CODE:
        return None
    if known:
        return int(f"{country_code}{national}")
    return LENGTH_PROBLEMS.get(rphonenumbers.is_possible_number_with_reason(number), Problem.NOT_ASSIGNED)


def _read_carefully(text: str, region: str | None) -> int | Problem:
    spelling = plain_spelling(text)
    if not spelling:
        return Problem.EMPTY
    result = _read_plain(spelling, region)
    if len(text) > LONGEST_SPELLING and not isinstance(result, Problem):
        return Problem.NOT_A_NUMBER
    return result


def _read_plain(spelling: str, region: str | None) -> int | Problem:
    digits = undamaged(spelling)
    if isinstance(digits, Problem):
        return digits
    if is_date(spelling):
        return Problem.DATE
    number = opened_link(digits)
    if _PUNCTUATED_DIGITS.fullmatch(number.lstrip(" ([.-")) and _NOT_DIGITS.sub("", number):
        result = _in_order(number.lstrip(" ([.-"), region)
        if isinstance(result, int) or not _holds_several(number, region):
            return result
        return Problem.SEVERAL_NUMBERS
    return _reason_without_library(number, region)


def _reason_without_library(spelling: str, region: str | None) -> Problem:
    """Why something that is not just punctuated digits is refused."""
    start = extension_start(spelling)
    if start is not None and len(_NOT_DIGITS.sub("", spelling[:start])) >= 5:
        return Problem.EXTENSION
    if _holds_several(spelling, region):
        return Problem.SEVERAL_NUMBERS
    return Problem.LETTERS if any(map(str.isalpha, spelling)) else Problem.NOT_A_NUMBER


def _holds_several(spelling: str, region: str | None) -> bool:
    parts = parts_of(spelling)
    if len(spelling) > LONGEST_SPELLING // 2:
        parts = parts[:3]  # a long cell was cut; its first numbers tell enough
    return len(parts) > 1 and all(
        _PUNCTUATED_DIGITS.fullmatch(part) and isinstance(_in_order(part, region), int) for part in parts
    )


def _in_order(spelling: str, region: str | None) -> int | Problem:
    """Steps 1 to 4 of the module's docstring, on punctuated digits."""
    if spelling.startswith("+"):
        return _ask(spelling, None)
    digits = _NOT_DIGITS.sub("", spelling)
    national = _ask(spelling, region) if region else Problem.NO_COUNTRY
    if isinstance(national, int):
        return national
    if digits.startswith("00"):
        abroad = _ask("+" + digits[2:], None)
        return abroad if region is None or isinstance(abroad, int) else national
    if len(digits) >= FEWEST_DIGITS_WITHOUT_PLUS:
        abroad = _ask("+" + digits, None)
        if isinstance(abroad, int):
            return abroad
    if region is None and len(digits) > MOST_DIGITS:
        return Problem.TOO_LONG
    return Problem.TOO_SHORT if region is None and len(digits) < 5 else national


def _ask(spelling: str, region: str | None) -> int | Problem:
    number = _ask_rust(spelling, region)
    return ask_referee(spelling, region) if number is None else number
