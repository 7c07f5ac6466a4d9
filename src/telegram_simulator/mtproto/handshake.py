"""The key exchange of one connection: req_pq_multi, req_DH_params, set_client_DH_params.

Follows core.telegram.org/mtproto/auth_key, with the older RSA padding (SHA-1, data, random bytes) that
Telethon uses. Messages of the exchange are not encrypted.
"""

import functools
import hashlib
import secrets
import struct
import time
from typing import Any

from telethon.crypto import AES
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl.functions import (
    ReqDHParamsRequest,
    ReqPqMultiRequest,
    ReqPqRequest,
    SetClientDHParamsRequest,
)
from telethon.tl.types import (
    ClientDHInnerData,
    DhGenFail,
    DhGenOk,
    DhGenRetry,
    PQInnerData,
    PQInnerDataDc,
    ResPQ,
    ServerDHInnerData,
    ServerDHParamsOk,
)

from telegram_simulator.mtproto.keys import ServerKey

# The 2048-bit safe prime that Telegram's servers use, with generator 3.
DH_PRIME_BYTES = bytes.fromhex(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f"
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754"
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b"
)
DH_PRIME = int.from_bytes(DH_PRIME_BYTES, "big")
GENERATOR = 3
# Both sides must refuse public values closer to 0 or to the prime than this.
SAFETY_RANGE = 1 << (2048 - 64)
# 256 secret bits are as strong as the group itself, and eight times faster to raise to than 2048.
EXPONENT_BITS = 256


class HandshakeError(Exception):
    """The client broke the rules of the exchange; the connection has to be closed."""


