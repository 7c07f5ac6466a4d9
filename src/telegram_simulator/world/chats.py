"""Groups, channels and messages. Each account has its own message box, each channel has one for everybody."""

import sqlite3
from dataclasses import dataclass

WRITERS = ("creator", "administrator", "member")
PRESENT = (*WRITERS, "restricted")


@dataclass(frozen=True, slots=True)
class Chat:
    id: int
    kind: str  # group, supergroup, channel
    title: str
    username: str | None
    members_may_write: bool
    slow_mode: int
    created_at: float


@dataclass(frozen=True, slots=True)
class Message:
    """`box` is an account's id, or a channel's id as a negative number."""

    box: int
    id: int
    pts: int
    peer_kind: str  # user, chat, channel
    peer_id: int
    from_id: int
    date: float
    text: str


class Chats:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def by_id(self, chat_id: int) -> Chat | None:
        return self._one("SELECT * FROM chats WHERE id = ?", chat_id)

    def by_username(self, username: str) -> Chat | None:
        return self._one("SELECT * FROM chats WHERE username = ?", username)

    def of_person(self, person_id: int) -> list[Chat]:
        """Chats that the person is in."""
        marks = ",".join("?" * len(PRESENT))
        rows = self._connection.execute(
            f"SELECT c.* FROM chats c JOIN members m ON m.chat_id = c.id WHERE m.person_id = ? AND m.role IN ({marks})"  # noqa: S608 - only names from this file
            " ORDER BY c.id",
            (person_id, *PRESENT),
        )
        return [_chat(row) for row in rows]

    def role(self, chat_id: int, person_id: int) -> str | None:
        """creator, administrator, member, restricted, left or banned; None for who never was there."""
        row = self._connection.execute(
            "SELECT role FROM members WHERE chat_id = ? AND person_id = ?", (chat_id, person_id)
        ).fetchone()
        return None if row is None else str(row["role"])

    def set_role(self, chat_id: int, person_id: int, role: str) -> None:
        self._connection.execute(
            "INSERT INTO members (chat_id, person_id, role) VALUES (?,?,?)"
            " ON CONFLICT (chat_id, person_id) DO UPDATE SET role = excluded.role",
            (chat_id, person_id, role),
        )

    def member_count(self, chat_id: int) -> int:
        marks = ",".join("?" * len(PRESENT))
        row = self._connection.execute(
            f"SELECT count(*) FROM members WHERE chat_id = ? AND role IN ({marks})",  # noqa: S608
            (chat_id, *PRESENT),
        )
        return int(row.fetchone()[0])

    def accounts_in(self, chat_id: int) -> list[int]:
        """Ids of the accounts (not of other people) that are in the chat."""
        marks = ",".join("?" * len(PRESENT))
        rows = self._connection.execute(
            f"SELECT person_id FROM members JOIN accounts USING (person_id) WHERE chat_id = ? AND role IN ({marks})",  # noqa: S608 - only names from this file
            (chat_id, *PRESENT),
        )
        return [row["person_id"] for row in rows]

    def wrote_at(self, chat_id: int, person_id: int) -> float:
        row = self._connection.execute(
            "SELECT wrote_at FROM members WHERE chat_id = ? AND person_id = ?", (chat_id, person_id)
        ).fetchone()
        return 0.0 if row is None else float(row["wrote_at"])

    def mark_wrote(self, chat_id: int, person_id: int, now: float) -> None:
        self._connection.execute(
            "UPDATE members SET wrote_at = ? WHERE chat_id = ? AND person_id = ?", (now, chat_id, person_id)
        )

    # Message boxes --------------------------------------------------------------------------------------------

    def pts(self, box: int) -> int:
        row = self._connection.execute("SELECT pts FROM boxes WHERE box = ?", (box,)).fetchone()
        return 1 if row is None else int(row["pts"])

    def knows_random_id(self, account_id: int, random_id: int) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM random_ids WHERE account_id = ? AND random_id = ?", (account_id, random_id)
        ).fetchone()
        return row is not None

    def remember_random_id(self, account_id: int, random_id: int) -> None:
        self._connection.execute("INSERT INTO random_ids VALUES (?,?)", (account_id, random_id))

    def put(self, box: int, *, peer: tuple[str, int], from_id: int, text: str, now: float) -> Message:
        """Put a message into one box; the box's next id and pts are its own."""
        self._connection.execute("INSERT OR IGNORE INTO boxes VALUES (?, 1, 0)", (box,))
        row = self._connection.execute(
            "UPDATE boxes SET pts = pts + 1, last_id = last_id + 1 WHERE box = ? RETURNING pts, last_id",
            (box,),
        ).fetchone()
        message = Message(box, row["last_id"], row["pts"], peer[0], peer[1], from_id, now, text)
        self._connection.execute(
            "INSERT INTO messages VALUES (?,?,?,?,?,?,?,?)",
            (box, message.id, message.pts, *peer, from_id, now, text),
        )
        return message

    def since(self, box: int, pts: int, limit: int = 100) -> list[Message]:
        """Messages that came into the box after `pts`, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM messages WHERE box = ? AND pts > ? ORDER BY id LIMIT ?", (box, pts, limit)
        )
        return [Message(*row) for row in rows]

    def history(self, box: int, peer: tuple[str, int], *, before_id: int, limit: int) -> list[Message]:
        """Newest first; `before_id` 0 means from the end."""
        rows = self._connection.execute(
            "SELECT * FROM messages WHERE box = ? AND peer_kind = ? AND peer_id = ? AND (? = 0 OR id < ?)"
            " ORDER BY id DESC LIMIT ?",
            (box, *peer, before_id, before_id, limit),
        )
        return [Message(*row) for row in rows]

    def private_peers(self, account_id: int) -> list[int]:
        """People with whom the account has exchanged messages."""
        rows = self._connection.execute(
            "SELECT DISTINCT peer_id FROM messages WHERE box = ? AND peer_kind = 'user'", (account_id,)
        )
        return [row["peer_id"] for row in rows]

    def _one(self, query: str, *parameters: object) -> Chat | None:
        row = self._connection.execute(query, parameters).fetchone()
        return None if row is None else _chat(row)


def _chat(row: sqlite3.Row) -> Chat:
    return Chat(
        row["id"], row["kind"], row["title"], row["username"], bool(row["members_may_write"]), row["slow_mode"],
        row["created_at"],
    )  # fmt: skip
