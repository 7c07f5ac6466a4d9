"""Canaries: when one is mixed in, what an account's latest answers about them say, and when a canary itself is doubted.

Some accounts are answered by Telegram as if nobody could be found, without any error: what they call "not found" proves
nothing. A number that is known to be on Telegram shows it, mixed in among the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# One canary for so many numbers at the most: 2 % of what an account may ask.
NUMBERS_PER_CANARY = 50

# An account that has not seen one for so long sees one in its next call, however small: four numbers a day.
FRESH_FOR = timedelta(hours=6)

# How far back answers are taken back at the most. With FRESH_FOR that is long; it bounds what one bad hour can undo.
HORIZON = timedelta(hours=24)

# A few dozen are enough for rotation; each costs a look at every call.
MOST_CANARIES = 48

# After a miss an account rests, twice as long after each further one, and is then tried with a canary alone.
FIRST_REST = timedelta(hours=1)
LONGEST_REST = timedelta(hours=24)

# So many accounts that miss the same canary, and nobody who sees it in between, speak against the canary.
ACCOUNTS_AGAINST_A_CANARY = 2


@dataclass(frozen=True, slots=True)
class Told:
    """What an answered call said: `seen` is None where it held no canary, or Telegram said nothing about it."""

    call_id: int
    size: int
    seen: bool | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Trust:
    """How far an account may be believed.

    `misses` in a row, the latest first; `since_call` is the call in which it last saw a canary (0: none);
    `asked_since` how many numbers it asked about since then, None where that is too long ago to count.
    """

    misses: int
    since_call: int
    asked_since: int | None

    @property
    def distrusted(self) -> bool:
        """Its latest canary was missed: it asks about nobody's numbers until it has seen one."""
        return self.misses > 0


def trust(told: Iterable[Told], *, now: datetime) -> Trust:
    """Judge an account by its answered calls, the newest first."""
    misses = asked = 0
    for call in told:
        if call.seen:
            return Trust(misses, call.call_id, asked if now - call.at <= FRESH_FOR else None)
        misses += call.seen is False
        asked += call.size
    return Trust(misses, 0, None)


def is_due(*, size: int, asked_since: int | None) -> bool:
    """Whether a call about `size` numbers carries a canary: every large one does, smaller ones taken together."""
    return asked_since is None or asked_since + size >= NUMBERS_PER_CANARY


def rest_after(misses: int) -> timedelta:
    """How long an account rests after its `misses`-th miss in a row (1, 2, …)."""
    return min(LONGEST_REST, FIRST_REST * (1 << min(misses - 1, 10)))


def is_doubtful(accounts_that_missed: int) -> bool:
    """Whether a canary that so many accounts have missed since anybody saw it says nothing any more."""
    return accounts_that_missed >= ACCOUNTS_AGAINST_A_CANARY
