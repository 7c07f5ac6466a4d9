"""Cuts the byte stream of one TCP connection into frames, in the four ways that clients use.

The first bytes tell which (core.telegram.org/mtproto/mtproto-transports): `ef` Abridged, `ee ee ee ee`
Intermediate, zeros at bytes 4 to 8 Full (its first frame carries number 0), anything else 64 bytes of an
obfuscated header, with Abridged or Intermediate inside.
"""

import struct
import zlib
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

# A client's packet holds at most 1,044,456 bytes, plus encryption and framing. More is never buffered.
MAX_FRAME = 1_048_576 + 1024

ABRIDGED_TAG = b"\xef"
INTERMEDIATE_TAG = b"\xee\xee\xee\xee"
# What scanners and browsers send first; an obfuscated header never starts like this.
FOREIGN_STARTS = (b"GET ", b"POST", b"HEAD", b"OPTI", b"PVrG", b"\x16\x03\x01\x02")


class TransportError(Exception):
    """The bytes are no MTProto transport, or a frame is broken: the connection has to be closed."""


class Framing(Protocol):
    """One way of framing; it keeps what it needs between frames."""

    def take(self, stream: bytearray, start: int) -> tuple[bytes, int] | None:
        """The frame at `start` and where the next one begins; None while it is incomplete."""
        ...

    def wrap(self, payload: bytes) -> bytes:
        """The payload as a frame to send."""
        ...


class Full:
    """Length, running number, payload, CRC32; both directions count their frames from 0."""

    def __init__(self) -> None:
        self._received = 0
        self._sent = 0

    def take(self, stream: bytearray, start: int) -> tuple[bytes, int] | None:
        if len(stream) - start < 8:
            return None
        length, number = struct.unpack_from("<iI", stream, start)
        _check_length(length - 12)
        if number != self._received:
            raise TransportError("frames out of order")
        end = start + length
        if len(stream) < end:
            return None
        with memoryview(stream) as view:
            checksum = zlib.crc32(view[start : end - 4])
            payload = bytes(view[start + 8 : end - 4])
        if struct.unpack_from("<I", stream, end - 4)[0] != checksum:
            raise TransportError("checksum does not match")
        self._received += 1
        return payload, end

    def wrap(self, payload: bytes) -> bytes:
        body = struct.pack("<iI", len(payload) + 12, self._sent) + payload
        self._sent += 1
        return body + struct.pack("<I", zlib.crc32(body))


class Abridged:
    """Length in 4-byte words, in one byte or, after `7f`, in three."""

    def take(self, stream: bytearray, start: int) -> tuple[bytes, int] | None:
        if len(stream) <= start:
            return None
        words, start = stream[start], start + 1
        if words == 0x7F:
            if len(stream) < start + 3:
                return None
            words, start = int.from_bytes(stream[start : start + 3], "little"), start + 3
        elif words > 0x7F:
            raise TransportError("quick acknowledgements are not simulated")
        return _slice(stream, start, words * 4)

    def wrap(self, payload: bytes) -> bytes:
        words = len(payload) // 4
        head = bytes((words,)) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")
        return head + payload


class Intermediate:
    """Length in four bytes."""

    def take(self, stream: bytearray, start: int) -> tuple[bytes, int] | None:
        if len(stream) - start < 4:
            return None
        return _slice(stream, start + 4, struct.unpack_from("<I", stream, start)[0])

    def wrap(self, payload: bytes) -> bytes:
        return struct.pack("<I", len(payload)) + payload


class FrameStream:
    """Both directions of one connection: bytes in, frames out, and the reverse."""

    def __init__(self) -> None:
        self._stream = bytearray()
        self._framing: Framing | None = None
        self._decrypt: CipherContext | None = None
        self._encrypt: CipherContext | None = None

    def receive(self, data: bytes) -> list[bytes]:
        """The frames that `data` completes. Raises TransportError when there is no way to go on."""
        self._stream += self._decrypt.update(data) if self._decrypt else data
        if self._framing is None and not self._recognise():
            return []
        frames: list[bytes] = []
        start = 0
        while self._framing and (taken := self._framing.take(self._stream, start)):
            frame, start = taken
            frames.append(frame)
        del self._stream[:start]
        return frames

    def wrap(self, payload: bytes) -> bytes:
        """The bytes to send for one payload; only after the client's first frame has been received."""
        if self._framing is None:
            raise TransportError("nothing can be sent before the client has spoken")
        framed = self._framing.wrap(payload)
        return self._encrypt.update(framed) if self._encrypt else framed

    def _recognise(self) -> bool:
        """Choose the framing by the first bytes and drop its tag; False while there are too few."""
        stream = self._stream
        if stream.startswith(ABRIDGED_TAG):
            self._framing = Abridged()
            del stream[:1]
        elif len(stream) < 8:
            return False
        elif stream.startswith(INTERMEDIATE_TAG):
            self._framing = Intermediate()
            del stream[:4]
        elif stream[4:8] == bytes(4):
            self._framing = Full()
        elif stream.startswith(FOREIGN_STARTS):
            raise TransportError("another protocol")
        elif len(stream) < 64:
            return False
        else:
            self._open_obfuscation(bytes(stream[:64]))
        return True

    def _open_obfuscation(self, header: bytes) -> None:
        """AES-CTR with keys out of the header; its encrypted end names the framing inside."""
        backwards = header[55:7:-1]
        self._decrypt = Cipher(algorithms.AES(header[8:40]), modes.CTR(header[40:56])).decryptor()
        self._encrypt = Cipher(algorithms.AES(backwards[:32]), modes.CTR(backwards[32:])).encryptor()
        plain = self._decrypt.update(bytes(self._stream))
        if plain[56:60] == ABRIDGED_TAG * 4:
            self._framing = Abridged()
        elif plain[56:60] == INTERMEDIATE_TAG:
            self._framing = Intermediate()
        else:
            raise TransportError("no transport that is known here")
        self._stream = bytearray(plain[64:])


def _slice(stream: bytearray, start: int, length: int) -> tuple[bytes, int] | None:
    _check_length(length)
    end = start + length
    return (bytes(stream[start:end]), end) if len(stream) >= end else None


def _check_length(length: int) -> None:
    """A payload has at least 4 bytes and comes in whole words; see MAX_FRAME for the other end."""
    if not 4 <= length <= MAX_FRAME or length % 4:
        raise TransportError("a frame of impossible length")
