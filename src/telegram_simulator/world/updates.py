"""What waits for each bot to be fetched or delivered, in the order in which it happened."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KEPT_FOR = 24 * 3600  # seconds; Telegram forgets what a bot did not fetch for a day
# What somebody is waiting at loses its sense sooner.
QUESTIONS = ("callback_query", "pre_checkout_query", "shipping_query", "inline_query")
QUESTIONS_KEPT_FOR = 150
# Only sent to bots that name them in allowed_updates.
ONLY_WHEN_NAMED = ("chat_member", "message_reaction", "message_reaction_count")
KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request",
    "chat_boost", "removed_chat_boost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """`payload` is the JSON of the update without its update_id: {"message": {…}}."""

    update_id: int
    kind: str
    lane: int
    payload: str
    created_at: float

    def as_text(self) -> str:
        """The Update as the Bot API sends it."""
        return f'{{"update_id":{self.update_id},{self.payload[1:]}'


class BotUpdates:
    """Who wants to hear at once that something waits enters itself into `on_queued`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.on_queued: list[Callable[[int], None]] = []

    def queue(self, bot_id: int, kind: str, content: Any, *, lane: int, now: float) -> int:
        """Put one update into the queue, within the caller's transaction; returns its update_id.

        Whether the bot wants this kind is for the caller to ask. `lane`: the chat that it belongs to.
        """
        row = self._connection.execute(
            "UPDATE bots SET last_update_id = last_update_id + 1 WHERE person_id = ? RETURNING last_update_id",
            (bot_id,),
        ).fetchone()
        payload = json.dumps({kind: content}, ensure_ascii=False, separators=(",", ":"))
        self._connection.execute(
            "INSERT INTO bot_updates VALUES (?,?,?,?,?,?)",
            (bot_id, row["last_update_id"], kind, lane, payload, now),
        )
        return int(row["last_update_id"])

    def waiting(self, bot_id: int, *, limit: int, offset: int = 0, now: float | None = None) -> list[Waiting]:
        """The oldest updates from `offset` on; what is older than a day is gone."""
        if now is not None:
            self._forget_old(bot_id, now)
        rows = self._connection.execute(
            "SELECT update_id, kind, lane, payload, created_at FROM bot_updates"
            " WHERE bot_id = ? AND update_id >= ? ORDER BY update_id LIMIT ?",
            (bot_id, offset, limit),
        )
        return [Waiting(*row) for row in rows]

    def after(self, bot_id: int, update_id: int, *, limit: int) -> list[Waiting]:
        return self.waiting(bot_id, limit=limit, offset=update_id + 1)

    def confirm_below(self, bot_id: int, offset: int) -> None:
        """The bot has them: updates with smaller ids are forgotten."""
        self._connection.execute(
            "DELETE FROM bot_updates WHERE bot_id = ? AND update_id < ?", (bot_id, offset)
        )

    def confirm(self, bot_id: int, update_id: int) -> None:
        self._connection.execute(
            "DELETE FROM bot_updates WHERE bot_id = ? AND update_id = ?", (bot_id, update_id)
        )

    def keep_last(self, bot_id: int, count: int) -> None:
        """A negative offset: only the last `count` are kept."""
        self._connection.execute(
            "DELETE FROM bot_updates WHERE bot_id = ? AND update_id NOT IN"
            " (SELECT update_id FROM bot_updates WHERE bot_id = ? ORDER BY update_id DESC LIMIT ?)",
            (bot_id, bot_id, count),
        )

    def drop_all(self, bot_id: int) -> None:
        self._connection.execute("DELETE FROM bot_updates WHERE bot_id = ?", (bot_id,))

    def count(self, bot_id: int) -> int:
        row = self._connection.execute("SELECT count(*) FROM bot_updates WHERE bot_id = ?", (bot_id,))
        return int(row.fetchone()[0])

    def _forget_old(self, bot_id: int, now: float) -> None:
        """Only looks when the oldest one, which is the first to be too old, may be gone."""
        row = self._connection.execute(
            "SELECT created_at FROM bot_updates WHERE bot_id = ? ORDER BY update_id LIMIT 1", (bot_id,)
        ).fetchone()
        if row is None or row["created_at"] > now - QUESTIONS_KEPT_FOR:
            return
        marks = ",".join("?" * len(QUESTIONS))
        self._connection.execute(
            "DELETE FROM bot_updates WHERE bot_id = ? AND (created_at < ? OR (created_at < ? AND"  # noqa: S608 - only marks
            f" kind IN ({marks})))",
            (bot_id, now - KEPT_FOR, now - QUESTIONS_KEPT_FOR, *QUESTIONS),
        )
