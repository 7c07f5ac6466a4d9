"""What people, phones and spreadsheets write, and what is made of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pult.modules.checks.rules.numbers import looks_like_number, parse_number, parse_numbers
from pult.modules.checks.rules.problem_texts import PROBLEM_TEXTS
from pult.modules.checks.rules.problems import Problem

SAME_NUMBER = [
    "+79123456789",
    "79123456789",
    "89123456789",
    "9123456789",
    "+7 912 345-67-89",
    "8 (912) 345-67-89",
    "8.912.345.67.89",
    "(+7) 912 345 67 89",
    "007 912 345 67 89",
    "8~10 7 912 345 67 89",
    "++7 912 345 67 89",
    "tel:+7-912-345-67-89",
    "TEL:89123456789",
    "https://wa.me/79123456789",
    "wa.me/79123456789?text=hello",
    "https://api.whatsapp.com/send?phone=%2B79123456789&text=7",
    "t.me/+79123456789",
    "https://t.me/+79123456789",
    "viber://chat?number=%2B79123456789",
    "'+79123456789",
    "’+79123456789",
    '"+79123456789"',
    "«+79123456789»",
    "  +7\u00a0912\u2009345\u202f67\u300089\t",
    "+7\u2011912\u2013345\u2014678\u22129",
    "\u202a+7 912 345 67 89\u202c",
    "\ufeff+7\u200b912\u200d3456789\u200e",
    "+٧٩١٢٣٤٥٦٧٨٩",
    "+۷۹۱۲۳۴۵۶۷۸۹",
    "＋７９１２３４５６７８９",
    "८९१२३४५६७८९",
    "79123456789.0",
    "79123456789,00",
    "7.9123456789E+10",
    "7\ufe0f\u20e39123456789",
]


@pytest.mark.parametrize("text", SAME_NUMBER)
def test_one_number_in_many_spellings(text: str) -> None:
    assert parse_number(text, region="RU") == 79123456789


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+39 06 698 85860", None, 390669885860),  # the zero belongs to the number
        ("+44 (0)20 8366 1177", None, 442083661177),
        ("020 8366 1177", "GB", 442083661177),
        ("011 7 912 345 67 89", "US", 79123456789),
        ("00 49 30 123456", None, 4930123456),
        ("00 49 30 123456", "US", 4930123456),  # nobody in the US dials 00, still it is no riddle
        ("380671234567", "RU", 380671234567),
        ("380671234567", None, 380671234567),
        ("+888 0123 4567", None, 88801234567),  # anonymous numbers of Telegram
        ("+888 8 888", None, 8888888),
        ("+800 1234 5678", None, 80012345678),
        ("8 701 123 45 67", "KZ", 77011234567),
    ],
)
def test_countries(text: str, region: str | None, number: int) -> None:
    assert parse_number(text, region=region) == number


@pytest.mark.parametrize(
    ("text", "region", "problem"),
    [
        ("", "RU", Problem.EMPTY),
        (" \u00a0\u200b'", None, Problem.EMPTY),
        ("---", None, Problem.NOT_A_NUMBER),
        ("+7 912 * 345 67 89", None, Problem.NOT_A_NUMBER),
        ("Иванов", "RU", Problem.LETTERS),
        ("+7 912 345 67 89 Иван", None, Problem.LETTERS),
        ("1-800-FLOWERS", "US", Problem.LETTERS),
        ("https://t.me/+AbCdEf12345", None, Problem.LETTERS),
        ("2026-01-05", "RU", Problem.DATE),
        ("05.01.2026", "RU", Problem.DATE),
        ("1/5/2026 10:30", "US", Problem.DATE),
        ("7.9123E+10", None, Problem.DAMAGED),
        ("7,9123E+10", "RU", Problem.DAMAGED),
        ("7.91235e10", "RU", Problem.DAMAGED),
        ("####", None, Problem.DAMAGED),
        ("79123456789.5", None, Problem.DAMAGED),
        ("+7 912 345 67 89 доб. 12", None, Problem.EXTENSION),
        ("+7 912 345 67 89 ext. 12", None, Problem.EXTENSION),
        ("+7 912 345 67 89 x12", None, Problem.EXTENSION),
        ("+7 912 345 67 89, 12", None, Problem.EXTENSION),
        ("+7 912 345 67 89#12", None, Problem.EXTENSION),
        ("tel:+7-912-345-67-89;ext=12", None, Problem.EXTENSION),
        ("+79123456789, +79123456780", None, Problem.SEVERAL_NUMBERS),
        ("+79123456789\n+79123456780", None, Problem.SEVERAL_NUMBERS),
        ("89123456789 89123456780", "RU", Problem.SEVERAL_NUMBERS),
        ("8 912 345 67 89 / 8 912 345 67 80", "RU", Problem.SEVERAL_NUMBERS),
        ("+7 912 345 67 89 " * 100, None, Problem.SEVERAL_NUMBERS),
        ("8 912 345-67-89", None, Problem.NO_COUNTRY),
        ("9123456789", None, Problem.NO_COUNTRY),
        ("020 8366 1177", None, Problem.NO_COUNTRY),
        ("+89123456789", None, Problem.UNKNOWN_COUNTRY),
        ("+999 123 4567", "RU", Problem.UNKNOWN_COUNTRY),
        ("+7912", None, Problem.TOO_SHORT),
        ("123-45-67", "RU", Problem.TOO_SHORT),
        ("12", None, Problem.TOO_SHORT),
        ("+1 650 253 00001", None, Problem.TOO_LONG),
        ("1" * 30, "RU", Problem.TOO_LONG),
        ("1" * 5_000, None, Problem.TOO_LONG),
        ("+7912345678999", None, Problem.WRONG_LENGTH),
        ("+1 200 555 0000", None, Problem.NOT_ASSIGNED),
    ],
)
def test_each_refusal_has_its_reason(text: str, region: str | None, problem: Problem) -> None:
    assert parse_number(text, region=region) is problem


def test_a_forgotten_area_code_never_turns_into_somebody_abroad() -> None:
    assert parse_number("4951234", region="RU") is Problem.TOO_SHORT
    assert parse_number("49 51 23 45", region=None) is Problem.NO_COUNTRY


def test_every_problem_has_words() -> None:
    assert set(PROBLEM_TEXTS) == set(Problem)
    assert all(str(text) for text in PROBLEM_TEXTS.values())


def test_an_unknown_region_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="XX"):
        parse_numbers(["+79123456789"], "XX")


def test_many_numbers_keep_their_order() -> None:
    assert parse_numbers(["89123456789", "x", "+380671234567"], "RU") == [
        79123456789,
        Problem.LETTERS,
        380671234567,
    ]


@pytest.mark.parametrize("text", ["+79123456789", "8 (912) 345-67-89", "7.9123E+10", "79123456789.0", "####"])
def test_what_a_person_takes_for_a_number(text: str) -> None:
    assert looks_like_number(text)


@pytest.mark.parametrize("text", ["", "Иван", "12", "2026-01-05", "+7 912 345 67 89 Иван", "1" * 20])
def test_what_nobody_takes_for_a_number(text: str) -> None:
    assert not looks_like_number(text)


@given(st.text(max_size=300), st.sampled_from([None, "RU", "US", "IT"]))
@example("\ud800+79123456789", None)
@example("+" * 300, None)
@example("٣" * 300, "RU")
@example("(" * 250 + "1", None)
def test_no_text_makes_it_stumble(text: str, region: str | None) -> None:
    result = parse_number(text, region=region)
    assert isinstance(result, Problem) or 5 <= len(str(result)) <= 17
