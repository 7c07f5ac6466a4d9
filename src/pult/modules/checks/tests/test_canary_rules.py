"""When a canary is mixed in, and whom to believe."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.rules.canaries import (
    FRESH_FOR,
    LONGEST_REST,
    NUMBERS_PER_CANARY,
    Told,
    Trust,
    is_doubtful,
    is_due,
    rest_after,
    trust,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def told(*calls: tuple[int, bool | None]) -> list[Told]:
    """Calls of these sizes and sightings, the newest first, a minute apart."""
    return [
        Told(len(calls) - place, size, seen, NOW - timedelta(minutes=place))
        for place, (size, seen) in enumerate(calls)
    ]


@given(st.lists(st.integers(1, 499), min_size=1, max_size=300))
def test_canaries_cost_two_in_a_hundred_at_most_and_none_is_missing_for_long(sizes: list[int]) -> None:
    since: int | None = None
    canaries = unwatched = 0
    for size in sizes:
        if is_due(size=size, asked_since=since):
            canaries, since, unwatched = canaries + 1, 0, 0
        else:
            since = (since or 0) + size
            unwatched += size
        assert unwatched < NUMBERS_PER_CANARY
    assert canaries <= 1 + sum(sizes) / NUMBERS_PER_CANARY


def test_an_account_is_believed_from_the_call_on_in_which_it_last_saw_a_canary() -> None:
    assert trust(told((10, None), (20, None), (100, True), (5, False)), now=NOW) == Trust(0, 2, 30)
    assert not trust(told((100, True), (100, False)), now=NOW).distrusted


def test_a_canary_missed_since_then_makes_it_distrusted_and_misses_in_a_row_are_counted() -> None:
    judged = trust(told((10, False), (20, None), (30, False), (100, True), (9, False)), now=NOW)
    assert (judged.distrusted, judged.misses, judged.since_call) == (True, 2, 2)


def test_what_telegram_left_unanswered_about_a_canary_says_nothing() -> None:
    assert trust(told((10, None)), now=NOW) == Trust(0, 0, None)


def test_a_sighting_of_long_ago_wants_a_new_one_in_the_very_next_call() -> None:
    old = [Told(1, 10, True, NOW - FRESH_FOR - timedelta(seconds=1))]
    assert trust(old, now=NOW) == Trust(0, 1, None)
    assert is_due(size=1, asked_since=None)


def test_rests_grow_up_to_a_day() -> None:
    assert [rest_after(misses) for misses in (1, 2, 3)] == [timedelta(hours=hours) for hours in (1, 2, 4)]
    assert rest_after(6) == rest_after(10_000) == LONGEST_REST


def test_two_accounts_speak_against_a_canary_one_does_not() -> None:
    assert not is_doubtful(1)
    assert is_doubtful(2)
