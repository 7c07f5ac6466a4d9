"""When numbers are asked again, when accounts rest, and what becomes of a block: the pure rules."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.rules.asking import (
    MOST_FAILURES,
    MOST_TRIES,
    Unanswered,
    delay_after,
    delay_after_failure,
    rest_after_retries,
)
from pult.modules.checks.rules.blocks import BLOCK_SIZE, block_sizes
from pult.modules.checks.rules.settling import Counts, Standing, Wait, settle

SOON = datetime(2026, 3, 1, tzinfo=UTC)
small = st.integers(0, 500)
standings = st.sampled_from(Standing)
counts = st.builds(
    Counts,
    found=small,
    not_found=small,
    unanswered=small,
    due=small,
    asked=small,
    later=small,
    next_at=st.just(SOON),
    naming=st.booleans(),
)
waits = st.none() | st.just(Wait(SOON, "account_rests"))


@given(st.integers(0, 3_000_000))
def test_blocks_hold_every_number_once_and_never_more_than_five_hundred(count: int) -> None:
    sizes = block_sizes(count)
    assert sum(sizes) == count
    assert all(1 <= size <= BLOCK_SIZE for size in sizes)
    assert all(size == BLOCK_SIZE for size in sizes[:-1])


@pytest.mark.parametrize("reason", [Unanswered.LIMIT, Unanswered.NO_ANSWER])
def test_delays_grow_and_end(reason: Unanswered) -> None:
    delays = [delay_after(reason, tries) for tries in range(1, MOST_TRIES)]
    assert None not in delays
    assert delays == sorted(delays, key=lambda delay: delay or timedelta.max)
    assert delay_after(reason, MOST_TRIES) is None
    assert delay_after(reason, MOST_TRIES + 100) is None


def test_an_error_of_ours_is_not_asked_again_by_itself() -> None:
    assert delay_after(Unanswered.FAILED, 1) is None


@given(st.integers(1, 500), st.integers(0, 500))
def test_only_a_whole_call_in_retry_contacts_makes_the_account_rest(size: int, retried: int) -> None:
    rest = rest_after_retries(size=size, retried=min(retried, size))
    assert (rest == timedelta(hours=1)) == (size >= 5 and retried >= size)
    if retried * 2 <= size:
        assert rest is None


def test_a_failing_block_waits_longer_each_time_and_is_given_up() -> None:
    delays = [delay_after_failure(failures) for failures in range(1, MOST_FAILURES)]
    assert all(later > earlier for earlier, later in pairwise(delays) if earlier and later)
    assert delay_after_failure(MOST_FAILURES) is None


@given(standings, counts, st.booleans(), st.booleans(), waits)
def test_a_block_is_done_only_when_nothing_is_due_asked_or_later(
    state: Standing, numbers: Counts, running: bool, let_go: bool, wait: Wait | None
) -> None:
    settled = settle(state=state, counts=numbers, running=running, let_go=let_go, wait=wait)
    nothing_left = not (numbers.due or numbers.asked or numbers.later or (numbers.naming and not let_go))
    if state is Standing.CANCELLED:
        assert settled.state is Standing.CANCELLED
    else:
        assert (settled.state is Standing.DONE) == nothing_left


@given(standings, counts, st.booleans(), waits)
def test_a_block_with_a_call_under_way_is_never_let_go(
    state: Standing, numbers: Counts, running: bool, wait: Wait | None
) -> None:
    settled = settle(state=state, counts=numbers, running=running, let_go=True, wait=wait)
    if numbers.asked and state is not Standing.CANCELLED:
        assert settled.state is Standing.WORKING


@given(standings, counts)
def test_a_block_of_a_paused_check_is_not_worked_on_any_further(state: Standing, numbers: Counts) -> None:
    settled = settle(state=state, counts=numbers, running=False)
    if not numbers.asked and not numbers.naming and numbers.due and state is not Standing.CANCELLED:
        assert settled.state is Standing.WAITING


@given(counts)
def test_a_block_without_due_numbers_waits_until_the_first_comes_again(numbers: Counts) -> None:
    settled = settle(state=Standing.WORKING, counts=numbers, running=True)
    if numbers.later and not (numbers.due or numbers.asked or numbers.naming):
        assert settled.wait == Wait(SOON, "asked_later")
