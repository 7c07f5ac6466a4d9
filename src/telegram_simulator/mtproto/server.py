"""The MTProto door: listens, keeps track of live connections, and pushes updates to them."""

import asyncio
import time

from telegram_simulator.mtproto.connection import ClientConnection
from telegram_simulator.mtproto.dispatch import Dispatcher
from telegram_simulator.mtproto.envelope import MessageIds
from telegram_simulator.mtproto.keys import ServerKey
from telegram_simulator.mtproto.seam import (
    Answer,
    Caller,
    Connection,
    ConnectionCallback,
    Handler,
    KeyStore,
    RpcError,
    TLObject,
    TLRequest,
)
from telegram_simulator.mtproto.session import Session

__all__ = [
    "Answer",
    "Caller",
    "Connection",
    "Handler",
    "KeyStore",
    "MTProtoServer",
    "RpcError",
    "ServerKey",
    "TLObject",
    "TLRequest",
]

# How often silent connections and forgotten sessions are looked for.
SWEEP_SECONDS = 1.0
# A session without a connection is remembered for as long as its msg_ids are acceptable.
SESSION_SECONDS = 300


class MTProtoServer:
    """Serves unmodified Telegram clients on one TCP port.

    `on_connect` and `on_disconnect` are called once for each connection that has shown a key: at the first
    message that the key decrypts, and when that connection has ended.
    A key that the world takes back stays usable on connections that are open already until they are closed.
    """

    def __init__(
        self,
        *,
        rsa_key: ServerKey,
        key_store: KeyStore,
        handle: Handler,
        on_connect: ConnectionCallback | None = None,
        on_disconnect: ConnectionCallback | None = None,
    ) -> None:
        self.rsa_key = rsa_key
        self.key_store = key_store
        self.sessions: dict[tuple[int, int], Session] = {}
        self.dispatcher = Dispatcher(key_store=key_store, handle=handle, sessions=self.sessions)
        self.message_ids = MessageIds()
        self._on_connect = on_connect
        self._on_disconnect = on_disconnect
        self._connections: set[ClientConnection] = set()
        self._by_key: dict[int, list[ClientConnection]] = {}
        self._listener: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 picks a free one. Returns the port."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: ClientConnection(self), host, port, backlog=1024, reuse_address=True
        )
        self._sweeper = asyncio.create_task(self._sweep())
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening, cut every connection, end the requests that are still running."""
        if self._listener is None or self._sweeper is None:
            return
        self._listener.close()
        self._sweeper.cancel()
        tasks: list[asyncio.Task[None]] = [self._sweeper]
        for connection in list(self._connections):
            connection.abort()
        for session in self.sessions.values():
            tasks.extend(session.running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._listener.wait_closed()
        self._listener = None

    def connections(self, auth_key_id: int) -> list[Connection]:
        """Every live connection of this key, the oldest first."""
        return [connection for connection in self._by_key.get(auth_key_id, ()) if not connection.closed]

    async def push(self, auth_key_id: int, updates: TLObject) -> int:
        """Send an `Updates` object to every live connection of the key; returns how many took it."""
        return sum(connection.push(updates) for connection in self.connections(auth_key_id))

    # What connections report

    def opened(self, connection: ClientConnection) -> None:
        """A TCP connection was accepted; nothing is known of it yet."""
        self._connections.add(connection)

    def shown(self, connection: ClientConnection, caller: Caller) -> None:
        """A connection has sent its first message that decrypts."""
        self._by_key.setdefault(caller.auth_key_id, []).append(connection)
        if self._on_connect is not None:
            self._on_connect(caller)

    def ended(self, connection: ClientConnection, caller: Caller | None) -> None:
        """A connection is no more; `caller` is the one it was shown with, if it ever was."""
        self._connections.discard(connection)
        if caller is None:
            return
        live = self._by_key[caller.auth_key_id]
        live.remove(connection)
        if not live:
            del self._by_key[caller.auth_key_id]
        if self._on_disconnect is not None:
            self._on_disconnect(caller)

    async def _sweep(self) -> None:
        """Close connections that have been silent for too long, forget sessions that will not come back."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = time.monotonic()
            for connection in list(self._connections):
                if now - connection.last_heard > connection.idle_seconds:
                    connection.abort()
            for place, session in list(self.sessions.items()):
                idle = session.connection is None and not session.running
                if idle and now - session.last_used > SESSION_SECONDS:
                    del self.sessions[place]
