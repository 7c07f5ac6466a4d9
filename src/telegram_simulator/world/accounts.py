"""Accounts: people of the world whom a client program can sign in as."""

import json
import sqlite3
from dataclasses import dataclass

from telegram_simulator.world.limits import Limits, limits_from
from telegram_simulator.world.passwords import PasswordChallenge, password_columns


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    phone: str
    password: str | None
    banned: bool
    frozen: bool
    sample: bool
    limits: Limits


class Accounts:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cache: dict[int, Account] = {}

    def by_id(self, account_id: int) -> Account | None:
        """Asked at every request, so it is kept in memory until it changes."""
        if account_id not in self._cache:
            rows = self._read("WHERE a.person_id = ?", account_id)
            if not rows:
                return None
            self._cache[account_id] = rows[0]
        return self._cache[account_id]

    def by_phone(self, phone: str) -> Account | None:
        rows = self._read("WHERE p.phone = ?", phone)
        return rows[0] if rows else None

    def all(self) -> list[Account]:
        return self._read("ORDER BY a.sample DESC, a.person_id")

    def ensure(self, person_id: int) -> Account:
        """Anybody in the world can sign in; whoever does becomes an account with the ordinary limits."""
        self._connection.execute("INSERT OR IGNORE INTO accounts (person_id) VALUES (?)", (person_id,))
        account = self.by_id(person_id)
        if account is None:
            raise LookupError("an account belongs to a person of the world")
        return account

    def forget(self, account_id: int) -> None:
        """The person behind the account was changed: read it anew."""
        self._cache.pop(account_id, None)

    def set_password(self, account_id: int, password: str | None) -> None:
        self._connection.execute(
            "UPDATE accounts SET password = ?, password_salt1 = ?, password_salt2 = ?, password_verifier = ?"
            " WHERE person_id = ?",
            (*password_columns(password), account_id),
        )
        self.forget(account_id)

    def set_limits(self, account_id: int, limits: Limits) -> None:
        self._connection.execute(
            "UPDATE accounts SET limits = ? WHERE person_id = ?", (json.dumps(limits.as_json()), account_id)
        )
        self._cache.pop(account_id, None)

    def set_banned(self, account_id: int, *, banned: bool) -> None:
        self._connection.execute("UPDATE accounts SET banned = ? WHERE person_id = ?", (banned, account_id))
        self._cache.pop(account_id, None)

    def set_frozen(self, account_id: int, *, frozen: bool) -> None:
        self._connection.execute("UPDATE accounts SET frozen = ? WHERE person_id = ?", (frozen, account_id))
        self._cache.pop(account_id, None)

    def challenge(self, account_id: int) -> PasswordChallenge | None:
        """A new SRP question, or None when the account has no 2FA password."""
        row = self._connection.execute(
            "SELECT password_salt1, password_salt2, password_verifier FROM accounts WHERE person_id = ?",
            (account_id,),
        ).fetchone()
        if row is None or row["password_verifier"] is None:
            return None
        return PasswordChallenge.ask(
            salt1=row["password_salt1"], salt2=row["password_salt2"], verifier=row["password_verifier"]
        )

    def api_hash(self, api_id: int) -> str | None:
        row = self._connection.execute(
            "SELECT api_hash FROM key_pairs WHERE api_id = ?", (api_id,)
        ).fetchone()
        return None if row is None else str(row["api_hash"])

    def add_key_pair(self, api_id: int, api_hash: str, title: str) -> None:
        """Register a pair; an api_id that is known gets the new hash."""
        self._connection.execute(
            "INSERT OR REPLACE INTO key_pairs (api_id, api_hash, title) VALUES (?,?,?)",
            (api_id, api_hash, title),
        )

    def key_pairs(self) -> list[dict[str, int | str]]:
        return [dict(row) for row in self._connection.execute("SELECT * FROM key_pairs ORDER BY api_id")]

    def _read(self, condition: str, *parameters: object) -> list[Account]:
        rows = self._connection.execute(
            "SELECT a.*, p.phone FROM accounts a JOIN people p ON p.id = a.person_id " + condition,  # noqa: S608
            parameters,
        )
        return [
            Account(
                id=row["person_id"],
                phone=row["phone"],
                password=row["password"],
                banned=bool(row["banned"]),
                frozen=bool(row["frozen"]),
                sample=bool(row["sample"]),
                limits=limits_from(json.loads(row["limits"])),
            )
            for row in rows
        ]
