"""How long something is kept: numbers of days, their limits, and the end that follows from them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FEWEST_DIGITS, MOST_DIGITS = (
    8,
    15,
)  # E.164 allows fifteen; nobody's whole number with its country has fewer than eight
SUGGESTED_DAYS = (7, 30, 90, 365)
UNTIL_REMOVED = 0
"""Instead of a number of days: kept until a person removes it."""
LONGEST_DAYS = 3650
ANNOUNCED = timedelta(days=3)
"""How long beforehand people are told that something of theirs will be erased."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long something is kept: in days unless said otherwise, at most, and whether it may stay until removed."""

    default_days: int
    most_days: int
    may_stay: bool

    def allows(self, days: int) -> bool:
        """Whether something may be kept for so many days (UNTIL_REMOVED: for as long as a person likes)."""
        return self.may_stay if days == UNTIL_REMOVED else 1 <= days <= self.most_days

    def nearest(self, days: int | None) -> int:
        """The wish as far as it is allowed; without a wish the usual number of days."""
        if days is None:
            return self.default_days
        if self.allows(days):
            return days
        return self.most_days if days == UNTIL_REMOVED or days > self.most_days else self.default_days

    def suggestions(self) -> list[int]:
        """Numbers of days to offer, ascending: the usual ones within the limit, the default and the limit."""
        usual = {days for days in SUGGESTED_DAYS if days <= self.most_days}
        return sorted(usual | {self.default_days, self.most_days})


def end_of(days: int, *, since: datetime) -> datetime | None:
    """When something kept for so many days since a moment is erased; None for UNTIL_REMOVED."""
    return None if days == UNTIL_REMOVED else since + timedelta(days=days)
