"""How long the rest of a check takes, from what its accounts have learned: pure arithmetic on rates."""

from collections.abc import Iterable
from dataclasses import dataclass

SECONDS_AN_HOUR = 3600
# Beyond this nobody plans: a rate so low says "not in sight".
LONGEST = 366 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one account brings to a check: numbers a second (None: unknown yet), from so many seconds on."""

    rate: float | None
    wakes_in: float = 0.0


def share_of(per_hour: float | None, *, people: int, checks: int, wakes_in: float = 0.0) -> Share:
    """An account's learned rate, divided among so many people in turns, and then among that person's checks."""
    turns = max(1, people) * max(1, checks)
    rate = per_hour / SECONDS_AN_HOUR / turns if per_hour else None
    return Share(rate, max(0.0, wakes_in))


def seconds_left(numbers: int, shares: Iterable[Share], *, measured: float | None = None) -> float | None:
    """How long `numbers` take: by the learned rates, resting accounts counted from when they wake.

    Where nothing is learned it is the `measured` speed (numbers a second of the last minutes) that counts, and where
    some accounts have not learned yet, whichever is sooner. None: unknown. At most LONGEST.
    """
    if numbers <= 0:
        return 0.0
    known = list(shares)
    learned = _with(numbers, known)
    by_speed = numbers / measured if measured else None
    if learned is not None and by_speed is not None and any(share.rate is None for share in known):
        learned = min(learned, by_speed)
    seconds = learned if learned is not None else by_speed
    return None if seconds is None else min(LONGEST, seconds)


def _with(numbers: float, shares: Iterable[Share]) -> float | None:
    """Account after account wakes; between two of them the sum of those awake works the numbers off."""
    waking = sorted((share.wakes_in, share.rate) for share in shares if share.rate)
    if not waking:
        return None
    now, rate, left = 0.0, 0.0, float(numbers)
    for wakes_in, more in waking:
        if rate * (wakes_in - now) >= left:
            break
        left -= rate * (wakes_in - now)
        now, rate = wakes_in, rate + more
    return now + left / rate
