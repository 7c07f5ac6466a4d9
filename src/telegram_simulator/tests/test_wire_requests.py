"""Requests of unmodified clients, and what the world answers to them."""

import asyncio
import logging
from typing import Any

import pytest
from telethon.errors import (
    AuthKeyUnregisteredError,
    BadRequestError,
    FloodWaitError,
    MsgWaitFailedError,
    PhoneMigrateError,
    RPCError,
    ServerError,
)
from telethon.tl import functions, types

from telegram_simulator.mtproto import Caller, RpcError
from telegram_simulator.tests.wire_server import connected

GetUsers = functions.users.GetUsersRequest


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (RpcError(401, "AUTH_KEY_UNREGISTERED"), AuthKeyUnregisteredError),
        (RpcError(400, "METHOD_NOT_SIMULATED"), BadRequestError),
        (RpcError(303, "PHONE_MIGRATE_4"), PhoneMigrateError),
        (RpcError(420, "FLOOD_WAIT_17"), FloodWaitError),
    ],
)
async def test_a_refusal_becomes_the_exception_that_telethon_has_for_it(
    refusal: RpcError, error: type[RPCError]
) -> None:
    async with connected() as (world, client):
        world.answer(functions.contacts.GetStatusesRequest, refusal)
        with pytest.raises(error) as caught:
            await client._sender.send(functions.contacts.GetStatusesRequest())
        assert caught.value.code == refusal.code
        if isinstance(caught.value, FloodWaitError):
            assert caught.value.seconds == 17


async def test_a_fault_of_the_world_is_logged_and_answered(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (world, client):
        world.answer(functions.contacts.GetStatusesRequest, ZeroDivisionError("a bug"))
        with caplog.at_level(logging.ERROR), pytest.raises(ServerError, match="SIMULATOR_FAULT"):
            await client._sender.send(functions.contacts.GetStatusesRequest())
        assert "GetStatusesRequest could not be answered" in caplog.text


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (functions.account.UpdateStatusRequest(offline=True), True),
        (functions.account.UpdateStatusRequest(offline=True), False),
        (functions.contacts.GetContactIDsRequest(hash=0), [1, -2, 3]),
        (functions.contacts.GetContactIDsRequest(hash=0), []),
        (functions.photos.DeletePhotosRequest([]), [1 << 40, -5]),
        (functions.contacts.GetStatusesRequest(), []),
    ],
)
async def test_bools_and_vectors_arrive_as_they_were_given(request_: Any, answer: Any) -> None:
    async with connected() as (world, client):
        world.answer(type(request_), answer)
        assert await client(request_) == answer


async def test_an_answer_that_is_serialised_already_passes_unchanged() -> None:
    nearest = types.NearestDc(country="KZ", this_dc=2, nearest_dc=4)
    async with connected() as (world, client):
        world.answer(functions.help.GetNearestDcRequest, bytes(nearest))
        assert await client(functions.help.GetNearestDcRequest()) == nearest


async def test_500_contacts_travel_packed_both_ways() -> None:
    async def take(caller: Caller, request: Any) -> Any:
        users = [types.User(id=entry.client_id, phone=entry.phone) for entry in request.contacts]
        imported = [types.ImportedContact(entry.client_id, entry.client_id) for entry in request.contacts]
        return types.contacts.ImportedContacts(imported, [], [], users)

    async with connected() as (world, client):
        world.methods[functions.contacts.ImportContactsRequest] = take
        contacts = [
            types.InputPhoneContact(number, f"+7900{number:07}", f"Name {number}", "")
            for number in range(1, 501)
        ]
        answer = await client(functions.contacts.ImportContactsRequest(contacts))
        assert [user.phone for user in answer.users] == [entry.phone for entry in contacts]


async def test_thousands_of_requests_at_once_are_each_answered_once() -> None:
    async def echo(caller: Caller, request: Any) -> Any:
        return [types.User(id=request.id[0].user_id)]

    async with connected() as (world, client):
        world.methods[GetUsers] = echo
        requests = [GetUsers([types.InputUser(number, 0)]) for number in range(1, 3001)]
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(client(request) for request in requests))
        assert [answer[0].id for answer in answers] == list(range(1, 3001))
        asked = [request.id[0] for request in world.received if isinstance(request, GetUsers)]
        assert sum(isinstance(user, types.InputUser) for user in asked) == 3000


async def test_slow_requests_do_not_hold_up_the_others() -> None:
    go_on = asyncio.Event()

    async def slow(caller: Caller, request: Any) -> Any:
        await go_on.wait()
        return True

    async with connected() as (world, client):
        world.methods[functions.account.UpdateStatusRequest] = slow
        waiting = asyncio.ensure_future(client(functions.account.UpdateStatusRequest(True)))
        await client.get_me()
        assert not waiting.done()
        go_on.set()
        assert await waiting


async def test_ordered_requests_wait_for_each_other_and_fail_together() -> None:
    order: list[int] = []

    async def slower_first(caller: Caller, request: Any) -> Any:
        number = request.id[0].user_id
        await asyncio.sleep(0.05 / number)
        order.append(number)
        if number == 2:
            raise RpcError(400, "USER_ID_INVALID")
        return []

    async with connected() as (world, client):
        world.methods[GetUsers] = slower_first
        requests = [GetUsers([types.InputUser(number, 0)]) for number in (1, 2, 3)]
        first, second, third = client._sender.send(requests, ordered=True)
        assert await first == []
        with pytest.raises(BadRequestError):
            await second
        with pytest.raises(MsgWaitFailedError):
            await third
        assert order == [1, 2]


async def test_the_world_sees_requests_bare_and_the_layer_beside_them() -> None:
    async with connected(receive_updates=False) as (world, client):
        await client.get_me()
        assert {type(request) for request in world.received} <= {
            functions.help.GetConfigRequest,
            GetUsers,
            functions.updates.GetStateRequest,
            functions.updates.GetDifferenceRequest,
        }
        assert {caller.layer for caller in world.callers} == set(world.store.layers.values())
