"""Two-step verification: SRP as Telegram describes it (core.telegram.org/api/srp), the server's side."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

GENERATOR = 3
# The 2048-bit safe prime that Telegram's servers use and that clients accept without testing it.
PRIME_BYTES = bytes.fromhex(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f"
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754"
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"
)
PRIME = int.from_bytes(PRIME_BYTES, "big")


def password_columns(password: str | None) -> tuple[str | None, bytes | None, bytes | None, bytes | None]:
    """(password, salt1, salt2, verifier) as the accounts table keeps them; all None without a password."""
    if password is None:
        return None, None, None, None
    salt1, salt2 = secrets.token_bytes(40), secrets.token_bytes(16)
    return password, salt1, salt2, _long(pow(GENERATOR, _secret_exponent(password, salt1, salt2), PRIME))


@dataclass(slots=True)
class PasswordChallenge:
    """One question to a client: `srp_b` goes out, the client answers with `a` and `m1`. Good for one answer."""

    srp_id: int
    salt1: bytes
    salt2: bytes
    verifier: int
    secret: int
    srp_b: bytes

    @classmethod
    def ask(cls, *, salt1: bytes, salt2: bytes, verifier: bytes) -> "PasswordChallenge":
        v = int.from_bytes(verifier, "big")
        while True:
            secret = int.from_bytes(secrets.token_bytes(256), "big")
            b = (_multiplier() * v + pow(GENERATOR, secret, PRIME)) % PRIME
            if b.bit_length() > 2048 - 64:  # clients refuse a small one
                return cls(secrets.randbits(62), salt1, salt2, v, secret, _long(b))

    def is_answered_by(self, a: bytes, m1: bytes) -> bool:
        """True when the client knows the password. Never raises on nonsense."""
        number = int.from_bytes(a, "big")
        if len(a) > 256 or not 1 < number < PRIME - 1:
            return False
        a_padded = _long(number)
        u = int.from_bytes(_sha256(a_padded, self.srp_b), "big")
        shared = pow(number * pow(self.verifier, u, PRIME), self.secret, PRIME)
        expected = _sha256(
            bytes(x ^ y for x, y in zip(_sha256(PRIME_BYTES), _sha256(_long(GENERATOR)), strict=True)),
            _sha256(self.salt1),
            _sha256(self.salt2),
            a_padded,
            self.srp_b,
            _sha256(_long(shared)),
        )
        return hmac.compare_digest(expected, m1)


def _secret_exponent(password: str, salt1: bytes, salt2: bytes) -> int:
    first = _sha256(salt2, _sha256(salt1, password.encode(), salt1), salt2)
    slow = hashlib.pbkdf2_hmac("sha512", first, salt1, 100_000)
    return int.from_bytes(_sha256(salt2, slow, salt2), "big")


def _multiplier() -> int:
    return int.from_bytes(_sha256(PRIME_BYTES, _long(GENERATOR)), "big")


def _long(number: int) -> bytes:
    return number.to_bytes(256, "big")


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
