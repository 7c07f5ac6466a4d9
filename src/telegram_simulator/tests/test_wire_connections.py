"""Connections that come, are cut, come back, stay silent, or talk nonsense; and updates over live ones."""

import asyncio
import os
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from telethon import TelegramClient, events
from telethon.tl import functions, types

from telegram_simulator.mtproto import Caller
from telegram_simulator.mtproto import connection as connection_module
from telegram_simulator.mtproto import server as server_module
from telegram_simulator.mtproto.transport import MAX_FRAME
from telegram_simulator.tests.wire_client import GET_ME, raw_client
from telegram_simulator.tests.wire_server import HOST, connected, toy_world, until

GetUsers = functions.users.GetUsersRequest
UpdateStatus = functions.account.UpdateStatusRequest


def typing_update(user_id: int) -> Any:
    return types.UpdateShort(
        types.UpdateUserTyping(user_id, types.SendMessageTypingAction()), datetime.now(UTC)
    )


def listen(client: TelegramClient) -> list[int]:
    """The user ids of the updates that the client's handlers get from now on."""
    heard: list[int] = []

    async def hear(event: Any) -> None:
        heard.append(event.user_id)

    client.add_event_handler(hear, events.Raw(types.UpdateUserTyping))
    return heard


async def test_updates_reach_every_live_connection_of_the_key() -> None:
    async with connected() as (world, client):
        heard = listen(client)
        (auth_key_id,) = world.store.keys
        for user_id in range(5):
            assert await world.server.push(auth_key_id, typing_update(user_id)) == 1
        await until(lambda: heard == [0, 1, 2, 3, 4])
        assert await world.server.push(auth_key_id + 1, typing_update(9)) == 0


async def test_a_client_without_updates_gets_none() -> None:
    async with connected(receive_updates=False) as (world, client):
        await client.get_me()
        (auth_key_id,) = world.store.keys
        assert await world.server.push(auth_key_id, typing_update(1)) == 0


async def test_after_a_cut_the_client_comes_back_and_hears_updates_again() -> None:
    async with connected() as (world, client):
        heard = listen(client)
        (auth_key_id,) = world.store.keys
        world.server.connections(auth_key_id)[0].abort()
        await until(lambda: len(world.ended) == 1)
        await until(lambda: world.server.connections(auth_key_id))
        async with asyncio.timeout(10):
            await client.get_me()
        assert await world.server.push(auth_key_id, typing_update(3)) == 1
        await until(lambda: heard == [3])
        assert len(world.shown) == 2


async def test_a_request_cut_off_before_its_answer_is_asked_again_by_the_client() -> None:
    async def cut_the_first(caller: Caller, request: Any) -> Any:
        if world.count(UpdateStatus) == 1:
            caller.connection.abort()
        return True

    async with connected() as (world, client):
        world.methods[UpdateStatus] = cut_the_first
        async with asyncio.timeout(20):
            assert await client(UpdateStatus(offline=True))
        # Telethon starts a new session with new msg_ids, so for any server this is a second request.
        assert world.count(UpdateStatus) == 2


async def test_a_client_survives_a_restart_of_the_server_with_its_saved_key() -> None:
    async with connected() as (world, client):
        layers = dict(world.store.layers)
        await world.restart()
        await until(lambda: world.shown[1:])
        async with asyncio.timeout(10):
            assert (await client.get_me()).first_name == "Toy"
        # The layer is not named again on a reconnect.
        assert world.callers[-1].layer == layers[world.callers[-1].auth_key_id]


async def test_a_closed_connection_still_delivers_what_was_answered() -> None:
    async def leave(caller: Caller, request: Any) -> Any:
        asyncio.get_running_loop().call_soon(caller.connection.close)
        return []

    async with toy_world() as world, raw_client(world) as client:
        world.methods[GetUsers] = leave
        assert await client.result(await client.send(GET_ME))
        assert world.shown[0].connection.closed
        assert await client.ends()


async def test_a_second_connection_of_a_key_is_seen_by_the_world() -> None:
    async with connected() as (world, client):
        twin = world.client(client.session.save())
        await twin.connect()
        (auth_key_id,) = world.store.keys
        one, other = world.server.connections(auth_key_id)
        assert [caller.connection for caller in world.shown] == [one, other]
        assert one != other
        await client.get_me()
        assert world.callers[-1].connection is one
        await twin.disconnect()
        await until(lambda: world.ended)
        assert world.ended[0] is world.shown[1]
        assert world.server.connections(auth_key_id) == [one]


