"""The keyring: a JSON file {"current": id, "keys": {id: base64 of 32 bytes}, "lookup": base64 of 32 bytes}.

It lies outside the database. A sealed value is: version (1 byte) + key id (4 bytes) + nonce (12 bytes) +
AES-256-GCM ciphertext with its tag (NIST SP 800-38D; random 96-bit nonces).
"""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings

VERSION = 1
NONCE_BYTES = 12
HEADER_BYTES = 1 + 4 + NONCE_BYTES


def key_id_of(sealed: bytes) -> int:
    """Which key sealed a value."""
    return int.from_bytes(sealed[1:5], "big")


class UnableToReveal(Exception):
    """A sealed value did not open: the key is missing or wrong, or the value was moved or changed."""


@dataclass(frozen=True)
class Keyring:
    """Keys by id; the current one seals, all of them open."""

    current: int
    keys: dict[int, bytes]
    lookup: bytes

    def seal(self, text: str, *, identity: str) -> bytes:
        """Seal `text` for the row and column named by `identity`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.current]).encrypt(nonce, text.encode(), identity.encode())
        return bytes([VERSION]) + self.current.to_bytes(4, "big") + nonce + sealed

    def reveal(self, sealed: bytes, *, identity: str) -> str:
        """Open a sealed value. Raises UnableToReveal; never gives back the sealed bytes as if they were the text."""
        if len(sealed) <= HEADER_BYTES or sealed[0] != VERSION:
            raise UnableToReveal("the stored value is not one that Pult sealed")
        key = self.keys.get(key_id_of(sealed))
        if key is None:
            raise UnableToReveal("the key that sealed this value is not in the keyring")
        try:
            opened = AESGCM(key).decrypt(sealed[5:HEADER_BYTES], sealed[HEADER_BYTES:], identity.encode())
        except InvalidTag:
            raise UnableToReveal("wrong key, or the value was moved or changed") from None
        return opened.decode()


def make_keyring(path: Path) -> None:
    """Write a new keyring unless there is one; readable by its owner only. Two processes starting at once are safe."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {
        "current": 1,
        "keys": {"1": base64.b64encode(secrets.token_bytes(32)).decode()},
        "lookup": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        # link() fails where the file exists: whoever comes second keeps the first one's keys.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def read_keyring(path: Path) -> Keyring:
    """Read a keyring file. Raises UnableToReveal with a sentence when it is missing or damaged."""
    try:
        content = json.loads(path.read_text())
        keys = {int(name): base64.b64decode(key, validate=True) for name, key in content["keys"].items()}
        keyring = Keyring(int(content["current"]), keys, base64.b64decode(content["lookup"], validate=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnableToReveal(f"the keyring cannot be read ({type(error).__name__})") from error
    if keyring.current not in keys or any(len(key) != 32 for key in keys.values()):
        raise UnableToReveal("the keyring is damaged")
    return keyring


def write_keyring(path: Path, content: Keyring) -> None:
    """Put a changed keyring in the place of the present one, in one step: readers see the old or the new, whole."""
    encoded = {
        "current": content.current,
        "keys": {str(name): base64.b64encode(key).decode() for name, key in sorted(content.keys.items())},
        "lookup": base64.b64encode(content.lookup).decode(),
    }
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(encoded, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


Stamp = tuple[int, int, int]
_known: dict[Path, tuple[Stamp, Keyring]] = {}


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _current(path: Path) -> Keyring:
    """What the file says now; a running process that has read it goes on while the file is missing or half copied."""
    stamp, known = _stamp(path), _known.get(path)
    if known is not None and stamp in (None, known[0]):
        return known[1]
    if stamp is None:
        if anything_sealed():
            raise UnableToReveal(
                f"{path} is missing, but the database holds secrets that were sealed with it"
            )
        make_keyring(path)
        stamp = _stamp(path)
    try:
        found = read_keyring(path)
    except UnableToReveal:
        if known is None:
            raise
        return known[1]
    if stamp is not None:
        _known[path] = (stamp, found)
    return found


def anything_sealed() -> bool:
    """Whether any row of any application holds a sealed value: then a new keyring would be a lost one."""
    from pult.core.secrets.fields import SecretField

    return any(
        model._default_manager.filter(**{f"{field.name}__isnull": False}).exists()
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SecretField)
    )


def keyring() -> Keyring:
    """The keyring of this installation, made at the very first use.

    Read again whenever the file has changed (one `stat` a use): a rotation reaches running processes at once.
    """
    return _current(settings.PULT_KEYRING_FILE)


def seal_text(text: str, *, identity: str) -> bytes:
    """Seal what lies in no SecretField; `identity` names where it lies, and whose it is."""
    return keyring().seal(text, identity=identity)


def reveal_text(sealed: bytes, *, identity: str) -> str:
    """Open what `seal_text` made for that place. Raises UnableToReveal."""
    return keyring().reveal(sealed, identity=identity)


def digest(text: str) -> bytes:
    """A keyed fingerprint (HMAC-SHA256, 32 bytes) to look a secret up by; useless to who lacks the keyring."""
    return hmac.digest(keyring().lookup, text.encode(), "sha256")


def digests(texts: Iterable[str]) -> list[bytes]:
    """`digest` of each text; the keyring is looked up once, so that a million takes seconds."""
    key = keyring().lookup
    return [hmac.digest(key, text.encode(), "sha256") for text in texts]
