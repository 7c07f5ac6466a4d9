"""What an account learns from its calls: the pure rules, and the same rules against buckets as a limit has them."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pult.core.telegram.rules.budgets import (
    FLOOR,
    LARGEST,
    LONGEST_PAUSE,
    START,
    TELLING_TIME,
    Known,
    Outcome,
    granted_per_hour,
    next_size,
    pause_after,
)
from pult.core.telegram.values import Cause

START_AT = datetime(2026, 3, 1, tzinfo=UTC)


def outcome(
    asked: int, answered: int | None = None, *, at: float = 0, cause: Cause = Cause.ANSWERED, pause: float = 0
) -> Outcome:
    """A call that ended `at` seconds after the start; answered in full unless said otherwise."""
    got = asked if answered is None else answered
    return Outcome(START_AT + timedelta(seconds=at), asked, got, cause, timedelta(seconds=pause))


def refused(asked: int, *, at: float = 0, pause: float = 1) -> Outcome:
    return outcome(asked, 0, at=at, cause=Cause.WAIT, pause=pause)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    asked = draw(st.integers(1, LARGEST))
    cause = draw(st.sampled_from(Cause))
    answered = {Cause.ANSWERED: asked, Cause.LOST: 0}.get(cause, draw(st.integers(0, asked)))
    return outcome(asked, answered, cause=cause)


known = st.builds(Known, st.integers(1, LARGEST), st.none() | st.integers(1, LARGEST), st.none())


@given(known, outcomes(), st.integers(1, LARGEST))
def test_a_size_stays_between_the_floor_and_what_the_owner_allows(
    before: Known, call: Outcome, most: int
) -> None:
    after = next_size(before, call, most=most)
    assert min(FLOOR, most) <= after.call_size <= most
    assert after.ceiling is None or 1 <= after.ceiling <= LARGEST


@given(known, outcomes(), st.integers(FLOOR, LARGEST))
def test_limits_cut_and_whole_answers_let_it_grow(before: Known, call: Outcome, most: int) -> None:
    size = min(before.call_size, most)
    after = next_size(before, call, most=most).call_size
    if call.cause in {Cause.WAIT, Cause.RETRIES} and size > FLOOR:
        assert after < size
    elif call.cause is Cause.ANSWERED and call.asked >= size:
        assert after > size or after == most
    else:
        assert after == max(size, FLOOR)


def test_nothing_known_begins_small_and_doubles() -> None:
    state, sizes = Known(), []
    while state.call_size < LARGEST:
        sizes.append(state.call_size)
        state = next_size(state, outcome(state.call_size), most=LARGEST)
    assert sizes == [START, 40, 80, 160, 320]


def test_near_the_size_at_which_the_limit_was_met_it_grows_with_care_and_far_beyond_quickly_again() -> None:
    state = next_size(Known(160), refused(160), most=LARGEST)
    assert (state.call_size, state.ceiling) == (80, 160)
    sizes = []
    while state.ceiling is not None:
        state = next_size(state, outcome(state.call_size), most=LARGEST)
        sizes.append(state.call_size)
    assert sizes[:3] == [96, 112, 128]
    assert sizes[-1] == 240
    assert next_size(state, outcome(240), most=LARGEST).call_size == 480


def test_the_rest_of_a_block_says_nothing_about_larger_calls() -> None:
    assert next_size(Known(100), outcome(7), most=LARGEST) == Known(100)


def test_a_cut_follows_the_share_that_came_back() -> None:
    def cut(answered: int) -> int:
        return next_size(Known(200), outcome(200, answered, cause=Cause.RETRIES), most=LARGEST).call_size

    assert [cut(answered) for answered in (0, 40, 100, 160, 199)] == [50, 50, 100, 160, 175]


def test_the_rate_is_unknown_until_the_limit_was_met_twice() -> None:
    calls = [outcome(100, at=0), refused(100, at=1, pause=5)]
    assert granted_per_hour(None, calls) is None
    calls += [outcome(50, at=6), outcome(50, at=7), refused(60, at=8, pause=6)]
    # Woken at 6 s and at 14 s.
    assert granted_per_hour(None, calls) == pytest.approx(100 / 8 * 3600)
    calls += [outcome(70, at=14), refused(90, at=15, pause=7)]
    # Woken at 14 s with 60 promised and at 22 s with 90 promised; between them 70 were answered.
    assert granted_per_hour(None, calls) == pytest.approx((70 + 90 - 60) / 8 * 3600)


def test_time_without_work_and_lost_calls_are_no_measure() -> None:
    idle = [refused(100, at=0, pause=5), outcome(50, at=6), refused(60, at=900, pause=2)]
    assert granted_per_hour(None, idle) is None
    lost = [refused(100, at=0, pause=5), outcome(50, 0, at=6, cause=Cause.LOST), refused(60, at=8)]
    assert granted_per_hour(None, lost) is None
    own_pause = [refused(100, at=0, pause=5), outcome(50, at=6, pause=890), refused(60, at=900, pause=2)]
    assert granted_per_hour(None, own_pause) is not None


def test_a_few_numbers_without_an_answer_do_not_end_a_stretch() -> None:
    calls = [refused(100, at=0, pause=5), outcome(50, 49, at=6, cause=Cause.RETRIES)]
    assert granted_per_hour(1234.0, calls) == 1234.0


def test_a_limit_that_is_gone_lets_the_rate_rise_and_never_fall() -> None:
    seconds = TELLING_TIME.total_seconds()
    calls = [refused(100, at=0), *(outcome(100, at=second) for second in range(1, int(seconds) + 2))]
    assert granted_per_hour(3600.0, calls) == pytest.approx(100 * 3600, rel=0.02)
    assert granted_per_hour(1e9, calls) == 1e9


@given(st.floats(0.1, 1e7), st.lists(outcomes(), min_size=1, max_size=30), st.integers(1, LARGEST))
def test_a_pause_is_never_negative_nor_long(per_hour: float, calls: list[Outcome], size: int) -> None:
    assert timedelta(0) <= pause_after(per_hour, calls, size=size) <= LONGEST_PAUSE


def test_no_pause_while_the_rate_is_unknown_and_shorter_ones_the_more_was_granted() -> None:
    calls = [refused(10)]
    assert pause_after(None, calls, size=10) == timedelta(0)
    pauses = []
    for _ in range(60):
        calls.append(outcome(10))
        pauses.append(pause_after(3600.0, calls, size=10))
    assert pauses == sorted(pauses, reverse=True)
    assert pauses[0] > timedelta(seconds=9) and pauses[-1] < timedelta(seconds=1)


class Bucket:
    """A limit: so many numbers at most, so many more a second; asked for more, it names a wait in whole seconds.

    Where one call asks for more than it ever holds, what there is is answered and the rest comes back.
    """

    def __init__(self, rate: float, capacity: float) -> None:
        self.rate, self.capacity = rate, capacity
        self.level, self.now = capacity, 0.0

    def pass_until(self, now: float) -> None:
        self.level = min(self.capacity, self.level + max(0.0, now - self.now) * self.rate)
        self.now = max(self.now, now)

    def ask(self, size: int) -> tuple[int, int]:
        granted = size if size <= self.level else int(self.level) if size > self.capacity else 0
        self.level -= granted
        missing = min(size, self.capacity) - self.level
        return granted, 0 if granted else max(1, math.ceil(missing / self.rate))


def work(
    bucket: Bucket, *, calls: int, calls_seconds: float = 0.2, wake_seconds: float = 0.4
) -> tuple[list[Outcome], Known]:
    """An account that asks about blocks of 500 as a shift does: waits as it is told, keeps the pace it learned."""
    state, told, left = Known(), [], 500
    for _ in range(calls):
        size = min(state.call_size, left)
        began = bucket.now
        granted, wait = bucket.ask(size)
        cause = Cause.WAIT if wait else Cause.ANSWERED if granted == size else Cause.RETRIES
        told.append(outcome(size, granted, at=began, cause=cause, pause=wait))
        state = next_size(state, told[-1], most=LARGEST)
        per_hour = granted_per_hour(state.per_hour, told[-150:])
        state = Known(state.call_size, state.ceiling, per_hour)
        left = left - granted or 500
        pause = wait or pause_after(per_hour, told[-150:], size=size).total_seconds()
        told[-1] = outcome(size, granted, at=began, cause=cause, pause=math.ceil(pause))
        woken = began + pause + (wake_seconds if pause > 2 or wait else 0)
        bucket.pass_until(max(woken, began + calls_seconds))
    return told, state


def after_the_burst(told: list[Outcome]) -> list[Outcome]:
    """From the third met limit on: the full bucket of the beginning is spent."""
    met = [place for place, call in enumerate(told) if call.limited]
    return told[met[2] :]


def granted_share(told: list[Outcome], rate: float) -> float:
    """What was answered, as a share of what a bucket with this rate gained meanwhile."""
    seconds = (told[-1].at - told[0].at).total_seconds()
    return sum(call.answered for call in told[1:]) / (rate * seconds)


buckets = st.tuples(st.floats(0.2, 60), st.integers(4, 40))


@settings(max_examples=60, deadline=None)
@given(buckets)
def test_from_nothing_known_an_account_spends_nearly_all_that_a_limit_grants(
    given_bucket: tuple[float, int],
) -> None:
    rate, seconds_held = given_bucket
    capacity = max(60.0, rate * seconds_held)
    told, state = work(Bucket(rate, capacity), calls=400)
    steady = after_the_burst(told)
    assert granted_share(steady, rate) > 0.93
    assert state.per_hour == pytest.approx(rate * 3600, rel=0.15)
    # It learned to wait by itself: few of its calls are refused.
    assert sum(call.limited for call in steady) < len(steady) / 2


@pytest.mark.parametrize("change", [lambda rate: rate * 20, lambda rate: rate / 10], ids=["gone", "tighter"])
def test_a_changed_limit_is_noticed(change: Callable[[float], float]) -> None:
    bucket = Bucket(5, 100)
    work(bucket, calls=100)
    bucket.rate = rate = change(bucket.rate)
    bucket.capacity = max(100, rate * 8)
    told, _ = work(bucket, calls=400)
    assert granted_share(after_the_burst(told), rate) > 0.9


def test_without_a_limit_the_largest_calls_follow_each_other_without_a_pause() -> None:
    told, state = work(Bucket(1e9, 1e12), calls=50)
    assert (state.call_size, state.per_hour) == (LARGEST, None)
    assert all(call.pause == timedelta(0) for call in told)
