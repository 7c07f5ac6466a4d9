"""What each account has asked for, what it was granted, and what it did wrong. Written down each second."""

import sqlite3
from collections import defaultdict
from typing import Any

NOBODY = ""  # requests of clients that are not signed in


class Counters:
    """Names: `requests:<method>`, `granted`, `answered_waits`, `limit_met`, `errors:<message>`, `violations:<kind>`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._values: defaultdict[tuple[str, str], int] = defaultdict(int)
        for row in connection.execute("SELECT * FROM counters"):
            self._values[row["phone"], row["name"]] = row["value"]
        row = connection.execute("SELECT value FROM facts WHERE name = 'counters_reset_at'").fetchone()
        self.reset_at = float(row["value"])
        self._changed: set[tuple[str, str]] = set()

    def add(self, phone: str | None, name: str, amount: int = 1) -> None:
        key = (phone or NOBODY, name)
        self._values[key] += amount
        self._changed.add(key)

    def of(self, phone: str) -> dict[str, Any]:
        """{"requests": {method: n}, "numbers_granted": n, "waits_answered": n, "errors": {…}, "violations": {…}}"""
        groups: dict[str, dict[str, int]] = {"requests": {}, "errors": {}, "violations": {}}
        plain = {"granted": 0, "answered_waits": 0, "limit_met": 0}
        for (who, name), value in self._values.items():
            if who != phone:
                continue
            group, colon, rest = name.partition(":")
            if colon:
                groups[group][rest] = value
            else:
                plain[name] = value
        return {
            "requests": dict(sorted(groups["requests"].items())),
            "requests_total": sum(groups["requests"].values()),
            "numbers_granted": plain["granted"],
            "waits_answered": plain["answered_waits"],
            "limit_met": plain["limit_met"],
            "errors": groups["errors"],
            "violations": groups["violations"],
            "violations_total": sum(groups["violations"].values()),
        }

    def reset(self, now: float) -> None:
        self._values.clear()
        self._changed.clear()
        self.reset_at = now
        self._connection.execute("DELETE FROM counters")
        self._connection.execute("UPDATE facts SET value = ? WHERE name = 'counters_reset_at'", (str(now),))

    @property
    def changed(self) -> bool:
        return bool(self._changed)

    def flush(self) -> None:
        """Write down what has changed. The caller opens the transaction."""
        rows = [(phone, name, self._values[phone, name]) for phone, name in self._changed]
        self._connection.executemany("INSERT OR REPLACE INTO counters VALUES (?,?,?)", rows)
        self._changed.clear()
