"""What is under way while somebody signs in: codes sent to phones and tokens shown as QR pictures."""

import secrets
import sqlite3
from dataclasses import dataclass

CODE_LIFETIME = 300.0  # seconds
TOKEN_LIFETIME = 30.0  # seconds, as Telegram's


@dataclass(frozen=True, slots=True)
class LoginCode:
    phone: str
    code: str
    phone_code_hash: str
    sent_at: float
    expires_at: float
    state: str


@dataclass(frozen=True, slots=True)
class LoginToken:
    token: bytes
    auth_key_id: int
    api_id: int
    expires_at: float
    account_id: int | None


class SignIns:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def send_code(self, phone: str, now: float) -> LoginCode:
        """A new five-digit code; codes sent to the phone before no longer work."""
        self._connection.execute(
            "UPDATE login_codes SET state = 'replaced' WHERE phone = ? AND state = 'open'", (phone,)
        )
        code = LoginCode(
            phone,
            f"{10_000 + secrets.randbelow(90_000)}",
            secrets.token_hex(9),
            now,
            now + CODE_LIFETIME,
            "open",
        )
        self._connection.execute(
            "INSERT INTO login_codes VALUES (?,?,?,?,?,?)",
            (code.phone_code_hash, phone, code.code, code.sent_at, code.expires_at, code.state),
        )
        return code

    def code(self, phone: str, phone_code_hash: str) -> LoginCode | None:
        row = self._connection.execute(
            "SELECT * FROM login_codes WHERE phone_code_hash = ? AND phone = ?", (phone_code_hash, phone)
        ).fetchone()
        return None if row is None else _code(row)

    def close_code(self, phone_code_hash: str, state: str) -> None:
        self._connection.execute(
            "UPDATE login_codes SET state = ? WHERE phone_code_hash = ?", (state, phone_code_hash)
        )

    def expire_codes(self, phone: str, now: float) -> int:
        """Let the open codes of a phone expire at once; returns how many."""
        return self._connection.execute(
            "UPDATE login_codes SET expires_at = ? WHERE phone = ? AND state = 'open'", (now, phone)
        ).rowcount

    def latest_codes(self, phone: str | None, limit: int = 20) -> list[LoginCode]:
        """Newest first; only codes that still may be typed in when a phone is named."""
        if phone is None:
            rows = self._connection.execute(
                "SELECT * FROM login_codes ORDER BY sent_at DESC, rowid DESC LIMIT ?", (limit,)
            )
        else:
            rows = self._connection.execute(
                "SELECT * FROM login_codes WHERE phone = ? AND state = 'open'"
                " ORDER BY sent_at DESC, rowid DESC LIMIT ?",
                (phone, limit),
            )
        return [_code(row) for row in rows]

    def token_for(self, auth_key_id: int, api_id: int, now: float) -> LoginToken:
        """The token of this client that was scanned already, or a new one; older ones of the client end."""
        row = self._connection.execute(
            "SELECT * FROM login_tokens WHERE auth_key_id = ? AND account_id IS NOT NULL", (auth_key_id,)
        ).fetchone()
        if row is not None:
            return LoginToken(*row)
        self._connection.execute(
            "DELETE FROM login_tokens WHERE auth_key_id = ? OR expires_at < ?", (auth_key_id, now - 3600)
        )
        token = LoginToken(secrets.token_bytes(32), auth_key_id, api_id, now + TOKEN_LIFETIME, None)
        self._connection.execute(
            "INSERT INTO login_tokens VALUES (?,?,?,?,NULL)",
            (token.token, auth_key_id, api_id, token.expires_at),
        )
        return token

    def token(self, token: bytes) -> LoginToken | None:
        row = self._connection.execute("SELECT * FROM login_tokens WHERE token = ?", (token,)).fetchone()
        return None if row is None else LoginToken(*row)

    def accept_token(self, token: bytes, account_id: int) -> None:
        self._connection.execute(
            "UPDATE login_tokens SET account_id = ? WHERE token = ?", (account_id, token)
        )

    def use_token(self, token: bytes) -> None:
        self._connection.execute("DELETE FROM login_tokens WHERE token = ?", (token,))


def _code(row: sqlite3.Row) -> LoginCode:
    return LoginCode(
        row["phone"], row["code"], row["phone_code_hash"], row["sent_at"], row["expires_at"], row["state"]
    )
