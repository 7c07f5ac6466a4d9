"""Groups, supergroups and channels, and what everybody is in them."""

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

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
    about: str = ""
    forum: bool = False
    migrated_to: int | None = None
    gone: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def peer(self) -> tuple[str, int]:
        return ("chat" if self.kind == "group" else "channel"), self.id


@dataclass(frozen=True, slots=True)
class Membership:
    """`role`: creator, administrator, member, restricted, left or banned."""

    chat_id: int
    person_id: int
    role: str
    rights: dict[str, Any] = field(default_factory=dict)
    title: str | None = None
    until: float | None = None
    is_member: bool = True
    joined_at: float = 0.0

    @property
    def present(self) -> bool:
        return self.role in WRITERS or (self.role == "restricted" and self.is_member)


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

    def participants(self, chat_id: int) -> list[int]:
        """Ids of the accounts and bots (not of other people) that are in the chat."""
        marks = ",".join("?" * len(PRESENT))
        rows = self._connection.execute(
            f"SELECT person_id FROM members m WHERE chat_id = ? AND role IN ({marks}) AND is_member"  # noqa: S608 - only names from this file
            " AND (EXISTS (SELECT 1 FROM accounts a WHERE a.person_id = m.person_id)"
            " OR EXISTS (SELECT 1 FROM bots b WHERE b.person_id = m.person_id)) ORDER BY person_id",
            (chat_id, *PRESENT),
        )
        return [row["person_id"] for row in rows]

    def membership(self, chat_id: int, person_id: int) -> Membership:
        """What somebody is in the chat; `left` for who never was there."""
        row = self._connection.execute(
            "SELECT * FROM members WHERE chat_id = ? AND person_id = ?", (chat_id, person_id)
        ).fetchone()
        return Membership(chat_id, person_id, "left") if row is None else _membership(row)

    def memberships(self, chat_id: int, *roles: str) -> list[Membership]:
        """Everybody with one of these roles."""
        marks = ",".join("?" * len(roles))
        rows = self._connection.execute(
            f"SELECT * FROM members WHERE chat_id = ? AND role IN ({marks}) ORDER BY person_id",  # noqa: S608 - only names from this file
            (chat_id, *roles),
        )
        return [_membership(row) for row in rows]

    def write_membership(self, membership: Membership) -> None:
        """Keep exactly this; who may change what is for the acts to know."""
        m = membership
        self._connection.execute(
            "INSERT INTO members (chat_id, person_id, role, rights, title, until, is_member, joined_at)"
            " VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (chat_id, person_id) DO UPDATE SET role = excluded.role,"
            " rights = excluded.rights, title = excluded.title, until = excluded.until,"
            " is_member = excluded.is_member, joined_at = excluded.joined_at",
            (
                m.chat_id,
                m.person_id,
                m.role,
                json.dumps(m.rights),
                m.title,
                m.until,
                m.is_member,
                m.joined_at,
            ),
        )

    def create(self, *, kind: str, title: str, username: str | None, now: float) -> Chat:
        """A new group, supergroup or channel, still empty."""
        cursor = self._connection.execute(
            "INSERT INTO chats (id, kind, title, username, created_at)"
            " VALUES ((SELECT max(2000, ifnull(max(id), 0)) + 1 FROM chats), ?, ?, ?, ?)",
            (kind, title, username, now),
        )
        return self.must(cursor.lastrowid or 0)

    def must(self, chat_id: int) -> Chat:
        chat = self.by_id(chat_id)
        if chat is None:
            raise LookupError("there is no such chat")
        return chat

    def change(self, chat_id: int, **columns: Any) -> Chat:
        """Set columns of the table; `more` takes a dict."""
        for name, value in columns.items():
            kept = json.dumps(value, ensure_ascii=False) if name == "more" else value
            self._connection.execute(f"UPDATE chats SET {name} = ? WHERE id = ?", (kept, chat_id))  # noqa: S608
        return self.must(chat_id)

    def _one(self, query: str, *parameters: object) -> Chat | None:
        row = self._connection.execute(query, parameters).fetchone()
        return None if row is None else _chat(row)


def _chat(row: sqlite3.Row) -> Chat:
    return Chat(
        row["id"], row["kind"], row["title"], row["username"], bool(row["members_may_write"]), row["slow_mode"],
        row["created_at"], row["about"], bool(row["forum"]), row["migrated_to"], bool(row["gone"]),
        json.loads(row["more"]),
    )  # fmt: skip


def _membership(row: sqlite3.Row) -> Membership:
    return Membership(
        row["chat_id"], row["person_id"], row["role"], json.loads(row["rights"]), row["title"], row["until"],
        bool(row["is_member"]), row["joined_at"],
    )  # fmt: skip
