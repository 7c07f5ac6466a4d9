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
    """How many numbers of a block stand how.

    `due` may be asked now, `asked` are in a call, `later` come again from `next_at` on. `naming`: a call was answered
    and its contacts are being removed, which also brings the names that people gave themselves.
    """

    found: int = 0
    not_found: int = 0
    unanswered: int = 0
    due: int = 0
    asked: int = 0
    later: int = 0
    next_at: datetime | None = None
    naming: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a block waits, and why (a wait reason of Block)."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What the block becomes; while it is working its account goes on with it."""

    state: Standing
    wait: Wait | None = None


def settle(
    *, state: Standing, counts: Counts, running: bool, let_go: bool = False, wait: Wait | None = None
) -> Settled:
    """Decide a block's state. `running`: its check runs. `let_go`: its account cannot go on; `wait`: for how long.

    A block is done when every number has its verdict or stays unanswered for good. It waits until the first number
    that comes again when none is due. A block with a call under way is never let go, nor is a cancelled one revived.
    Names that an account still has to bring keep its own block only: one that nobody holds would wait for nobody.
    """
    if state is Standing.CANCELLED:
        return Settled(state)
    if counts.asked or (counts.naming and state is Standing.WORKING and not let_go):
        return Settled(Standing.WORKING)
    if counts.due:
        goes_on = state is Standing.WORKING and running and not let_go
        return Settled(Standing.WORKING) if goes_on else Settled(Standing.WAITING, wait)
    if counts.later and counts.next_at is not None:
        return Settled(Standing.WAITING, Wait(counts.next_at, "asked_later"))
    return Settled(Standing.DONE)
