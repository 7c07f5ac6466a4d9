"""Tiny proxies on loopback for tests: SOCKS5, HTTP CONNECT and MTProto, each in a thread with its own event loop.

They forward to wherever they are asked (the MTProto one to a fixed place, as the real ones do) and count.
"""

import asyncio
import hashlib
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@dataclass
class ProxyServer:
    """`served` counts connections that were let through, `refused` those that were not."""

    port: int = 0
    served: int = 0
    refused: int = 0
    destinations: list[tuple[str, int]] = field(default_factory=list)


Serve = Callable[[ProxyServer, Reader, Writer], Awaitable[None]]


@contextmanager
def running(serve: Serve) -> Iterator[ProxyServer]:
    """The proxy listens on `port` of 127.0.0.1 inside the block; leaving it cuts all connections."""
    server, loop, started, over = ProxyServer(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    tasks: set[Any] = set()

    async def accept(reader: Reader, writer: Writer) -> None:
        tasks.add(asyncio.current_task())
        try:
            await serve(server, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            await _close(writer)

    async def listen() -> None:
        listener = await asyncio.start_server(accept, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        started.set()
        await over.wait()
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)

    thread = threading.Thread(target=lambda: loop.run_until_complete(listen()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


def socks5(user: str = "", password: str = "") -> Serve:
    """RFC 1928 with CONNECT only; with a user also RFC 1929."""

    async def serve(server: ProxyServer, reader: Reader, writer: Writer) -> None:
        _version, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if user else 0
        writer.write(bytes((5, wanted if wanted in methods else 255)))
        if wanted not in methods:
            server.refused += 1
            return
        if user and not await _named(reader, writer, user, password):
            server.refused += 1
            return
        _version, _command, _reserved, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(str(byte) for byte in await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        other = await asyncio.open_connection(host, port)
        writer.write(bytes((5, 0, 0, 1)) + bytes(6))
        server.served += 1
        server.destinations.append((host, port))
        await _forward((reader, writer), other)

    return serve


async def _named(reader: Reader, writer: Writer, user: str, password: str) -> bool:
    await reader.readexactly(1)
    given = []
    for _part in range(2):
        length = (await reader.readexactly(1))[0]
        given.append((await reader.readexactly(length)).decode())
    right = given == [user, password]
    writer.write(bytes((1, 0 if right else 1)))
    return right


def http_connect(authorization: str = "") -> Serve:
    """RFC 9110, 9.3.6; `authorization` is the whole value of Proxy-Authorization that is demanded."""

    async def serve(server: ProxyServer, reader: Reader, writer: Writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _version = head.splitlines()[0].split()
        named = {
            line.partition(": ")[2] for line in head.splitlines() if line.lower().startswith("proxy-auth")
        }
        if method != "CONNECT" or (authorization and authorization not in named):
            server.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        host, _colon, port = target.rpartition(":")
        other = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        server.served += 1
        server.destinations.append((host, int(port)))
        await _forward((reader, writer), other)

    return serve


def mtproto(secret: str, host: str, port: int) -> Serve:
    """An MTProto proxy with padded packets, in front of one data centre.

    The keys come out of the first 64 bytes and the secret; inside is the Intermediate transport with up to three bytes
    of padding (core.telegram.org/mtproto/mtproto-transports). A wrong secret shows no known tag: the door is shut.
    """

    async def serve(server: ProxyServer, reader: Reader, writer: Writer) -> None:
        header = await reader.readexactly(64)
        backwards, key = header[55:7:-1], bytes.fromhex(secret)
        decrypt = _cipher(header[8:40], header[40:56], key).decryptor()
        encrypt = _cipher(backwards[:32], backwards[32:48], key).encryptor()
        if decrypt.update(header)[56:60] != b"\xdd" * 4:
            server.refused += 1
            return
        other_reader, other_writer = await asyncio.open_connection(host, port)
        server.served += 1
        other_writer.write(b"\xee" * 4)
        try:
            await _until_one_ends(
                _unpad(reader, decrypt, other_writer), _copy(other_reader, writer, encrypt.update)
            )
        finally:
            await _close(other_writer)

    return serve


def _cipher(key: bytes, iv: bytes, secret: bytes) -> "Cipher[Any]":
    return Cipher(algorithms.AES(hashlib.sha256(key + secret).digest()), modes.CTR(iv))


async def _unpad(reader: Reader, decrypt: CipherContext, writer: Writer) -> None:
    while True:
        (length,) = struct.unpack("<I", decrypt.update(await reader.readexactly(4)))
        packet = decrypt.update(await reader.readexactly(length))
        packet = packet[: length - length % 4]
        writer.write(struct.pack("<I", len(packet)) + packet)
        await writer.drain()


def silent() -> Serve:
    """Takes every connection and never says a word."""

    async def serve(server: ProxyServer, reader: Reader, writer: Writer) -> None:
        server.refused += 1
        while await reader.read(65536):
            pass

    return serve


async def _forward(one: tuple[Reader, Writer], other: tuple[Reader, Writer]) -> None:
    try:
        await _until_one_ends(_copy(one[0], other[1]), _copy(other[0], one[1]))
    finally:
        await _close(other[1])


async def _close(writer: Writer) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _copy(reader: Reader, writer: Writer, change: Callable[[bytes], bytes] = bytes) -> None:
    while data := await reader.read(65536):
        writer.write(change(data))
        await writer.drain()


async def _until_one_ends(*ways: Any) -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
