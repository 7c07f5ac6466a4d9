"""A server with a toy world behind it, so that the wire is tested without the simulated one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from inspect import Parameter, signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import functions, types

from telegram_simulator.mtproto import (
    Caller,
    MTProtoServer,
    RpcError,
    ServerKey,
    load_or_create_server_key,
    mint_session,
)

HOST = "127.0.0.1"


class MemoryKeyStore:
    """Keys and layers in memory."""

    def __init__(self) -> None:
        self.keys: dict[int, bytes] = {}
        self.layers: dict[int, int] = {}

    def auth_key(self, auth_key_id: int) -> bytes | None:
        return self.keys.get(auth_key_id)

    def add_auth_key(self, auth_key_id: int, key: bytes) -> None:
        self.keys[auth_key_id] = key

    def remember_layer(self, auth_key_id: int, layer: int) -> None:
        self.layers[auth_key_id] = layer

    def layer(self, auth_key_id: int) -> int | None:
        return self.layers.get(auth_key_id)


@cache
def server_key() -> ServerKey:
    """One RSA key for all tests of a process, trusted by Telethon from now on."""
    with TemporaryDirectory() as folder:
        key = load_or_create_server_key(Path(folder))
    rsa.add_key(key.public_pem, old=False)
    return key


class ToyWorld:
    """Answers a handful of methods; a test replaces or adds what it needs in `methods`."""

    def __init__(self) -> None:
        self.methods: dict[type[Any], Callable[[Caller, Any], Awaitable[Any]]] = {}
        self.received: list[Any] = []
        self.callers: list[Caller] = []
        self.shown: list[Caller] = []
        self.ended: list[Caller] = []
        self.store = MemoryKeyStore()
        self.server = self._new_server()
        self.port = 0

    def _new_server(self) -> MTProtoServer:
        return MTProtoServer(
            rsa_key=server_key(),
            key_store=self.store,
            handle=self._handle,
            on_connect=self.shown.append,
            on_disconnect=self.ended.append,
        )

    async def restart(self) -> None:
        """A new server process, as far as the client can tell, on the same port and with the same keys."""
        await self.server.stop()
        self.server = self._new_server()
        await self.server.start(HOST, self.port)

    async def _handle(self, caller: Caller, request: Any) -> Any:
        self.received.append(request)
        self.callers.append(caller)
        method = self.methods.get(type(request))
        if method is not None:
            return await method(caller, request)
        if isinstance(request, functions.help.GetConfigRequest):
            return config(self.port)
        if isinstance(request, functions.users.GetUsersRequest):
            return [types.User(id=7, is_self=True, access_hash=1, first_name="Toy")]
        if isinstance(request, functions.updates.GetStateRequest):
            return types.updates.State(pts=1, qts=0, date=datetime.now(UTC), seq=0, unread_count=0)
        if isinstance(request, functions.updates.GetDifferenceRequest):
            return types.updates.DifferenceEmpty(date=datetime.now(UTC), seq=0)
        raise RpcError(400, "METHOD_NOT_SIMULATED")

    def answer(self, method: type[Any], answer: Any) -> None:
        """From now on this method returns `answer`, or raises it."""

        async def give(caller: Caller, request: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.methods[method] = give

    def count(self, method: type[Any]) -> int:
        """How often a method reached the world."""
        return sum(isinstance(request, method) for request in self.received)

    def minted(self) -> str:
        """A session string of a key that the server knows already."""
        string, auth_key_id, key = mint_session(HOST, self.port, 2)
        self.store.add_auth_key(auth_key_id, key)
        return string

    def client(self, session: str | None = None, **options: Any) -> TelegramClient:
        """An unmodified client of this server: with the session given, or one that has to agree on a key."""
        stored = StringSession(session)
        if session is None:
            stored.set_dc(2, HOST, self.port)
        options = {"connection": ConnectionTcpFull, "retry_delay": 0.05, "timeout": 5} | options
        return TelegramClient(stored, 1, "hash", flood_sleep_threshold=0, **options)


def config(port: int) -> Any:
    """The smallest configuration that a client takes."""
    numbers = {
        name: 100
        for name, parameter in signature(types.Config).parameters.items()
        if parameter.annotation is int and parameter.default is Parameter.empty
    }
    fixed = {
        "date": datetime.now(UTC),
        "expires": datetime.now(UTC),
        "test_mode": False,
        "this_dc": 2,
        "dc_options": [types.DcOption(id=2, ip_address=HOST, port=port)],
        "dc_txt_domain_name": "",
        "me_url_prefix": "",
    }
    return types.Config(**(numbers | fixed))


@asynccontextmanager
async def toy_world() -> AsyncIterator[ToyWorld]:
    """A listening server and its world; both are gone afterwards."""
    world = ToyWorld()
    world.port = await world.server.start(HOST, 0)
    try:
        yield world
    finally:
        await world.server.stop()


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[tuple[ToyWorld, TelegramClient]]:
    """A toy world and one connected client with a minted key."""
    async with toy_world() as world:
        client = world.client(world.minted(), **options)
        await client.connect()
        try:
            yield world, client
        finally:
            await client.disconnect()


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until the condition holds; TimeoutError when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
