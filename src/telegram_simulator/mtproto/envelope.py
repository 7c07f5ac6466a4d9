"""Encrypted messages: AES-IGE with message keys, salts, message ids, containers and gzip.

Follows core.telegram.org/mtproto/description (MTProto 2.0). "x" below is that page's: 0 for what a client
sends, 8 for what the server sends.
"""

import hashlib
import secrets
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from telethon.crypto import AES
from telethon.extensions import BinaryReader

CONTAINER = 0x73F1F8DC
GZIP_PACKED = 0x3072CFA1

# Unpacked, one request is never larger than this; it keeps a small packet from filling the memory.
MAX_UNPACKED = 16 * 1_048_576
MAX_CONTAINER_MESSAGES = 1020
# Salts change every half an hour, and each is accepted for as long again.
SALT_SECONDS = 1800


class EnvelopeError(Exception):
    """The packet cannot be read: not ours, damaged or forged. Nothing is answered to it."""


class InvalidContainer(Exception):
    """Readable, but no container as the protocol wants it (bad_msg_notification 64)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """What one encrypted frame carried; `body` is a single message or a container, not yet unpacked."""

    salt: int
    session_id: int
    msg_id: int
    seqno: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message out of a packet, with its body unpacked from gzip."""

    msg_id: int
    seqno: int
    body: bytes


def open_packet(key: bytes, frame: bytes) -> Packet:
    """Decrypt a client's frame: key id (8 bytes), message key (16), encrypted data. Raises EnvelopeError."""
    if len(frame) < 24 + 48 or (len(frame) - 24) % 16:
        raise EnvelopeError("not whole blocks")
    msg_key = frame[8:24]
    plain = AES.decrypt_ige(frame[24:], *_aes_key(key, msg_key, 0))
    if hashlib.sha256(key[88:120] + plain).digest()[8:24] != msg_key:
        raise EnvelopeError("message key does not match")
    salt, session_id, msg_id, seqno, length = struct.unpack_from("<qqqiI", plain)
    if length % 4 or not 12 <= len(plain) - 32 - length <= 1024:
        raise EnvelopeError("impossible length")
    return Packet(salt, session_id, msg_id, seqno, plain[32 : 32 + length])


def seal_packet(key: bytes, key_id: int, packet: Packet) -> bytes:
    """Encrypt what the server sends: the reverse of `open_packet`, in the other direction."""
    plain = struct.pack(
        "<qqqiI", packet.salt, packet.session_id, packet.msg_id, packet.seqno, len(packet.body)
    )
    plain += packet.body
    plain += secrets.token_bytes(-(len(plain) + 12) % 16 + 12)
    msg_key = hashlib.sha256(key[96:128] + plain).digest()[8:24]
    encrypted: bytes = AES.encrypt_ige(plain, *_aes_key(key, msg_key, 8))
    return struct.pack("<q", key_id) + msg_key + encrypted


def _aes_key(key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = hashlib.sha256(msg_key + key[x : x + 36]).digest()
    b = hashlib.sha256(key[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


def server_salt(key: bytes, now: float, periods_later: int = 0) -> int:
    """The salt of a period, made of the key itself: it needs no storage and survives a restart."""
    period = int(now // SALT_SECONDS) + periods_later
    digest = hashlib.sha256(b"salt" + period.to_bytes(8, "little", signed=True) + key).digest()
    return int.from_bytes(digest[:8], "little", signed=True)


def salt_is_valid(key: bytes, salt: int, now: float) -> bool:
    """Whether it is the salt of this period or of the one before."""
    return salt in (server_salt(key, now), server_salt(key, now, -1))


class MessageIds:
    """Rising message ids on real time: seconds in the upper half, odd because the server sends them."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, *, answer: bool) -> int:
        """A new id: 1 modulo 4 for the answer to a message, 3 modulo 4 for a notice."""
        self._last = max(self._last + 4, int(time.time() * (1 << 32)) & ~3)
        return self._last | (1 if answer else 3)


def unpack(packet: Packet) -> Iterator[Message]:
    """The messages of a packet. Raises InvalidContainer, and EnvelopeError for a body that cannot be."""
    body = gunzip(packet.body)
    if len(body) < 4:
        raise EnvelopeError("empty message")
    if _constructor(body) != CONTAINER:
        yield Message(packet.msg_id, packet.seqno, body)
        return
    if len(body) < 8:
        raise InvalidContainer
    count = struct.unpack_from("<I", body, 4)[0]
    if count > MAX_CONTAINER_MESSAGES:
        raise InvalidContainer
    place = 8
    for _ in range(count):
        if place + 16 > len(body):
            raise InvalidContainer
        msg_id, seqno, length = struct.unpack_from("<qiI", body, place)
        place += 16
        if length < 4 or place + length > len(body) or msg_id >= packet.msg_id:
            raise InvalidContainer
        inner = gunzip(body[place : place + length])
        place += length
        if _constructor(inner) == CONTAINER:
            raise InvalidContainer
        yield Message(msg_id, seqno, inner)


def container(messages: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Several messages (msg_id, seqno, body) as the body of one."""
    parts = [struct.pack("<qiI", msg_id, seqno, len(body)) + body for msg_id, seqno, body in messages]
    return struct.pack("<II", CONTAINER, len(parts)) + b"".join(parts)


def gunzip(body: bytes) -> bytes:
    """The content of a gzip_packed body; any other body as it is. Raises EnvelopeError."""
    if len(body) < 8 or _constructor(body) != GZIP_PACKED:
        return body
    try:
        packed = BinaryReader(body[4:]).tgread_bytes()
    except (struct.error, BufferError) as error:
        raise EnvelopeError("gzip data cut short") from error
    return inflate(packed)


def inflate(packed: bytes) -> bytes:
    """Unpack gzip data up to MAX_UNPACKED. Raises EnvelopeError."""
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(packed, MAX_UNPACKED)
    except zlib.error as error:
        raise EnvelopeError("not gzip") from error
    if not stream.eof:
        raise EnvelopeError("unpacks to too much, or is cut short")
    return content


def gzip_packed(content: bytes) -> bytes:
    """The content as a gzip_packed object; level 1, since it only travels inside this machine."""
    stream = zlib.compressobj(level=1, wbits=31)
    return struct.pack("<I", GZIP_PACKED) + tl_bytes(stream.compress(content) + stream.flush())


def tl_bytes(content: bytes) -> bytes:
    """The TL type "bytes" (or "string"): length, content, zeros up to whole words."""
    short = len(content) < 254
    head = bytes((len(content),)) if short else b"\xfe" + len(content).to_bytes(3, "little")
    return head + content + bytes(-(len(head) + len(content)) % 4)


class RequestReader(BinaryReader):  # type: ignore[misc]
    """Reads requests; unlike its base it looks into gzip packed parts, and not without a limit."""

    def tgread_object(self) -> Any:
        if self.stream[self.position : self.position + 4] == GZIP_PACKED.to_bytes(4, "little"):
            self.position += 4
            return RequestReader(inflate(self.tgread_bytes())).tgread_object()
        return super().tgread_object()


def _constructor(body: bytes) -> int:
    return int.from_bytes(body[:4], "little")
