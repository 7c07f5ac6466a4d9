"""Taps on inline buttons that wait for the bot to answer them."""

import secrets
import sqlite3
from dataclasses import dataclass

LIFETIME = 30.0  # seconds in which a bot may answer; Telegram publishes no figure


@dataclass(frozen=True, slots=True)
class Callback:
    id: str
    bot_id: int
    person_id: int
    uid: int
    data: str
    created_at: float
    expires_at: float
    answered_at: float | None
    text: str | None
    alert: bool
    url: str | None
    cache_until: float | None


class Callbacks:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create(self, *, bot_id: int, person_id: int, uid: int, data: str, now: float) -> Callback:
        callback_id = str(secrets.randbits(62) + 2**62)
        self._connection.execute("DELETE FROM callbacks WHERE created_at < ?", (now - 24 * 3600,))
        self._connection.execute(
            "INSERT INTO callbacks (id, bot_id, person_id, uid, data, created_at, expires_at)"
            " VALUES (?,?,?,?,?,?,?)",
            (callback_id, bot_id, person_id, uid, data, now, now + LIFETIME),
        )
        return self.must(callback_id)

    def get(self, callback_id: str) -> Callback | None:
        row = self._connection.execute("SELECT * FROM callbacks WHERE id = ?", (callback_id,)).fetchone()
        return None if row is None else _callback(row)

    def must(self, callback_id: str) -> Callback:
        callback = self.get(callback_id)
        if callback is None:
            raise LookupError("there is no such tap")
        return callback

    def answer(
        self, callback_id: str, *, text: str | None, alert: bool, url: str | None, cache_time: int, now: float
    ) -> Callback:  # fmt: skip
        self._connection.execute(
            "UPDATE callbacks SET answered_at = ?, text = ?, alert = ?, url = ?, cache_until = ? WHERE id = ?",
            (now, text, alert, url, now + cache_time if cache_time else None, callback_id),
        )
        return self.must(callback_id)

    def expire(self, callback_id: str, now: float) -> None:
        self._connection.execute("UPDATE callbacks SET expires_at = ? WHERE id = ?", (now, callback_id))


def _callback(row: sqlite3.Row) -> Callback:
    return Callback(
        row["id"], row["bot_id"], row["person_id"], row["uid"], row["data"], row["created_at"], row["expires_at"],
        row["answered_at"], row["text"], bool(row["alert"]), row["url"], row["cache_until"],
    )  # fmt: skip
