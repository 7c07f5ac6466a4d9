"""A small HTTP/1.1 server for ASGI applications: the Bot API is asked thousands of times a second.

It does what bot programs need (keep-alive, pipelining, bodies by length or in chunks, 100-continue) in a third of
the time that a general server takes, and lets the door cut a connection in the middle of an answer.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

log = logging.getLogger(__name__)
Application = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]
LONGEST_HEAD = 65_536  # bytes
REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}
TOO_LARGE = b'{"ok":false,"error_code":413,"description":"Request Entity Too Large"}'
BAD = b'{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse the HTTP request"}'


class Malformed(Exception):
    """What came is no HTTP request."""


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    keep_alive: bool
    length: int  # of the body; -1: in chunks
    expects: bool  # waits for "100 Continue"
    body: bytearray = field(default_factory=bytearray)


def head_of(head: bytes) -> Request:
    """Request line and headers. Raises Malformed."""
    line, _, rest = head.partition(b"\r\n")
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1.") or not parts[1].startswith(b"/"):
        raise Malformed
    headers: list[tuple[bytes, bytes]] = []
    for each in rest.split(b"\r\n") if rest else ():
        name, colon, value = each.partition(b":")
        if not colon or not name or name != name.strip():
            raise Malformed
        headers.append((name.lower(), value.strip()))
    named = dict(headers)
    chunked = named.get(b"transfer-encoding", b"").lower() == b"chunked"
    length = named.get(b"content-length", b"0")
    if not length.isdigit():
        raise Malformed
    asked = named.get(b"connection", b"").lower()
    path, _, query = parts[1].partition(b"?")
    return Request(
        method=parts[0].decode("ascii", "replace"),
        path=unquote(path.decode("latin-1")),
        query=query,
        headers=headers,
        keep_alive=asked != b"close" and (parts[2] == b"HTTP/1.1" or asked == b"keep-alive"),
        length=-1 if chunked else int(length),
        expects=named.get(b"expect", b"").lower() == b"100-continue",
    )


class Exchange:
    """One request and its answer, as ASGI's `receive` and `send`."""

    __slots__ = ("_asked", "_connection", "_head", "request", "transport")

    def __init__(self, connection: "Connection", request: Request) -> None:
        self._connection = connection
        self.request = request
        self.transport = connection.transport
        self._asked = False
        self._head = b""

    @property
    def scope(self) -> dict[str, Any]:
        request = self.request
        return {
            "type": "http", "method": request.method, "path": request.path, "query_string": request.query,
            "headers": request.headers,
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        """The whole body at once; after that, only the end of the connection is news."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": bytes(self.request.body), "more_body": False}
        await self._connection.ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """The application always gives a content-length."""
        if message["type"] == "http.response.start":
            status = message["status"]
            lines = [
                b"HTTP/1.1 %d %s" % (status, REASONS.get(status, b"")),
                *(b"%s: %s" % h for h in message["headers"]),
            ]
            if not self.request.keep_alive:
                lines.append(b"connection: close")
            self._head = b"\r\n".join(lines) + b"\r\n\r\n"
            return
        self.transport.write(self._head + message.get("body", b""))
        self._head = b""


class Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._buffer = bytearray()
        self._request: Request | None = None  # whose body is still coming
        self._discard = 0  # bytes of a body that was too large
        self.task: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self.task is not None:
            if len(self._buffer) > LONGEST_HEAD:
                self.transport.pause_reading()
            return
        self._advance()

    def _advance(self) -> None:
        try:
            request = self._next()
        except Malformed:
            self._refuse(400, BAD)
            return
        if request is not None:
            self.task = asyncio.get_running_loop().create_task(self._serve(request))

    def _next(self) -> Request | None:
        """The next request that is here completely."""
        if self._discard:
            self._throw_away()
            return None
        if self._request is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > LONGEST_HEAD:
                    raise Malformed
                return None
            self._request = head_of(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
            if self._request.length > self._server.largest_body:
                self._discard = self._request.length
                self._answer(413, TOO_LARGE)
                self._throw_away()
                return None
            if self._request.expects:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = self._request
        if not (self._chunks(request) if request.length < 0 else self._whole(request)):
            return None
        self._request = None
        return request

    def _whole(self, request: Request) -> bool:
        if len(self._buffer) < request.length:
            return False
        request.body = self._buffer[: request.length]
        del self._buffer[: request.length]
        return True

    def _chunks(self, request: Request) -> bool:
        """Takes the chunks that are here; True after the last one. Trailers are not simulated."""
        while True:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                return False
            try:
                size = int(bytes(self._buffer[:end]).partition(b";")[0], 16)
            except ValueError:
                raise Malformed from None
            if len(self._buffer) < end + 2 + size + 2:
                return False
            request.body += self._buffer[end + 2 : end + 2 + size]
            del self._buffer[: end + 2 + size + 2]
            if size == 0:
                return True
            if len(request.body) > self._server.largest_body:
                self._refuse(413, TOO_LARGE)
                return False

    def _throw_away(self) -> None:
        """A client that is still sending would not read the refusal if the connection just ended."""
        gone = min(self._discard, len(self._buffer))
        del self._buffer[:gone]
        self._discard -= gone
        if not self._discard:
            self.transport.close()

    async def _serve(self, request: Request) -> None:
        exchange = Exchange(self, request)
        try:
            await self._server.application(exchange.scope, exchange.receive, exchange.send)
        except Exception:
            log.exception("an HTTP request failed")
            self.transport.abort()
        self.task = None
        if self.transport.is_closing():
            return
        if not request.keep_alive or self._server.stopping:
            self.transport.close()
            return
        self.transport.resume_reading()
        if self._buffer:
            self._advance()

    def _refuse(self, status: int, content: bytes) -> None:
        self._answer(status, content)
        self._buffer.clear()
        self.transport.close()

    def _answer(self, status: int, content: bytes) -> None:
        head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, REASONS[status], len(content)) + content)


class HttpServer:
    def __init__(self, application: Application, *, largest_body: int) -> None:
        self.application = application
        self.largest_body = largest_body
        self.connections: set[Connection] = set()
        self.stopping = False
        self._listener: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), sock=listener, backlog=1024)

    async def stop(self, *, patience: float = 0.5) -> None:
        """Idle connections end at once, requests that are under way get `patience` seconds."""
        self.stopping = True
        if self._listener is None:
            return
        self._listener.close()
        tasks = []
        for connection in list(self.connections):
            if connection.task is None:
                connection.transport.close()
            else:
                tasks.append(connection.task)
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for connection in list(self.connections):
            connection.transport.abort()
