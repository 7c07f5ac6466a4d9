"""What an account learns from its calls: how many numbers to ask about at once, and how many an hour are granted.

Telegram publishes no limits (TELEGRAM.md): 500 at once is a ceiling and no safe start, users report 5 to 200 before
long waits. So the size of calls grows the way TCP's window does (slow start, then careful growth, a cut where the limit
is met), and the rate is measured between moments at which the limit was met: only there nothing is left over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pult.core.telegram.values import Cause

LARGEST = 500
START = 20
FLOOR = 5
# Growth near the size at which the limit was met: so many careful steps lead from nothing to it.
CAREFUL_STEPS = 10
# Once it has grown so far beyond, that limit is a thing of the past, and growth is quick again.
FORGET_BEYOND = 1.5
CUT_AFTER_WAIT = 0.5
LEAST_CUT, MOST_CUT = 0.875, 0.25
# Smaller calls prove nothing about a limit.
TELLING_SIZE = 5

# Over so many stretches between met limits the rate is measured.
STRETCHES = 8
# A pause longer than it had to be means that there was nothing to do: what piled up meanwhile is no rate.
SLACK, SLACK_SHARE = timedelta(seconds=5), 0.25
# Without meeting a limit for so long, what was answered is a rate that Telegram grants.
TELLING_TIME = timedelta(minutes=5)
# Calls that are granted in a row follow each other sooner and sooner: a limit that is gone is noticed soon, and so is
# a rate that was measured too low.
PROBE = 1.03
MOST_PROBES = 30
LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known: the size of the next call, the size at which the limit was met last, numbers granted an hour."""

    call_size: int = START
    ceiling: int | None = None
    per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call went; `pause` is how long the account waits after `at`, told by Telegram or by itself."""

    at: datetime
    asked: int
    answered: int
    cause: Cause
    pause: timedelta = timedelta(0)

    @property
    def limited(self) -> bool:
        """Whether it met the limit: a wait, or most of it cut off. A few numbers without an answer prove nothing."""
        if self.cause is Cause.WAIT:
            return True
        return self.cause is Cause.RETRIES and self.asked >= TELLING_SIZE and self.answered * 2 < self.asked


def next_size(known: Known, outcome: Outcome, *, most: int) -> Known:
    """The size after a call, between FLOOR (or `most`, where that is less) and `most`, with the ceiling it met.

    It grows after a whole call was answered, and is cut after a wait (to half) or by the share that came back. A call
    without any answer proves nothing, nor does a small rest of a block that went well.
    """
    size, ceiling = min(known.call_size, most), known.ceiling
    if outcome.cause is Cause.WAIT:
        size, ceiling = int(size * CUT_AFTER_WAIT), size
    elif outcome.cause is Cause.RETRIES:
        share = outcome.answered / outcome.asked if outcome.asked else 0.0
        size, ceiling = int(size * min(LEAST_CUT, max(MOST_CUT, share))), size
    elif outcome.cause is Cause.ANSWERED and outcome.asked >= size:
        size = _grown(size, ceiling)
        if ceiling is not None and size >= ceiling * FORGET_BEYOND:
            ceiling = None
    return Known(max(min(FLOOR, most), min(size, most)), ceiling, known.per_hour)


def _grown(size: int, ceiling: int | None) -> int:
    if ceiling is None or size * 4 <= ceiling:
        return size * 2
    return size + max(1, ceiling // CAREFUL_STEPS)


def granted_per_hour(per_hour: float | None, outcomes: Sequence[Outcome]) -> float | None:
    """Numbers granted an hour, after the last of `outcomes` (the account's latest calls, oldest first).

    Measured over the latest stretches from one met limit to the next, waits included; None while there is none. What
    a wait promises (the numbers that were refused) counts to the stretch that ends with it; the first wait of all may
    promise more than it keeps, because quick growth goes too far. Where no limit is met for TELLING_TIME the rate can
    only rise. An idle gap or a lost call ends what can be measured.
    """
    run = _run(outcomes)
    met = [place for place, outcome in enumerate(run) if outcome.limited]
    if run and run[-1].limited and len(met) > 1:
        return _rate(run[met[0] :]) if len(met) == 2 else _rate(run[met[1] :], promised=True)
    since = run[met[-1] if met else 0 :]
    if per_hour is not None and since and since[-1].at - since[0].at >= TELLING_TIME:
        return max(per_hour, _rate(since) or 0.0)
    return per_hour


def _rate(run: Sequence[Outcome], *, promised: bool = False) -> float | None:
    """Numbers answered an hour after the first of them, from the end of its pause to that of the last one."""
    first, last = run[0], run[-1]
    hours = (last.at + last.pause - first.at - first.pause) / timedelta(hours=1)
    granted = sum(outcome.answered for outcome in run[1:])
    if promised:
        granted += _promise(last) - _promise(first)
    return granted / hours if hours > 0 and granted > 0 else None


def _promise(outcome: Outcome) -> int:
    return outcome.asked - outcome.answered if outcome.cause is Cause.WAIT else 0


def _run(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The latest calls without an idle gap or a lost one, back to the limit that was met STRETCHES before."""
    run: list[Outcome] = []
    met = 0
    for outcome in reversed(outcomes):
        if outcome.cause is Cause.LOST or (run and _idle(outcome, run[-1])):
            break
        run.append(outcome)
        met += outcome.limited
        if met > STRETCHES:
            break
    return run[::-1]


def _idle(before: Outcome, after: Outcome) -> bool:
    return after.at - before.at > before.pause * (1 + SLACK_SHARE) + SLACK


def pause_after(per_hour: float | None, outcomes: Sequence[Outcome], *, size: int) -> timedelta:
    """How long after its start a call of `outcomes[-1]` should be followed by one of `size` numbers.

    Nothing while the rate is unknown. The more calls were granted since the limit was met, the shorter: the rate is
    tried again and again, first a little above what is known, then boldly.
    """
    if not per_hour:
        return timedelta(0)
    granted = 0
    for outcome in reversed(outcomes):
        if outcome.limited:
            break
        granted += 1
    granted = min(granted, MOST_PROBES)
    seconds = size * 3600 / per_hour / PROBE ** (granted * (granted + 1) / 2)
    return min(LONGEST_PAUSE, timedelta(seconds=seconds))
