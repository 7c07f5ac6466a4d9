"""The server's RSA key, kept in the data folder, and ready-made sessions for load tests."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

PRIVATE_KEY_FILE = "rsa_private_key.pem"
PUBLIC_KEY_FILE = "public_key.pem"


@dataclass(frozen=True, slots=True)
class ServerKey:
    """The RSA key pair that a client trusts: it encrypts the first secret of every key exchange to it."""

    private: rsa.RSAPrivateNumbers
    public_pem: str  # PKCS#1, as telethon.crypto.rsa.add_key(pem, old=False) wants it
    fingerprint: int  # signed 64-bit; the server names its key by it

    def decrypt(self, block: bytes) -> bytes:
        """Raw RSA without padding, 256 bytes in and out, by the Chinese remainder theorem."""
        key = self.private
        cipher = int.from_bytes(block, "big")
        m_p = pow(cipher, key.dmp1, key.p)
        m_q = pow(cipher, key.dmq1, key.q)
        plain = m_q + key.q * (key.iqmp * (m_p - m_q) % key.p)
        return plain.to_bytes(256, "big")


def load_or_create_server_key(folder: Path) -> ServerKey:
    """The key kept in `folder`; made at the first call. Both files are readable by their owner only."""
    path = folder / PRIVATE_KEY_FILE
    if not path.exists():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write_private(
            path,
            made.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            ),
        )
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size != 2048:
        raise ValueError(f"{path} does not hold an RSA key of 2048 bits")
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
    )
    _write_private(folder / PUBLIC_KEY_FILE, public_pem)
    numbers = private.private_numbers()
    return ServerKey(
        private=numbers, public_pem=public_pem.decode(), fingerprint=_fingerprint(numbers.public_numbers)
    )


def mint_session(host: str, port: int, dc_id: int) -> tuple[str, int, bytes]:
    """A client's session without a key exchange: (string for `StringSession`, auth_key_id, 256-byte key).

    The caller adds the key to the server's key store and binds it to a person. `auth_key_id` is signed.
    """
    key = secrets.token_bytes(256)
    session = StringSession()
    session.set_dc(dc_id, host, port)
    session.auth_key = AuthKey(key)
    return session.save(), auth_key_id(key), key


def auth_key_id(key: bytes) -> int:
    """The signed 64-bit name of an authorisation key: the last 8 bytes of its SHA-1."""
    return int.from_bytes(hashlib.sha1(key, usedforsecurity=False).digest()[-8:], "little", signed=True)


def _fingerprint(public: rsa.RSAPublicNumbers) -> int:
    """The last 8 bytes of SHA-1 over n and e as TL strings (core.telegram.org/mtproto/auth_key)."""
    n = public.n.to_bytes(256, "big")
    e = public.e.to_bytes((public.e.bit_length() + 7) // 8, "big")
    strings = b"\xfe\x00\x01\x00" + n + bytes([len(e)]) + e + bytes(-(len(e) + 1) % 4)
    digest = hashlib.sha1(strings, usedforsecurity=False).digest()
    return int.from_bytes(digest[-8:], "little", signed=True)


def _write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, with mode 0600 from its first byte on."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(temporary).replace(path)
