"""Message boxes. Each participant has an own one for people and small groups, each channel one for everybody.

One message lies in several boxes under different ids; its copies share a `uid`.

`content` is what a message is beside its text (or caption), as JSON; all keys may be missing:

    entities      list of MessageEntity, as the Bot API writes them
    markup        reply_markup, as the Bot API writes it
    reply_to      uid of the message that it answers
    media         {"kind": "document", …} as bot_api/methods/media.py keeps it
    shown         fields of the Bot API's Message that are the same for every reader ("contact", "dice", …)
    forward       forward_origin
    service       {"kind": "new_chat_members", …}: fields of a service message
    topic         id of the forum topic
    via_bot, protected, silent, link_preview, sender_chat
"""

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

COLUMNS = "box, id, pts, peer_kind, peer_id, from_id, date, text, uid, first_pts, content, edited_at, deleted"
Content = dict[str, Any]
Peer = tuple[str, int]  # ("user" | "chat" | "channel", id), as the owner of the box sees it


@dataclass(frozen=True, slots=True)
class Message:
    """`box` is a participant's id, or a channel's id as a negative number."""

    box: int
    id: int
    pts: int
    peer_kind: str  # user, chat, channel
    peer_id: int
    from_id: int
    date: float
    text: str
    uid: int | None = None  # None: from a world of before bots
    first_pts: int = 0
    content: dict[str, Any] = field(default_factory=dict)
    edited_at: float | None = None
    deleted: bool = False

    @property
    def peer(self) -> Peer:
        return self.peer_kind, self.peer_id


class Messages:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        row = connection.execute("SELECT max(uid) FROM messages").fetchone()
        self._last_uid = int(row[0] or 0)

    def new_uid(self) -> int:
        self._last_uid += 1
        return self._last_uid

    def pts(self, box: int) -> int:
        row = self._connection.execute("SELECT pts FROM boxes WHERE box = ?", (box,)).fetchone()
        return 1 if row is None else int(row["pts"])

    def has_box(self, box: int) -> bool:
        return self._connection.execute("SELECT 1 FROM boxes WHERE box = ?", (box,)).fetchone() is not None

    def knows_random_id(self, account_id: int, random_id: int) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM random_ids WHERE account_id = ? AND random_id = ?", (account_id, random_id)
        ).fetchone()
        return row is not None

    def remember_random_id(self, account_id: int, random_id: int) -> None:
        self._connection.execute("INSERT INTO random_ids VALUES (?,?)", (account_id, random_id))

    def put(
        self, box: int, *, peer: Peer, from_id: int, text: str, now: float, uid: int, content: Content | None = None
    ) -> Message:  # fmt: skip
        """Put a copy of a message into one box; the box's next id and pts are its own."""
        self._connection.execute("INSERT OR IGNORE INTO boxes VALUES (?, 1, 0)", (box,))
        row = self._connection.execute(
            "UPDATE boxes SET pts = pts + 1, last_id = last_id + 1 WHERE box = ? RETURNING pts, last_id",
            (box,),
        ).fetchone()
        message = Message(
            box, row["last_id"], row["pts"], peer[0], peer[1], from_id, now, text, uid, row["pts"], content or {}
        )  # fmt: skip
        self._connection.execute(
            f"INSERT INTO messages ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,NULL,0)",  # noqa: S608 - only names from this file
            (
                box,
                message.id,
                message.pts,
                *peer,
                from_id,
                now,
                text,
                uid,
                message.pts,
                _text(message.content),
            ),
        )
        return message

    def rewrite(
        self, uid: int, *, text: str, content: dict[str, Any], edited_at: float | None
    ) -> list[Message]:
        """Change all copies; returns them as they are now."""
        self._move_pts(uid)
        self._connection.execute(
            "UPDATE messages SET text = ?, content = ?, edited_at = ? WHERE uid = ?",
            (text, _text(content), edited_at, uid),
        )
        return self.copies(uid)

    def delete(self, uid: int, *, only_box: int | None = None) -> list[Message]:
        """Delete all copies, or one participant's own; returns the deleted ones."""
        self._move_pts(uid)
        self._connection.execute(
            "UPDATE messages SET deleted = 1 WHERE uid = ? AND (? IS NULL OR box = ?)",
            (uid, only_box, only_box),
        )
        return [m for m in self._many("WHERE uid = ?", uid) if only_box in (None, m.box)]

    def get(self, box: int, message_id: int) -> Message | None:
        """None also for a deleted one."""
        found = self._many("WHERE box = ? AND id = ? AND NOT deleted", box, message_id)
        return found[0] if found else None

    def copies(self, uid: int) -> list[Message]:
        return self._many("WHERE uid = ? AND NOT deleted", uid)

    def copy_in(self, box: int, uid: int) -> Message | None:
        found = self._many("WHERE uid = ? AND box = ? AND NOT deleted", uid, box)
        return found[0] if found else None

    def since(self, box: int, pts: int, limit: int = 100) -> list[Message]:
        """What came into the box, was edited or deleted after `pts`, in that order."""
        return self._many("WHERE box = ? AND pts > ? ORDER BY pts LIMIT ?", box, pts, limit)

    def history(self, box: int, peer: Peer, *, before_id: int, limit: int) -> list[Message]:
        """Newest first; `before_id` 0 means from the end."""
        return self._many(
            "WHERE box = ? AND peer_kind = ? AND peer_id = ? AND (? = 0 OR id < ?) AND NOT deleted"
            " ORDER BY id DESC LIMIT ?",
            box, *peer, before_id, before_id, limit,
        )  # fmt: skip

    def private_peers(self, account_id: int) -> list[int]:
        """People with whom the account has exchanged messages."""
        rows = self._connection.execute(
            "SELECT DISTINCT peer_id FROM messages WHERE box = ? AND peer_kind = 'user'", (account_id,)
        )
        return [row["peer_id"] for row in rows]

    def _move_pts(self, uid: int) -> None:
        """Every change takes the next pts of its box, so that clients that were away hear of it."""
        for row in self._connection.execute("SELECT box, id FROM messages WHERE uid = ?", (uid,)).fetchall():
            moved = self._connection.execute(
                "UPDATE boxes SET pts = pts + 1 WHERE box = ? RETURNING pts", (row["box"],)
            ).fetchone()
            self._connection.execute(
                "UPDATE messages SET pts = ? WHERE box = ? AND id = ?", (moved["pts"], row["box"], row["id"])
            )

    def _many(self, condition: str, *parameters: object) -> list[Message]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM messages {condition}", parameters)  # noqa: S608 - only names from this file
        return [_message(row) for row in rows]


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) if content else "{}"


def _message(row: sqlite3.Row) -> Message:
    content = row["content"]
    return Message(
        row["box"], row["id"], row["pts"], row["peer_kind"], row["peer_id"], row["from_id"], row["date"], row["text"],
        row["uid"], row["first_pts"], {} if content == "{}" else json.loads(content), row["edited_at"],
        bool(row["deleted"]),
    )  # fmt: skip
