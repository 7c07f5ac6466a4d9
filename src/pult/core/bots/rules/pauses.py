"""How long to wait before a call that failed is tried again."""

from datetime import timedelta

FIRST_SECONDS = 1.0
# For one message that fails while others arrive, and for the whole bot while nothing does.
LONGEST_FOR_ONE, LONGEST_FOR_ALL = 120.0, 20.0
# A message that failed so often while others arrived is at fault itself.
MOST_TRIES = 8


def pause_of_call(tries: int, share: float) -> timedelta:
    """Before the next try of one call; `share` from 0 to 1 is the dice that keeps many from coming back at once."""
    return timedelta(seconds=_doubled(tries, LONGEST_FOR_ONE) * (0.5 + share / 2))


def pause_of_bot(failures: int, share: float) -> float:
    """Seconds in which nothing is sent after so many failures in a row."""
    return _doubled(failures, LONGEST_FOR_ALL) * (0.5 + share / 2)


def _doubled(times: int, most: float) -> float:
    return min(most, FIRST_SECONDS * 2 ** min(times - 1, 20)) if times > 0 else 0.0
