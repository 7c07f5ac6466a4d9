"""The fast way answers as `phonenumbers` does: on the example numbers of all countries in every spelling that
libphonenumber can print, on numbers near them, and on noise.
"""

import random
import re
from collections.abc import Iterator

import phonenumbers
import rphonenumbers
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pult.modules.checks.rules.numbers import parse_number, parse_numbers
from pult.modules.checks.rules.problems import Problem

CALLING_FROM = ("RU", "US", "GB", "AU", "BR", "JP")


def examples() -> Iterator[tuple[phonenumbers.PhoneNumber, str | None]]:
    """Every example number that libphonenumber carries, with its region (None for numbers of no country)."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in PhoneNumberType.values():
            if number := phonenumbers.example_number_for_type(region, kind):
                yield number, region
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        if number := phonenumbers.example_number_for_non_geo_entity(code):
            yield number, None


def spellings(number: phonenumbers.PhoneNumber, region: str | None) -> Iterator[tuple[str, str | None]]:
    """The number in every way that libphonenumber prints it, with the default country that reads it."""
    for layout in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966):
        yield phonenumbers.format_number(number, layout), None
        yield phonenumbers.format_number(number, layout), "RU"
    if region:
        yield phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region
        yield phonenumbers.national_significant_number(number), region
        yield phonenumbers.format_number_for_mobile_dialing(number, region, True), region
    for home in CALLING_FROM:
        yield phonenumbers.format_out_of_country_calling_number(number, home), home
        yield phonenumbers.format_out_of_country_keeping_alpha_chars(number, home), home


def referee(text: str, region: str | None) -> int | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension is not None or not phonenumbers.is_valid_number(number):
        return None
    return int(phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:])


def in_order(text: str, region: str | None) -> int | None:
    """The documented order of readings, each by `phonenumbers` alone."""
    digits = re.sub(r"\D", "", text)
    answer = referee(text, region)
    if "+" in text or answer is not None:
        return answer
    if digits.startswith("00"):
        return referee("+" + digits[2:], None)
    return referee("+" + digits, None) if len(digits) >= 10 else None


def test_example_numbers_of_all_countries_in_every_spelling() -> None:
    checked = 0
    for number, region in examples():
        valid = phonenumbers.is_valid_number(number)
        for text, home in spellings(number, region):
            checked += 1
            answer, expected = parse_number(text, region=home), in_order(text, home)
            assert answer == expected if expected is not None else isinstance(answer, Problem), (text, home)
            if valid and text.startswith(("+", "tel:+")):
                assert f"+{answer}" == phonenumbers.format_number(number, PhoneNumberFormat.E164), text
    assert checked > 20_000


def test_both_libraries_know_the_same_countries_and_use_the_same_codes() -> None:
    """Rust's word that a country code is unknown is taken without asking: so both must know the same ones."""
    assert set(rphonenumbers.COUNTRY_CODE_TO_REGION_CODE) == set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
    assert set(rphonenumbers.SUPPORTED_REGIONS) == set(phonenumbers.SUPPORTED_REGIONS)
    for name in ("INVALID_COUNTRY_CODE", "NOT_A_NUMBER", "TOO_SHORT_AFTER_IDD", "TOO_SHORT_NSN", "TOO_LONG"):
        assert getattr(rphonenumbers.NumberParseException, name) == getattr(
            phonenumbers.NumberParseException, name
        )
    for name in ("IS_POSSIBLE", "TOO_SHORT", "TOO_LONG", "IS_POSSIBLE_LOCAL_ONLY", "INVALID_LENGTH"):
        assert getattr(rphonenumbers.ValidationResult, name) == getattr(phonenumbers.ValidationResult, name)


def test_numbers_near_the_examples() -> None:
    """One to four digits changed: at the borders of the ranges that countries hand out."""
    choose = random.Random(20261121)
    models = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number, _ in examples()]
    near = []
    for _ in range(20_000):
        digits = list(choose.choice(models))
        for _ in range(choose.randint(1, 4)):
            digits[choose.randrange(2, len(digits))] = choose.choice("0123456789")
        near.append("".join(digits))
    near.sort()  # neighbours of one country: the regular expressions of `phonenumbers` stay cached
    wrong = [
        text
        for text, answer in zip(near, parse_numbers(near, None), strict=True)
        if (answer if not isinstance(answer, Problem) else None) != referee(text, None)
        and not re.fullmatch(r"\+888(0\d{7}|8\d{3})", text)
    ]
    assert wrong == []


PUNCTUATED = st.text(alphabet="0123456789 -()./~+", min_size=1, max_size=24).filter(
    lambda text: re.match(r"[ (.\-\[]*\+?[^+]*$", text) and not re.search(r"[./-]\d{1,4}$", text)
)


@given(PUNCTUATED, st.sampled_from([None, "RU", "US", "DE", "IT", "BR", "AR", "KZ"]))
def test_noise(text: str, region: str | None) -> None:
    answer = parse_number(text, region=region)
    if not isinstance(answer, Problem):
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{answer}")) or str(answer).startswith("888")
    elif answer is not Problem.SEVERAL_NUMBERS:
        assert in_order(text, region) is None
