"""Numbers, lengths of time and moments in words, in English and in Russian."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from pult.core.ui.numbers import briefly, from_now, grouped, in_words, share

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SPACE = "\N{NO-BREAK SPACE}"


def plain(words: str) -> str:
    """Hard spaces as soft ones."""
    return words.replace(SPACE, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "value", "decimals", "words"),
    [
        ("en", 1_234_567, None, "1,234,567"),
        ("ru", 1_234_567, None, "1 234 567"),
        ("en", 12.34, 1, "12.3"),
        ("ru", 12.34, 1, "12,3"),
        ("en", 5.0, None, "5"),
        ("en", None, None, "–"),
    ],
)
def test_numbers_are_grouped_by_language(
    language: str, value: float, decimals: int | None, words: str
) -> None:
    with translation.override(language):
        assert plain(grouped(value, decimals)) == words


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("en", 0, "0 s"),
        ("en", 59.6, "1 min"),
        ("en", 125, "2 min 5 s"),
        ("ru", 125, "2 мин 5 с"),
        ("en", 3_600, "1 h"),
        ("ru", 3_600 * 5 + 61, "5 ч 1 мин"),
        ("ru", 86_400 * 3 + 3_600 * 4 + 59, "3 д 4 ч"),
        ("en", -90, "−1 min 30 s"),
    ],
)
def test_lengths_of_time_have_at_most_two_units(language: str, seconds: float, words: str) -> None:
    with translation.override(language):
        assert plain(in_words(seconds)) == words
        assert in_words(timedelta(seconds=seconds)) == in_words(seconds)


@given(st.integers(min_value=0, max_value=10**9))
def test_a_length_in_words_is_never_empty_and_never_longer_than_two_units(seconds: int) -> None:
    assert 1 <= len(in_words(seconds).split(" ")) <= 2


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=10**9))
def test_a_share_says_all_only_when_it_is_all_and_nothing_only_when_it_is_nothing(
    part: int, whole: int
) -> None:
    part = min(part, whole)
    assert (share(part, whole) == "100%") == (part == whole)
    assert (share(part, whole) == "0%") == (part == 0)


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("en", -3, "now"),
        ("en", -60, "1 minute ago"),
        ("en", 7_300, "in 2 hours"),
        ("ru", -60, "1 минуту назад"),
        ("ru", -180, "3 минуты назад"),
        ("ru", -3_600 * 5, "5 часов назад"),
        ("ru", 86_400 * 2, "через 2 дня"),
        ("en", -86_400 * 40, "October 12, 12:00"),
    ],
)
def test_moments_near_now_are_told_from_now(language: str, seconds: float, words: str) -> None:
    with translation.override(language), timezone.override(UTC):
        assert from_now(NOW + timedelta(seconds=seconds), NOW) == words


def test_a_moment_carries_its_exact_time_in_the_persons_zone() -> None:
    template = Template('{% load ui %}{% moment when "clock" %}')
    with translation.override("en"), timezone.override(timezone.get_fixed_timezone(180)):
        html = template.render(Context({"when": NOW}))
    assert 'datetime="2026-11-21T12:00:00+00:00"' in html
    assert ">15:00:00</time>" in html
    assert 'title="Nov. 21, 2026, 15:00:00 +0300"' in html


def test_a_moment_that_never_came_is_a_dash() -> None:
    assert Template("{% load ui %}{% moment when %}").render(Context({"when": None})) == "–"


def test_a_day_is_said_as_people_say_it() -> None:
    with translation.override("ru"):
        assert briefly(datetime(2026, 11, 21, 9, 44, tzinfo=UTC)) == "21 ноября, 09:44"
    with translation.override("en"):
        assert briefly(datetime(2026, 11, 21, 9, 44, tzinfo=UTC)) == "November 21, 09:44"
