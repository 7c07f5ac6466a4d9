"""Queries of Mini Apps: a person has opened one, and its bot may once write a message in their name."""

import base64
import hashlib
import sqlite3

LIFETIME = 3600.0  # seconds; Telegram publishes no figure


class AppQueries:
    """A query's id carries what it is about and is signed, so nothing is written down until it is answered."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        row = connection.execute("SELECT value FROM facts WHERE name = 'access_secret'").fetchone()
        self._secret = bytes.fromhex(row["value"])

    def new(self, *, bot_id: int, person_id: int, now: float) -> str:
        about = f"{bot_id}:{person_id}:{int(now * 1000)}"
        return base64.urlsafe_b64encode(f"{about}:{self._signature(about)}".encode()).decode().rstrip("=")

    def person_of(self, query_id: str, *, bot_id: int, now: float) -> int | None:
        """Who has opened the app; None for a query that is wrong, too old, another bot's or answered already."""
        try:
            text = base64.urlsafe_b64decode(query_id + "=" * (-len(query_id) % 4)).decode()
        except ValueError:
            return None
        about, _, signature = text.rpartition(":")
        if signature != self._signature(about):
            return None
        bot, person, at = (int(part) for part in about.split(":"))
        known = self._connection.execute("SELECT 1 FROM facts WHERE name = ?", (f"app {about}",)).fetchone()
        return person if bot == bot_id and at / 1000 > now - LIFETIME and known is None else None

    def close(self, query_id: str) -> None:
        """Answered: it cannot be answered again."""
        about = base64.urlsafe_b64decode(query_id + "=" * (-len(query_id) % 4)).decode().rpartition(":")[0]
        self._connection.execute("INSERT OR IGNORE INTO facts VALUES (?, '')", (f"app {about}",))

    def _signature(self, about: str) -> str:
        return hashlib.blake2b(f"app:{about}".encode(), key=self._secret, digest_size=16).hexdigest()
