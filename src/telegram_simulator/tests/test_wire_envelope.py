"""The protocol's own rules, with a client that can break them."""

import asyncio
import gzip
import struct
import time
from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import functions, types
from telethon.tl.core import RpcResult

from telegram_simulator.mtproto import envelope, session
from telegram_simulator.mtproto.envelope import SALT_SECONDS, server_salt
from telegram_simulator.tests.wire_client import GET_ME, packed, raw_client
from telegram_simulator.tests.wire_server import toy_world, until

GetUsers = functions.users.GetUsersRequest


def users(result: Any) -> Any:
    """What a client makes of the answer."""
    return GetUsers.read_result(BinaryReader(result.body))


async def test_a_first_packet_with_an_unknown_salt_is_refused_with_the_right_one() -> None:
    async with toy_world() as world, raw_client(world, started=False) as client:
        right, client.state.salt = client.state.salt, 0
        msg_id = await client.send(functions.PingRequest(5))
        refusal = await client.read(types.BadServerSalt)
        assert (refusal.bad_msg_id, refusal.error_code) == (msg_id, 48)
        assert refusal.new_server_salt == right

        client.state.salt = refusal.new_server_salt
        again = await client.send(functions.PingRequest(6))
        assert (await client.read(types.Pong)).msg_id == again


async def test_for_a_container_the_refusal_names_the_container() -> None:
    async with toy_world() as world, raw_client(world) as client:
        client.state.salt += 1
        inner = [(client.new_id(), 1, GET_ME), (client.new_id(), 3, GET_ME)]
        outer = await client.send_container(inner)
        assert (await client.read(types.BadServerSalt)).bad_msg_id == outer
        assert world.count(GetUsers) == 0


async def test_the_salt_of_the_period_before_is_still_good() -> None:
    async with toy_world() as world, raw_client(world) as client:
        client.state.salt = server_salt(client.state.auth_key.key, time.time() - SALT_SECONDS)
        assert isinstance(await client.result(await client.send(GET_ME)), RpcResult)


async def test_future_salts_start_with_the_present_one() -> None:
    async with toy_world() as world, raw_client(world) as client:
        msg_id = await client.send(functions.GetFutureSaltsRequest(3))
        answer = await client.read(types.FutureSalts)
        assert answer.req_msg_id == msg_id
        assert answer.salts[0].salt == client.state.salt
        starts = [salt.valid_since.timestamp() for salt in answer.salts]
        assert [later - starts[0] for later in starts] == [0, SALT_SECONDS, 2 * SALT_SECONDS]


@pytest.mark.parametrize(
    ("seconds_off", "last_bits", "code"), [(-400, 0, 16), (60, 0, 17), (0, 1, 18), (0, 2, 18)]
)
async def test_a_msg_id_off_the_clock_or_not_of_a_client_is_refused(
    seconds_off: float, last_bits: int, code: int
) -> None:
    async with toy_world() as world, raw_client(world) as client:
        client.last_id = 0
        msg_id = client.new_id(seconds_off) | last_bits
        await client.send(GET_ME, msg_id=msg_id)
        refusal = await client.read(types.BadMsgNotification)
        assert (refusal.bad_msg_id, refusal.error_code) == (msg_id, code)
        assert world.count(GetUsers) == 0


async def test_a_request_needs_an_odd_seqno() -> None:
    async with toy_world() as world, raw_client(world) as client:
        await client.send(GET_ME, seqno=4)
        assert (await client.read(types.BadMsgNotification)).error_code == 35
        assert world.count(GetUsers) == 0


async def test_containers_that_cannot_be_are_refused() -> None:
    async with toy_world() as world, raw_client(world) as client:
        nested = struct.pack("<Ii", envelope.CONTAINER, 0)
        await client.send_container([(client.new_id(), 0, nested)])
        assert (await client.read(types.BadMsgNotification)).error_code == 64

        outer = client.new_id()
        await client.send_container([(client.new_id(), 1, GET_ME)], msg_id=outer)
        assert (await client.read(types.BadMsgNotification)).error_code == 64

        await client.send(struct.pack("<IiqiI", envelope.CONTAINER, 1, client.new_id(), 1, 4000))
        assert (await client.read(types.BadMsgNotification)).error_code == 64
        assert world.count(GetUsers) == 0