class Handshake:
    """One exchange after the other on one connection; `receive` takes a message and gives the answer."""

    def __init__(self, server_key: ServerKey) -> None:
        self._server_key = server_key
        self._nonce = 0
        self._server_nonce = 0
        self._new_nonce = 0
        self._primes = (0, 0)
        self._exponent = 0
        self._expected: tuple[type[Any], ...] = (ReqPqMultiRequest, ReqPqRequest)
        self.agreed_key: bytes | None = None  # 256 bytes once the exchange has succeeded

    def receive(self, body: bytes) -> bytes:
        """The serialised answer to one message. Raises HandshakeError."""
        try:  # whatever foreign bytes make the decoder raise means the same
            request = BinaryReader(body).tgread_object()
        except Exception as error:
            raise HandshakeError("not a message of the exchange") from error
        if isinstance(request, ReqPqMultiRequest | ReqPqRequest):
            answer = self._offer(request)
        elif not isinstance(request, self._expected):
            raise HandshakeError("not the next step of the exchange")
        elif request.nonce != self._nonce or request.server_nonce != self._server_nonce:
            raise HandshakeError("nonces do not match")
        elif isinstance(request, ReqDHParamsRequest):
            answer = self._share(request)
        else:
            answer = self._agree(request)
        return bytes(answer)

    def _offer(self, request: Any) -> Any:
        self._nonce = request.nonce
        self._server_nonce = int.from_bytes(secrets.token_bytes(16), "little", signed=True)
        self._primes = _two_primes()
        self._expected = (ReqDHParamsRequest,)
        return ResPQ(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            pq=(self._primes[0] * self._primes[1]).to_bytes(4, "big"),
            server_public_key_fingerprints=[self._server_key.fingerprint],
        )

    def _share(self, request: Any) -> Any:
        """Check the factors, read the client's secret nonce, send our half of the Diffie-Hellman key."""
        if request.public_key_fingerprint != self._server_key.fingerprint:
            raise HandshakeError("encrypted to a key that is not ours")
        if len(request.encrypted_data) != 256:
            raise HandshakeError("not one block")
        inner = self._read_hashed(self._server_key.decrypt(request.encrypted_data)[1:])
        if not isinstance(inner, PQInnerData | PQInnerDataDc):
            raise HandshakeError("temporary keys are not simulated")
        if (int.from_bytes(inner.p, "big"), int.from_bytes(inner.q, "big")) != self._primes:
            raise HandshakeError("wrong factors")
        if inner.nonce != self._nonce or inner.server_nonce != self._server_nonce:
            raise HandshakeError("nonces do not match")
        self._new_nonce = inner.new_nonce
        self._exponent, public = _half_of_key()
        plain = bytes(
            ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=self._server_nonce,
                g=GENERATOR,
                dh_prime=DH_PRIME_BYTES,
                g_a=public.to_bytes(256, "big"),
                server_time=int(time.time()),
            )
        )
        hashed = _sha1(plain) + plain
        hashed += secrets.token_bytes(-len(hashed) % 16)
        self._expected = (SetClientDHParamsRequest,)
        return ServerDHParamsOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            encrypted_answer=AES.encrypt_ige(hashed, *self._aes_key()),
        )

    def _agree(self, request: Any) -> Any:
        if not request.encrypted_data or len(request.encrypted_data) % 16:
            raise HandshakeError("not whole blocks")
        inner = self._read_hashed(AES.decrypt_ige(request.encrypted_data, *self._aes_key()))
        if not isinstance(inner, ClientDHInnerData):
            raise HandshakeError("not the client's half of the key")
        if inner.nonce != self._nonce or inner.server_nonce != self._server_nonce:
            raise HandshakeError("nonces do not match")
        self._expected = ()
        public = int.from_bytes(inner.g_b, "big")
        if not SAFETY_RANGE <= public <= DH_PRIME - SAFETY_RANGE:
            return self._verdict(DhGenFail, 3, bytes(1))
        shared = pow(public, self._exponent, DH_PRIME)
        key = shared.to_bytes((shared.bit_length() + 7) // 8, "big")
        if len(key) < 256:
            # Telethon does not pad a key that happens to start with zeros, and could never use it.
            return self._verdict(DhGenRetry, 2, key)
        self.agreed_key = key
        return self._verdict(DhGenOk, 1, key)

    def _verdict(self, kind: Any, number: int, key: bytes) -> Any:
        new_nonce = self._new_nonce.to_bytes(32, "little", signed=True)
        digest = _sha1(new_nonce + bytes((number,)) + _sha1(key)[:8])
        proof = int.from_bytes(digest[4:], "little", signed=True)
        return kind(self._nonce, self._server_nonce, proof)

    def _aes_key(self) -> tuple[bytes, bytes]:
        key, iv = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        return key, iv

    def _read_hashed(self, plain: bytes) -> Any:
        """SHA-1 of an object, the object, padding of unknown length: the object, when the hash is right."""
        reader = BinaryReader(plain[20:])
        try:
            inner = reader.tgread_object()
        except Exception as error:
            raise HandshakeError("does not decrypt to an object") from error
        if _sha1(plain[20 : 20 + reader.tell_position()]) != plain[:20]:
            raise HandshakeError("hash does not match")
        return inner


def read_plain(frame: bytes) -> bytes:
    """The body of an unencrypted message: key id 0, msg_id, length, body. Raises HandshakeError."""
    if len(frame) < 20:
        raise HandshakeError("too short")
    length = struct.unpack_from("<I", frame, 16)[0]
    if length > len(frame) - 20:
        raise HandshakeError("shorter than it says")
    return frame[20 : 20 + length]


def plain_message(msg_id: int, body: bytes) -> bytes:
    """The reverse of `read_plain`."""
    return struct.pack("<qqI", 0, msg_id, len(body)) + body


def _two_primes() -> tuple[int, int]:
    """Two different primes, the smaller first; their product has 31 bits, so clients factor it in no time."""
    low, high = sorted(secrets.SystemRandom().sample(_primes(), 2))
    return low, high


@functools.cache
def _primes() -> tuple[int, ...]:
    """All primes from 2**15 to 46,340, the root of 2**31: Telethon reads the product as a signed number."""
    sieve = bytearray([1]) * 46_341
    for candidate in range(2, 216):
        if sieve[candidate]:
            sieve[candidate * candidate :: candidate] = bytes(len(sieve[candidate * candidate :: candidate]))
    return tuple(number for number in range(1 << 15, len(sieve)) if sieve[number])


def _half_of_key() -> tuple[int, int]:
    """A secret exponent and the public value made of it, inside the range that clients accept."""
    while True:
        exponent = secrets.randbits(EXPONENT_BITS)
        public = pow(GENERATOR, exponent, DH_PRIME)
        if SAFETY_RANGE <= public <= DH_PRIME - SAFETY_RANGE:
            return exponent, public


def _sha1(content: bytes) -> bytes:
    return hashlib.sha1(content, usedforsecurity=False).digest()
