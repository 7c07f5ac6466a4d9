"""What becomes of a block after something happened to its numbers: a pure decision on their counts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """The states of a block."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many numbers of a block stand how. `due` may be asked now, `asked` are in a call, `later` come at `next_at`."""

    found: int
    not_found: int
    unanswered: int
    due: int
    asked: int
    later: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a block waits, and why."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What the block becomes; `held` says that its account goes on with it."""

    state: Standing
    held: bool
    wait: Wait | None


def settle(*, state: Standing, counts: Counts, running: bool, wait: Wait | None) -> Settled:
    """Decide a block's state. `running`: its check runs. `wait`: a wait that just became necessary for its due numbers.

    A block is done when every number has its verdict or stays unanswered for good. It waits until the first number
    that comes again when none is due. A block with a call under way is never let go.
    """
    if state is Standing.CANCELLED:
        return Settled(state, held=False, wait=None)
    if counts.asked:
        return Settled(Standing.WORKING, held=True, wait=None)
    if counts.due:
        held = running and wait is None and state is Standing.WORKING
        return Settled(Standing.WORKING if held else Standing.WAITING, held=held, wait=wait)
    if counts.later and counts.next_at is not None:
        return Settled(Standing.WAITING, held=False, wait=Wait(counts.next_at, "asked_later"))
    return Settled(Standing.DONE, held=False, wait=None)
