"""How long a check will still take: the arithmetic of learned rates, turns and rests."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.rules.estimates import LONGEST, Share, seconds_left, share_of

rates = st.floats(0.001, 1000)
shares = st.lists(st.builds(Share, st.none() | rates, st.floats(0, 100_000)), max_size=8)
measures = st.none() | rates


@given(st.integers(0, 10**7), st.integers(0, 10**6), shares, measures)
def test_more_numbers_never_take_less_time_and_every_estimate_is_finite(
    numbers: int, more: int, known: list[Share], measured: float | None
) -> None:
    few = seconds_left(numbers, known, measured=measured)
    many = seconds_left(numbers + more, known, measured=measured)
    if not measured and not any(share.rate for share in known):
        # Only of nothing at all it is known how long it takes.
        assert few == (None if numbers else 0)
        assert many == (None if numbers + more else 0)
        return
    assert few is not None and many is not None
    assert 0 <= few <= many * (1 + 1e-9) <= LONGEST * (1 + 1e-9)
    assert math.isfinite(many)


@given(st.integers(1, 10**6), shares, rates, st.floats(0, 100_000))
def test_another_account_that_has_learned_never_makes_it_longer(
    numbers: int, known: list[Share], rate: float, wakes_in: float
) -> None:
    before = seconds_left(numbers, known)
    after = seconds_left(numbers, [*known, Share(rate, wakes_in)])
    assert after is not None
    assert before is None or after <= before * (1 + 1e-9)


def test_an_account_that_rests_counts_from_when_it_wakes() -> None:
    assert seconds_left(100, [Share(10)]) == 10
    assert seconds_left(100, [Share(10, wakes_in=60)]) == 70
    # Ten seconds alone, then both: 100 + 200 numbers.
    assert seconds_left(300, [Share(10), Share(10, wakes_in=10)]) == 20
    assert seconds_left(50, [Share(10), Share(10, wakes_in=3600)]) == 5


def test_people_and_checks_share_an_account_in_turns() -> None:
    assert share_of(36_000, people=1, checks=1) == Share(10)
    assert share_of(36_000, people=2, checks=5, wakes_in=-3) == Share(1)
    assert share_of(None, people=1, checks=1) == Share(None)


def test_what_is_not_learned_is_measured() -> None:
    assert seconds_left(100, []) is None
    assert seconds_left(100, [Share(None)]) is None
    assert seconds_left(100, [Share(None)], measured=5) == 20
    # One of two has learned: the speed of both together is the better news.
    assert seconds_left(100, [Share(1), Share(None)], measured=5) == 20
    assert seconds_left(100, [Share(10), Share(None)], measured=5) == 10
    # All have learned: a burst of the past does not count.
    assert seconds_left(100, [Share(1)], measured=50) == 100


@pytest.mark.parametrize("numbers", [0, -5])
def test_nothing_left_takes_no_time(numbers: int) -> None:
    assert seconds_left(numbers, []) == 0
