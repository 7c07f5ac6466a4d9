"""The HTTP server below the Bot API, byte by byte."""

import asyncio
import socket
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegram_simulator.bot_api.http import HttpServer

LIMIT = 100_000


async def repeat(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Answers what it was asked."""
    message = await receive()
    content = (
        f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} ".encode() + message["body"]
    )
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def connected(
    application: Any = repeat,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = HttpServer(application, largest_body=LIMIT)
    await server.start(listener)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()
        await server.stop()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return int(head.split(b" ")[1]), await reader.readexactly(length)


BY_LENGTH = b"POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
IN_CHUNKS = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n"
BARE = b"GET /d HTTP/1.1\r\n\r\n"


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, len(BY_LENGTH + IN_CHUNKS + BARE)), max_size=12))
def test_requests_are_read_however_the_bytes_arrive(cuts: list[int]) -> None:
    """Several requests in one piece, or one in many."""
    stream = BY_LENGTH + IN_CHUNKS + BARE
    places = [0, *sorted(cuts), len(stream)]

    async def converse() -> list[tuple[int, bytes]]:
        async with connected() as (reader, writer):
            for start, end in pairwise(places):
                writer.write(stream[start:end])
                await writer.drain()
                await asyncio.sleep(0)
            return [await answer(reader) for _ in range(3)]

    assert asyncio.run(converse()) == [
        (200, b"POST /a b?x=1 body"),
        (200, b"POST /c? body"),
        (200, b"GET /d? "),
    ]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / SPDY/3\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"x" * 70_000, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 100001\r\n\r\n" + b"x" * 100_001, 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\n" + b"x" * 100_001 + b"\r\n", 413),
    ],
)
async def test_what_is_no_request_or_too_large_is_refused_and_ends(sent: bytes, status: int) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        assert (await answer(reader))[0] == status
        assert await reader.read() == b""


async def test_a_body_that_is_announced_is_asked_for() -> None:
    async with connected() as (reader, writer):
        writer.write(b"POST /u HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"ok")
        assert await answer(reader) == (200, b"POST /u? ok")


async def test_the_connection_ends_when_the_client_wishes_it() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /e HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert (await answer(reader))[0] == 200
        assert await reader.read() == b""


async def test_an_application_that_waits_hears_when_the_client_is_gone() -> None:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait(_: MutableMapping[str, Any], receive: Any, __: Any) -> None:
        await receive()
        heard.set_result((await receive())["type"])

    async with connected(wait) as (_, writer):
        writer.write(BARE)
        await writer.drain()
        writer.close()
        assert await heard == "http.disconnect"
