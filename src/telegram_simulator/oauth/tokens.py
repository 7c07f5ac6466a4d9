"""What the door signs: identity tokens (RS256) and the login widget's data (HMAC)."""

import hashlib
import hmac
import json
import sqlite3
from base64 import urlsafe_b64encode
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from telegram_simulator.world.people import Person

TOKEN_LIFE = 3600  # seconds
# Ways in which the door can be told to sign badly, so that programs can be tried against forged tokens.
MISDEEDS = (
    "other_audience", "other_issuer", "expired", "other_key", "unsigned", "signed_with_secret", "other_nonce",
    "no_id", "other_id", "no_token", "failing",
)  # fmt: skip


class SigningKey:
    """The key of this world; made at the first use and kept in the world's file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._key: rsa.RSAPrivateKey | None = None

    def private(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            row = self._connection.execute("SELECT value FROM facts WHERE name = 'oauth_key'").fetchone()
            if row is None:
                pem = _pem(_fresh())
                self._connection.execute("INSERT INTO facts VALUES ('oauth_key', ?)", (pem.decode(),))
            else:
                pem = row["value"].encode()
            loaded = serialization.load_pem_private_key(pem, password=None)
            if not isinstance(loaded, rsa.RSAPrivateKey):
                raise TypeError("the world's key is no RSA key")
            self._key = loaded
        return self._key

    def key_id(self) -> str:
        numbers = self.private().public_key().public_numbers()
        return hashlib.sha256(str(numbers.n).encode()).hexdigest()[:16]

    def published(self) -> dict[str, Any]:
        """The JSON Web Key Set."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private().public_key()))
        return {"keys": [key | {"kid": self.key_id(), "use": "sig", "alg": "RS256"}]}


def _fresh() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def client_secret(token: str) -> str:
    """A bot's client secret, derived from its token: a revoked token takes it along."""
    return hashlib.sha256(f"oauth:{token}".encode()).hexdigest()[:40]


def identity_token(
    key: SigningKey, person: Person, *, issuer: str, client_id: str, scopes: set[str], secret: str, now: float,
    misdeed: str = "",
) -> str:  # fmt: skip
    """A signed token that says who somebody is. With a misdeed it is wrong in that one way."""
    claims: dict[str, Any] = {
        "iss": issuer, "aud": client_id, "sub": f"{person.id ^ 0x5A17:x}", "iat": int(now),
        "exp": int(now) + TOKEN_LIFE,
    }  # fmt: skip
    # A nonce is not given back: people who tried the real one saw none in its tokens.
    if "profile" in scopes:
        claims["id"] = person.id
        claims["name"] = f"{person.first_name} {person.last_name}".strip()
        if person.username:
            claims["preferred_username"] = person.username
    if "phone" in scopes:
        claims |= {"phone_number": f"+{person.phone}", "phone_number_verified": True}
    claims = _spoiled(claims, misdeed, now)
    headers = {"kid": key.key_id()}
    if misdeed == "unsigned":
        return jwt.encode(claims, "", algorithm="none", headers=headers)
    if misdeed == "signed_with_secret":
        return jwt.encode(claims, secret, algorithm="HS256", headers=headers)
    signing = _fresh() if misdeed == "other_key" else key.private()
    return jwt.encode(claims, signing, algorithm="RS256", headers=headers)


def _spoiled(claims: dict[str, Any], misdeed: str, now: float) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "other_audience": {"aud": "777"},
        "other_issuer": {"iss": "https://oauth.example.org"},
        "expired": {"iat": int(now) - 7200, "exp": int(now) - 3600},
        "other_nonce": {"nonce": "of somebody else"},
        "other_id": {"id": "1 or 2"},
    }
    spoiled = claims | changes.get(misdeed, {})
    if misdeed == "no_id":
        spoiled.pop("id", None)
    return spoiled


def widget_result(person: Person, *, token: str, now: float) -> str:
    """What the login widget hands over in the fragment: base64url of JSON, signed with the bot's token."""
    data: dict[str, Any] = {"id": person.id, "first_name": person.first_name, "auth_date": int(now)}
    for name in ("last_name", "username"):
        if getattr(person, name):
            data[name] = getattr(person, name)
    lines = "\n".join(f"{name}={data[name]}" for name in sorted(data))
    key = hashlib.sha256(token.encode()).digest()
    data["hash"] = hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()
    return urlsafe_b64encode(json.dumps(data, ensure_ascii=False).encode()).rstrip(b"=").decode()