async def test_a_new_session_is_greeted_once() -> None:
    async with toy_world() as world, raw_client(world, started=False) as client:
        first = await client.send(functions.PingRequest(1))
        greeting = (await client.messages())[0].obj
        assert isinstance(greeting, types.NewSessionCreated)
        assert greeting.first_msg_id == first
        await client.send(functions.PingRequest(2))
        assert isinstance((await client.messages())[0].obj, types.Pong)


async def test_a_request_sent_again_is_answered_again_but_done_once() -> None:
    async with toy_world() as world:
        async with raw_client(world) as client:
            msg_id = await client.send(GET_ME)
            first = users(await client.result(msg_id))
            await client.send(GET_ME, msg_id=msg_id)
            assert users(await client.result(msg_id)) == first
            key, session_id = client.state.auth_key.key, client.state.id
        # The connection is cut, the client comes back in the same session and asks once more.
        async with raw_client(world, key=key, session_id=session_id, started=False) as client:
            await client.send(GET_ME, msg_id=msg_id)
            assert users(await client.result(msg_id)) == first
        assert world.count(GetUsers) == 1


async def test_a_request_that_outlives_its_connection_is_answered_on_the_next() -> None:
    go_on = asyncio.Event()

    async def slow(caller: Any, request: Any) -> Any:
        await go_on.wait()
        return []

    async with toy_world() as world:
        world.methods[GetUsers] = slow
        async with raw_client(world) as client:
            msg_id = await client.send(GET_ME)
            await until(lambda: world.count(GetUsers))
            key, session_id = client.state.auth_key.key, client.state.id
        async with raw_client(world, key=key, session_id=session_id, started=False) as client:
            await client.send(GET_ME, msg_id=msg_id)
            await client.send(functions.PingRequest(1))
            await client.read(types.Pong)
            go_on.set()
            assert (await client.result(msg_id)).error is None
        assert world.count(GetUsers) == 1


async def test_an_answer_is_forgotten_once_it_is_acknowledged() -> None:
    async with toy_world() as world, raw_client(world) as client:
        msg_id = await client.send(GET_ME)
        (answer,) = await client.messages()
        (remembered,) = world.server.sessions.values()
        assert remembered.kept_answer(msg_id)
        await client.send(types.MsgsAck([answer.msg_id]), seqno=client.seqno)
        await client.send(functions.PingRequest(1))
        await client.read(types.Pong)
        assert remembered.kept_answer(msg_id) is None


async def test_a_message_too_old_to_be_remembered_is_refused_not_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "MAX_SEEN", 3)
    async with toy_world() as world, raw_client(world) as client:
        first = await client.send(GET_ME)
        for _ in range(4):
            await client.result(await client.send(GET_ME))
        await client.send(GET_ME, msg_id=first)
        refusal = await client.read(types.BadMsgNotification)
        assert (refusal.bad_msg_id, refusal.error_code) == (first, 20)
        assert world.count(GetUsers) == 5


async def test_answers_leave_in_packets_of_a_hundred_at_most() -> None:
    async with toy_world() as world, raw_client(world) as client:
        await client.send_container([(client.new_id(), client.odd_seqno(), GET_ME) for _ in range(250)])
        sizes: list[int] = []
        while sum(sizes) < 250:
            sizes.append(len(await client.messages()))
        assert sizes == [100, 100, 50]


async def test_long_answers_travel_packed() -> None:
    async with toy_world() as world, raw_client(world) as client:
        world.answer(GetUsers, [types.User(id=number, first_name="Anna") for number in range(500)])
        msg_id = await client.send(GET_ME)
        frame = await client.frame()
        assert len(frame) < 5000
        answer = client.state.decrypt_message_data(frame).obj
        assert answer.req_msg_id == msg_id
        assert len(users(answer)) == 500


