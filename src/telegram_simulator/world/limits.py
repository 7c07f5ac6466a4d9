"""How often an account may do what: token buckets, announced waits, and who disregards them."""

import math
import sqlite3
from dataclasses import dataclass, fields
from typing import Any

# A client that waits exactly as long as it was told may arrive a little early by rounding of timers.
GRACE = 0.05
# Clock readings of today have steps of a quarter of a microsecond: so little may be missing from an amount.
HAIR = 1e-3
# What a bucket that never refills announces, in seconds.
LONGEST_WAIT = 86_400


class UnableToSetLimits(ValueError):
    """The message names the limit and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket of at most `capacity` tokens that gains `per_second`; an action takes one or more."""

    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one account. The defaults are generous; Telegram publishes none of the real ones."""

    contacts: Limit = Limit(2000, 20)  # phone numbers in importContacts
    requests: Limit = Limit(300, 60)  # requests of any kind
    resolve: Limit = Limit(50, 1)  # resolvePhone and resolveUsername
    send: Limit = Limit(30, 1)  # messages, all chats together
    chat: Limit = Limit(5, 0.5)  # messages to one chat
    strangers: Limit = Limit(
        10, 0.001
    )  # first messages to people who don't know the account: then PEER_FLOOD
    codes: Limit = Limit(20, 0.05)  # login codes sent to the phone: then PHONE_NUMBER_FLOOD

    def as_json(self) -> dict[str, dict[str, float]]:
        return {
            f.name: {
                "capacity": getattr(self, f.name).capacity,
                "per_second": getattr(self, f.name).per_second,
            }
            for f in fields(self)
        }


def limits_from(wishes: Any, base: Limits | None = None) -> Limits:
    """`base` (or the defaults) with the given ones replaced: {"contacts": {"capacity": 500, "per_second": 2}}."""
    base = base or Limits()
    if not isinstance(wishes, dict):
        raise UnableToSetLimits(
            'Limits are an object such as {"contacts": {"capacity": 500, "per_second": 2}}.'
        )
    chosen = {f.name: getattr(base, f.name) for f in fields(Limits)}
    for name, wish in wishes.items():
        if name not in chosen:
            raise UnableToSetLimits(f"There is no limit {name!r}; there are {', '.join(chosen)}.")
        if not isinstance(wish, dict) or set(wish) - {"capacity", "per_second"}:
            raise UnableToSetLimits(f"The limit {name} takes capacity and per_second.")
        numbers = {"capacity": chosen[name].capacity, "per_second": chosen[name].per_second, **wish}
        for part, number in numbers.items():
            if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1e12:
                raise UnableToSetLimits(f"{part} of {name} must be a number of at least 0.")
        chosen[name] = Limit(float(numbers["capacity"]), float(numbers["per_second"]))
    return Limits(**chosen)


@dataclass(slots=True)
class Bucket:
    level: float
    at: float

    def fill(self, limit: Limit, now: float) -> None:
        self.level = min(limit.capacity, self.level + max(0.0, now - self.at) * limit.per_second)
        self.at = max(self.at, now)

    def seconds_until(self, amount: float, limit: Limit) -> int:
        """Whole seconds, at least 1, until `amount` can be taken (or the bucket is full)."""
        missing = min(amount, limit.capacity) - self.level - HAIR
        if limit.per_second <= 0:
            return LONGEST_WAIT
        return min(LONGEST_WAIT, max(1, math.ceil(missing / limit.per_second)))


class Buckets:
    """The levels of all buckets and all announced waits, in memory and written down about every second.

    A subject is an account's phone, or phone and chat for the limit on one chat.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._buckets = {
            (row["subject"], row["kind"]): Bucket(row["level"], row["at"])
            for row in connection.execute("SELECT * FROM buckets")
        }
        self._waits = {
            (row["subject"], row["method"]): float(row["until"])
            for row in connection.execute("SELECT * FROM waits")
        }
        self._announced_at: dict[tuple[str, str], float] = {}
        self._changed: set[tuple[str, str]] = set()
        self._changed_waits: set[tuple[str, str]] = set()

    def take(self, subject: str, kind: str, limit: Limit, amount: float, now: float) -> int:
        """Take `amount` tokens, all or nothing. Returns 0, or the whole seconds to wait before trying again."""
        wait = self.wait_for(subject, kind, limit, amount, now)
        if not wait:
            self._buckets[subject, kind].level -= amount
            self._changed.add((subject, kind))
        return wait

    def wait_for(self, subject: str, kind: str, limit: Limit, amount: float, now: float) -> int:
        """Whole seconds until `amount` tokens could be taken; 0 when they are there. Takes nothing."""
        bucket = self._bucket(subject, kind, limit, now)
        return bucket.seconds_until(amount, limit) if bucket.level + HAIR < amount else 0

    def take_up_to(self, subject: str, kind: str, limit: Limit, amount: int, now: float) -> tuple[int, int]:
        """Take what there is of an amount that can never be there at once. (granted, seconds to wait)."""
        bucket = self._bucket(subject, kind, limit, now)
        granted = min(amount, int(bucket.level + HAIR))
        if granted == 0:
            return 0, bucket.seconds_until(amount, limit)
        bucket.level -= granted
        self._changed.add((subject, kind))
        return granted, 0

    def refill(self, subject: str) -> None:
        """Start full again, with no wait announced: after limits were set anew."""
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if not _belongs(key[0], subject)
        }
        self._waits = {key: until for key, until in self._waits.items() if not _belongs(key[0], subject)}
        for table in ("buckets", "waits"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE subject = ? OR subject LIKE ?",  # noqa: S608
                (subject, f"{subject}/%"),
            )

    def announce(self, subject: str, method: str, seconds: float, now: float) -> None:
        self._waits[subject, method] = now + seconds
        self._announced_at[subject, method] = now
        self._changed_waits.add((subject, method))

    def waiting(self, subject: str, method: str, now: float) -> int:
        """Whole seconds that an announced wait for this method still lasts; 0 when there is none."""
        until = self._waits.get((subject, method), 0.0)
        return max(1, math.ceil(until - now)) if now < until - GRACE else 0

    def announced_lately(self, subject: str, method: str, now: float, within: float) -> bool:
        """Whether the wait was announced so shortly before that other requests were on their way already."""
        return now - self._announced_at.get((subject, method), 0.0) < within

    def waits(self, subject: str, now: float) -> dict[str, float]:
        """Method → when its wait ends, for the waits that still last."""
        return {
            method: until for (who, method), until in self._waits.items() if who == subject and until > now
        }

    def level(self, subject: str, kind: str, limit: Limit, now: float) -> float:
        return self._bucket(subject, kind, limit, now).level

    def flush(self) -> None:
        """Write down what has changed. The caller opens the transaction."""
        rows = [(*key, b.level, b.at) for key in self._changed if (b := self._buckets.get(key))]
        self._connection.executemany("INSERT OR REPLACE INTO buckets VALUES (?,?,?,?)", rows)
        waits = [(*key, self._waits[key]) for key in self._changed_waits if key in self._waits]
        self._connection.executemany("INSERT OR REPLACE INTO waits VALUES (?,?,?)", waits)
        self._changed.clear()
        self._changed_waits.clear()

    @property
    def changed(self) -> bool:
        return bool(self._changed or self._changed_waits)

    def _bucket(self, subject: str, kind: str, limit: Limit, now: float) -> Bucket:
        bucket = self._buckets.setdefault((subject, kind), Bucket(limit.capacity, now))
        bucket.fill(limit, now)
        return bucket


def _belongs(subject: str, account: str) -> bool:
    return subject == account or subject.startswith(account + "/")
