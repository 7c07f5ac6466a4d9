"""Authorisation keys: which client installation is signed in as whom. Implements the wire's KeyStore."""

import sqlite3
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Key:
    """A key and its state; `ended` says why it no longer works (SESSION_REVOKED, AUTH_KEY_DUPLICATED)."""

    id: int
    layer: int | None
    account_id: int | None
    pending_account_id: int | None
    api_id: int | None
    created_at: float
    active_at: float
    ended: str | None

    @property
    def authorization_hash(self) -> int:
        """What `account.getAuthorizations` calls the session; derived, so that nobody can guess the key's id."""
        return (self.id * 0x9E3779B97F4A7C15) & 0x7FFF_FFFF_FFFF_FFFF


class Keys:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cache: dict[int, Key] = {}
        self._active: dict[int, float] = {}

    # What the wire asks ---------------------------------------------------------------------------------------

    def auth_key(self, auth_key_id: int) -> bytes | None:
        row = self._connection.execute("SELECT key FROM auth_keys WHERE id = ?", (auth_key_id,)).fetchone()
        return None if row is None else bytes(row["key"])

    def add_auth_key(self, auth_key_id: int, key: bytes) -> None:
        now = time.time()
        self._connection.execute(
            "INSERT OR IGNORE INTO auth_keys (id, key, created_at, active_at) VALUES (?,?,?,?)",
            (auth_key_id, key, now, now),
        )

    def remember_layer(self, auth_key_id: int, layer: int) -> None:
        self._update(auth_key_id, layer=layer)

    def layer(self, auth_key_id: int) -> int | None:
        key = self.get(auth_key_id)
        return None if key is None else key.layer

    # What the methods ask -------------------------------------------------------------------------------------

    def get(self, auth_key_id: int) -> Key | None:
        if auth_key_id not in self._cache:
            row = self._connection.execute(
                "SELECT id, layer, account_id, pending_account_id, api_id, created_at, active_at, ended"
                " FROM auth_keys WHERE id = ?",
                (auth_key_id,),
            ).fetchone()
            if row is None:
                return None
            self._cache[auth_key_id] = Key(*row)
        return self._cache[auth_key_id]

    def sign_in(self, auth_key_id: int, account_id: int) -> None:
        self._update(auth_key_id, account_id=account_id, pending_account_id=None, ended=None)

    def remember_api_id(self, auth_key_id: int, api_id: int) -> None:
        self._update(auth_key_id, api_id=api_id)

    def await_password(self, auth_key_id: int, account_id: int) -> None:
        self._update(auth_key_id, pending_account_id=account_id)

    def sign_out(self, auth_key_id: int) -> None:
        """The client left by itself: the key works on, unauthorised."""
        self._update(auth_key_id, account_id=None, pending_account_id=None)

    def end(self, auth_key_id: int, reason: str) -> None:
        """Somebody else ended the session; every later request is answered with the reason."""
        self._update(auth_key_id, account_id=None, pending_account_id=None, ended=reason)

    def of_account(self, account_id: int) -> list[Key]:
        rows = self._connection.execute(
            "SELECT id FROM auth_keys WHERE account_id = ? ORDER BY created_at, id", (account_id,)
        ).fetchall()
        return [key for row in rows if (key := self.get(row["id"]))]

    def mark_active(self, key: Key, now: float) -> None:
        key.active_at = now
        self._active[key.id] = now

    def flush(self) -> None:
        self._connection.executemany(
            "UPDATE auth_keys SET active_at = ? WHERE id = ?", [(at, key) for key, at in self._active.items()]
        )
        self._active.clear()

    @property
    def changed(self) -> bool:
        return bool(self._active)

    def _update(self, auth_key_id: int, **columns: object) -> None:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        self._connection.execute(
            f"UPDATE auth_keys SET {assignments} WHERE id = ?",  # noqa: S608
            (*columns.values(), auth_key_id),
        )
        key = self._cache.get(auth_key_id)
        if key is not None:
            for column, value in columns.items():
                setattr(key, column, value)