async def test_the_server_numbers_its_messages_as_the_protocol_wants() -> None:
    async with toy_world() as world, raw_client(world) as client:
        ids: list[int] = []
        odd: list[int] = []
        for number in range(3):
            await client.send(GET_ME)
            await client.send(functions.PingRequest(number))
            while len(ids) < 2 * (number + 1):
                for message in await client.messages():
                    ids.append(message.msg_id)
                    if isinstance(message.obj, RpcResult):
                        odd.append(message.seq_no)
                        assert message.msg_id % 4 == 1
                    else:
                        assert message.msg_id % 4 == 3
                        assert message.seq_no % 2 == 0
        assert ids == sorted(ids)
        assert odd == sorted(set(odd))
        assert all(seqno % 2 for seqno in odd)


async def test_states_of_messages_are_told() -> None:
    async with toy_world() as world, raw_client(world) as client:
        known = await client.send(GET_ME)
        await client.result(known)
        await client.send(types.MsgsStateReq([known, client.new_id()]), seqno=client.seqno)
        assert (await client.read(types.MsgsStateInfo)).info == "\4\2"


async def test_another_session_can_be_destroyed_once() -> None:
    async with toy_world() as world, raw_client(world) as client:
        key = client.state.auth_key.key
        async with raw_client(world, key=key, started=False) as other:
            await other.send(functions.PingRequest(1))
            await other.read(types.Pong)
        await client.send(functions.DestroySessionRequest(other.state.id))
        assert (await client.read(types.DestroySessionOk)).session_id == other.state.id
        await client.send(functions.DestroySessionRequest(other.state.id))
        await client.read(types.DestroySessionNone)


async def test_a_connection_ends_when_the_client_no_longer_puts_it_off() -> None:
    async with toy_world() as world, raw_client(world) as client:
        await client.send(functions.PingDelayDisconnectRequest(1, disconnect_delay=1))
        await client.read(types.Pong)
        assert await client.ends()


async def test_requests_need_a_layer_first() -> None:
    async with toy_world() as world, raw_client(world, started=False) as client:
        answer = await client.result(await client.send(GET_ME))
        assert (answer.error.error_code, answer.error.error_message) == (400, "CONNECTION_NOT_INITED")


async def test_what_is_no_request_is_refused_in_words() -> None:
    async with toy_world() as world, raw_client(world) as client:
        for content, words in [
            (b"\x01\x02\x03\x04", "INPUT_METHOD_INVALID"),
            (types.InputUserSelf(), "INPUT_METHOD_INVALID"),
            (functions.InvokeWithoutUpdatesRequest(types.InputUserSelf()), "INPUT_METHOD_INVALID"),
            (bytes(functions.contacts.ResolveUsernameRequest("durov"))[:8], "INPUT_FETCH_ERROR"),
        ]:
            answer = await client.result(await client.send(content))
            assert (answer.error.error_code, answer.error.error_message) == (400, words)


async def test_gzip_is_read_everywhere_but_never_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    async with toy_world() as world, raw_client(world) as client:
        await client.result(await client.send(packed(GET_ME)))
        wrapped = bytes(functions.InvokeWithoutUpdatesRequest(GET_ME))[:4] + packed(GET_ME)
        await client.result(await client.send(wrapped))
        inner = client.new_id()
        await client.send_container([(inner, 1, packed(GET_ME))])
        await client.result(inner)
        assert world.count(GetUsers) == 3

        monkeypatch.setattr(envelope, "MAX_UNPACKED", 50_000)
        await client.send(packed(bytes(60_000)))
        assert await client.ends()


def test_inflate_refuses_what_is_cut_short() -> None:
    with pytest.raises(envelope.EnvelopeError):
        envelope.inflate(gzip.compress(b"text" * 50)[:-9])
    with pytest.raises(envelope.EnvelopeError):
        envelope.gunzip(struct.pack("<I", envelope.GZIP_PACKED) + b"\xfe\xff\xff\xff")