async def test_a_client_with_a_wrong_clock_is_put_right() -> None:
    async with toy_world() as world:
        client = world.client(world.minted())
        client._sender._state.time_offset = 3600
        async with asyncio.timeout(10):
            await client.connect()
            assert (await client.get_me()).first_name == "Toy"
        await client.disconnect()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02" + bytes(range(200)),
        Random(1).randbytes(400),
        b"\xef\x10" + Random(2).randbytes(64),
        b"\xee\xee\xee\xee" + (MAX_FRAME + 4).to_bytes(4, "little"),
        (0x7FFFFFFC).to_bytes(4, "little") + bytes(4),
        (40).to_bytes(4, "little") + bytes(36),
        b"\xef\x05" + bytes(20),
        b"\xef\x7f\xff\xff\xff",
    ],
)
async def test_nonsense_is_cut_off_and_nobody_else_notices(nonsense: bytes) -> None:
    async with connected() as (world, client):
        reader, writer = await asyncio.open_connection(HOST, world.port)
        writer.write(nonsense)
        async with asyncio.timeout(10):
            assert await cut_off(reader)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        await client.get_me()
        await until(lambda: len(world.server._connections) == 1)


async def test_a_damaged_packet_of_a_known_key_is_cut_off() -> None:
    async with toy_world() as world, raw_client(world) as client:
        packet = bytearray(client.state.encrypt_message_data(bytes(40)))
        packet[-1] ^= 1
        await client.send_bytes(client.codec.encode_packet(bytes(packet)))
        assert await client.ends()


async def test_a_connection_belongs_to_one_key() -> None:
    async with toy_world() as world, raw_client(world) as client, raw_client(world) as other:
        client.state.auth_key = other.state.auth_key
        await client.send(GET_ME)
        assert await client.ends()


async def test_a_session_is_pushed_to_where_it_was_heard_last() -> None:
    async with toy_world() as world, raw_client(world) as client:
        key, session_id = client.state.auth_key.key, client.state.id
        async with raw_client(world, key=key, session_id=session_id, started=False) as moved:
            moved.last_id = client.last_id
            await moved.result(await moved.send(GET_ME))
            old, new = world.server.connections(world.shown[0].auth_key_id)
            assert await world.server.push(world.shown[0].auth_key_id, typing_update(1)) == 1
            assert (old.push(typing_update(2)), new.push(typing_update(3))) == (False, True)


async def test_what_a_client_says_puts_off_the_end_of_its_connection() -> None:
    async with toy_world() as world, raw_client(world) as client:
        (connection,) = world.server._connections
        before = connection.last_heard
        await client.result(await client.send(GET_ME))
        assert connection.last_heard > before


async def test_silent_and_half_open_connections_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "GREETING_SECONDS", 0.1)
    monkeypatch.setattr(server_module, "SWEEP_SECONDS", 0.05)
    async with toy_world() as world:
        reader, writer = await asyncio.open_connection(HOST, world.port)
        writer.write(b"\xef\x20half a frame")
        async with asyncio.timeout(10):
            assert await cut_off(reader)
        writer.close()
        assert not world.server._connections
        assert not world.shown


async def test_sessions_that_will_not_come_back_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SESSION_SECONDS", 0.1)
    monkeypatch.setattr(server_module, "SWEEP_SECONDS", 0.05)
    async with toy_world() as world:
        async with raw_client(world):
            assert len(world.server.sessions) == 1
        await until(lambda: not world.server.sessions)
        assert not world.server._by_key


async def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MAX_UNREAD_BYTES", 1_000_000)
    async with toy_world() as world, raw_client(world) as client:
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]
        (auth_key_id,) = world.store.keys
        big = types.Updates(
            [], [types.User(1, first_name=os.urandom(50_000).hex())], [], datetime.now(UTC), 0
        )

        def flooded() -> bool:
            live = world.server.connections(auth_key_id)
            return not any(connection.push(big) for connection in live)

        await until(flooded)
        await until(lambda: world.ended)


async def test_a_client_that_runs_far_ahead_is_slowed_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "MAX_RUNNING", 20)
    go_on = asyncio.Event()

    async def wait(caller: Caller, request: Any) -> Any:
        await go_on.wait()
        return []

    async with connected() as (world, client):
        world.methods[GetUsers] = wait
        answers = asyncio.gather(*(client(GET_ME) for _ in range(2000)))
        (connection,) = world.server._connections
        await until(lambda: connection._transport and not connection._transport.is_reading())
        go_on.set()
        async with asyncio.timeout(20):
            await answers
        assert connection._transport
        assert connection._transport.is_reading()


async def test_stopping_ends_running_requests_at_once() -> None:
    stuck = asyncio.Event()
    ended: list[Any] = []

    async def never(caller: Caller, request: Any) -> Any:
        stuck.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(request)

    async with toy_world() as world, raw_client(world) as client:
        world.methods[GetUsers] = never
        await client.send(GET_ME)
        await stuck.wait()
        async with asyncio.timeout(1):
            await world.server.stop()
        assert await client.ends()
        assert len(world.ended) == len(ended) == 1


async def cut_off(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ended the connection, with no more than an error of four bytes before."""
    try:
        return len(await reader.read()) < 20
    except ConnectionResetError:
        return True
