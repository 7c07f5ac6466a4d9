"""Invite links of groups and channels, and people who have asked to be let in."""

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

ADDRESS = "https://t.me/+"
# Seconds for which an administrating bot may write to somebody who has asked to be let in.
ANSWERABLE_FOR = 300.0


@dataclass(frozen=True, slots=True)
class Invite:
    link: str  # what follows https://t.me/+
    chat_id: int
    creator_id: int
    name: str | None
    expires_at: float | None
    member_limit: int | None
    joins_by_request: bool
    is_primary: bool
    revoked: bool
    joined: int

    @property
    def url(self) -> str:
        return ADDRESS + self.link

    def open_at(self, now: float) -> bool:
        full = self.member_limit is not None and self.joined >= self.member_limit
        late = self.expires_at is not None and self.expires_at <= now
        return not (self.revoked or full or late)


@dataclass(frozen=True, slots=True)
class JoinRequest:
    chat_id: int
    person_id: int
    link: str | None
    bio: str | None
    asked_at: float


class Invites:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create(
        self, *, chat_id: int, creator_id: int, name: str | None = None, expires_at: float | None = None,
        member_limit: int | None = None, joins_by_request: bool = False, is_primary: bool = False, now: float,
    ) -> Invite:  # fmt: skip
        link = secrets.token_urlsafe(12)[:16]
        self._connection.execute(
            "INSERT INTO invite_links (link, chat_id, creator_id, name, expires_at, member_limit, joins_by_request,"
            " is_primary, created_at) VALUES (?,?,?,?,?,?,?,?,?)",
            (link, chat_id, creator_id, name, expires_at, member_limit, joins_by_request, is_primary, now),
        )
        return self.must(link)

    def get(self, url: str) -> Invite | None:
        """By its address or what follows it."""
        row = self._connection.execute(
            "SELECT * FROM invite_links WHERE link = ?", (url.strip().removeprefix(ADDRESS),)
        ).fetchone()
        return None if row is None else _invite(row)

    def must(self, link: str) -> Invite:
        found = self.get(link)
        if found is None:
            raise LookupError("there is no such invite link")
        return found

    def primary(self, chat_id: int, creator_id: int) -> Invite | None:
        row = self._connection.execute(
            "SELECT * FROM invite_links WHERE chat_id = ? AND creator_id = ? AND is_primary AND NOT revoked",
            (chat_id, creator_id),
        ).fetchone()
        return None if row is None else _invite(row)

    def change(self, link: str, **columns: Any) -> Invite:
        for name, value in columns.items():
            self._connection.execute(f"UPDATE invite_links SET {name} = ? WHERE link = ?", (value, link))  # noqa: S608 - names from this package
        return self.must(link)

    def count_joined(self, link: str) -> None:
        self._connection.execute("UPDATE invite_links SET joined = joined + 1 WHERE link = ?", (link,))

    # Asking ---------------------------------------------------------------------------------------------------------

    def ask(self, *, chat_id: int, person_id: int, link: str | None, bio: str | None, now: float) -> bool:
        """Note a wish to join; False when it is noted already."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO join_requests VALUES (?,?,?,?,?)", (chat_id, person_id, link, bio, now)
        )
        return cursor.rowcount == 1

    def asked(self, chat_id: int, person_id: int) -> JoinRequest | None:
        row = self._connection.execute(
            "SELECT * FROM join_requests WHERE chat_id = ? AND person_id = ?", (chat_id, person_id)
        ).fetchone()
        return None if row is None else JoinRequest(*row)

    def asks_lately(self, bot_id: int, person_id: int, now: float) -> bool:
        """Whether somebody waits to be let into a chat that the bot administers, and has asked within five minutes."""
        row = self._connection.execute(
            "SELECT 1 FROM join_requests r JOIN members m ON m.chat_id = r.chat_id AND m.person_id = ?"
            " WHERE r.person_id = ? AND r.asked_at > ? AND m.role IN ('creator', 'administrator')",
            (bot_id, person_id, now - ANSWERABLE_FOR),
        ).fetchone()
        return row is not None

    def waiting(self, link: str) -> int:
        row = self._connection.execute("SELECT count(*) FROM join_requests WHERE link = ?", (link,))
        return int(row.fetchone()[0])

    def settle(self, chat_id: int, person_id: int) -> None:
        self._connection.execute(
            "DELETE FROM join_requests WHERE chat_id = ? AND person_id = ?", (chat_id, person_id)
        )


def _invite(row: sqlite3.Row) -> Invite:
    return Invite(
        row["link"], row["chat_id"], row["creator_id"], row["name"], row["expires_at"], row["member_limit"],
        bool(row["joins_by_request"]), bool(row["is_primary"]), bool(row["revoked"]), row["joined"],
    )  # fmt: skip
