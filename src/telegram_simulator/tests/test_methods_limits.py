"""Limits are enforced with Telegram's own errors, disregard is counted, and faults strike as ordered."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from telethon import errors, functions, types

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.world_steps import (
    account_with,
    client_of,
    import_phones,
    person_with,
    running,
    signed_in,
    unregistered_phones,
)

GET_STATE = functions.updates.GetStateRequest


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world")) as started:
        yield started


@pytest.fixture(autouse=True)
def no_faults_are_left(simulator: RunningSimulator) -> Iterator[None]:
    yield
    simulator.delete("/api/faults")


def counted(simulator: RunningSimulator, phone: str) -> Any:
    return simulator.get("/api/counters")["accounts"][phone]


async def raw(client: Any, request: Any) -> Any:
    """Past Telethon's own guard, which would not even send what it was told to wait with."""
    return await client._sender.send(request)


def import_request(phones: list[str]) -> Any:
    return functions.contacts.ImportContactsRequest(
        [types.InputPhoneContact(place, phone, "Check", "") for place, phone in enumerate(phones)]
    )


async def test_a_wait_is_exact_and_coming_early_is_a_violation(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, limits={"contacts": {"capacity": 10, "per_second": 5}})
    async with signed_in(simulator, phone) as client:
        await import_phones(client, unregistered_phones(10))
        with pytest.raises(errors.FloodWaitError) as wait:
            await import_phones(client, unregistered_phones(5))
        assert wait.value.seconds == 1
        assert counted(simulator, phone)["violations_total"] == 0
        with pytest.raises(errors.FloodWaitError):
            await raw(client, import_request(unregistered_phones(1)))
        assert counted(simulator, phone)["violations"] == {"early_request": 1}
        await client(GET_STATE())  # other kinds of request need not wait
        await asyncio.sleep(wait.value.seconds)
        await import_phones(client, unregistered_phones(5))
    counters = counted(simulator, phone)
    assert (counters["numbers_granted"], counters["waits_answered"]) == (15, 2)
    assert counters["violations_total"] == 1
    assert (counters["capacity"], counters["per_second"]) == (10, 5)


async def test_more_numbers_than_the_budget_holds_come_back_to_be_retried(
    simulator: RunningSimulator,
) -> None:
    phone = account_with(simulator, limits={"contacts": {"capacity": 4, "per_second": 0.001}})
    people = [person_with(simulator)["phone"] for _ in range(6)]
    async with signed_in(simulator, phone) as client:
        result = await import_phones(client, people)
        assert [entry.client_id for entry in result.imported] == [1000, 1001, 1002, 1003]
        assert result.retry_contacts == [1004, 1005]
    assert counted(simulator, phone)["numbers_granted"] == 4


async def test_more_than_500_numbers_are_a_violation(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        with pytest.raises(errors.InputRequestTooLongError):
            await import_phones(client, unregistered_phones(501))
    assert counted(simulator, phone)["violations"] == {"too_many_numbers": 1}


async def test_requests_of_any_kind_and_look_ups_have_limits_too(simulator: RunningSimulator) -> None:
    hasty = account_with(simulator)
    async with signed_in(simulator, hasty) as client:
        await client.get_me()  # Telethon's own first requests are over
        simulator.put(f"/api/accounts/{hasty}/limits", {"requests": {"capacity": 3, "per_second": 0.1}})
        for _ in range(3):
            await raw(client, GET_STATE())
        with pytest.raises(errors.FloodWaitError):
            await raw(client, GET_STATE())
    curious = account_with(simulator, limits={"resolve": {"capacity": 1, "per_second": 0.1}})
    async with signed_in(simulator, curious) as client:
        for expected in (errors.PhoneNotOccupiedError, errors.FloodWaitError):
            with pytest.raises(expected):
                await raw(client, functions.contacts.ResolvePhoneRequest(unregistered_phones(1)[0]))


async def test_a_fault_strikes_the_named_account_and_method_so_many_times(
    simulator: RunningSimulator,
) -> None:
    struck, spared = account_with(simulator), account_with(simulator)
    fault = {
        "kind": "error",
        "code": 400,
        "message": "INTERNAL_SORROW",
        "method": "updates.getState",
        "count": 2,
    }
    async with signed_in(simulator, struck) as one, signed_in(simulator, spared) as other:
        simulator.post("/api/faults", {**fault, "phone": struck})
        await other(GET_STATE())
        await one(functions.contacts.GetContactsRequest(0))
        for _ in range(2):
            with pytest.raises(errors.BadRequestError, match="INTERNAL_SORROW"):
                await one(GET_STATE())
        await one(GET_STATE())
    assert simulator.get("/api/faults")["faults"] == []


async def test_an_ordered_flood_wait_lasts_and_is_guarded(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        simulator.post("/api/faults", {"kind": "flood_wait", "seconds": 7, "phone": phone, "count": 1})
        for _ in range(2):
            with pytest.raises(errors.FloodWaitError) as wait:
                await raw(client, GET_STATE())
            assert wait.value.seconds == 7
    assert counted(simulator, phone)["violations"] == {"early_request": 1}
    assert "updates.getState" in simulator.get(f"/api/accounts/{phone}")["waits"]


async def test_retry_contacts_can_be_ordered_for_numbers_and_for_all(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    people = [person_with(simulator)["phone"] for _ in range(3)]
    order = {"kind": "retry_contacts", "phone": phone}
    async with signed_in(simulator, phone) as client:
        first = simulator.post("/api/faults", {**order, "numbers": [people[1]]})
        result = await import_phones(client, people)
        assert (len(result.imported), result.retry_contacts) == (2, [1001])
        simulator.delete(f"/api/faults/{first['id']}")
        simulator.post("/api/faults", {**order, "share": 1})
        result = await import_phones(client, people)
        assert (result.imported, result.retry_contacts) == ([], [1000, 1001, 1002])


async def test_a_blind_account_is_told_of_nobody_and_of_no_error(simulator: RunningSimulator) -> None:
    phone, other = account_with(simulator), account_with(simulator)
    person = person_with(simulator)["phone"]
    blind = simulator.post("/api/faults", {"kind": "blind", "phone": phone})
    async with signed_in(simulator, phone) as client, signed_in(simulator, other) as seeing:
        result = await import_phones(client, [person])
        assert (result.imported, result.retry_contacts, result.users) == ([], [], [])
        assert simulator.get(f"/api/accounts/{phone}/contacts")["saved_phones"] == 1
        assert len((await import_phones(seeing, [person])).imported) == 1
        simulator.delete(f"/api/faults/{blind['id']}")
        assert len((await import_phones(client, [person])).imported) == 1


async def test_a_frozen_account_learns_so_from_the_configuration(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        assert (await client(functions.help.GetAppConfigRequest(hash=0))).config.value == []
        simulator.post(f"/api/accounts/{phone}/freeze")
        told = (await client(functions.help.GetAppConfigRequest(hash=0))).config.value
    assert [entry.key for entry in told] == ["freeze_since_date", "freeze_until_date", "freeze_appeal_url"]


@pytest.mark.parametrize(("kind", "executed"), [("drop_before", 1), ("drop_after", 2)])
async def test_a_cut_connection_may_or_may_not_have_done_its_work(
    simulator: RunningSimulator, kind: str, executed: int
) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        await client.get_me()
        simulator.post(
            "/api/faults", {"kind": kind, "phone": phone, "count": 1, "method": "contacts.importContacts"}
        )
        async with asyncio.timeout(20):
            await import_phones(client, unregistered_phones(3))  # Telethon connects again and repeats it
    counters = counted(simulator, phone)
    assert counters["numbers_granted"] == 3 * executed
    assert counters["violations_total"] == 0  # a reconnect is no second connection


async def test_latency_delays_the_answer(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        simulator.post("/api/faults", {"kind": "latency", "milliseconds": 400, "phone": phone})
        clock = asyncio.get_running_loop().time
        began = clock()
        await client(GET_STATE())
        assert clock() - began >= 0.4


async def test_a_frozen_account_may_look_but_not_act(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        simulator.post(f"/api/accounts/{phone}/freeze")
        await client(GET_STATE())
        with pytest.raises(errors.FrozenMethodInvalidError):
            await import_phones(client, unregistered_phones(1))
        simulator.post(f"/api/accounts/{phone}/unfreeze")
        await import_phones(client, unregistered_phones(1))


@pytest.mark.parametrize(
    ("kind", "error"),
    [("ban", errors.UserDeactivatedBanError), ("revoke_session", errors.SessionRevokedError)],
)
async def test_an_account_can_be_lost_in_the_middle_of_work(
    simulator: RunningSimulator, kind: str, error: type[errors.RPCError]
) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        simulator.post(
            "/api/faults", {"kind": kind, "phone": phone, "method": "contacts.importContacts", "count": 1}
        )
        with pytest.raises(error):
            await import_phones(client, unregistered_phones(1))
        with pytest.raises(error):
            await client(GET_STATE())


async def test_a_session_used_from_two_places_is_dead(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    session = simulator.session_for(phone)
    async with client_of(simulator, session) as one, client_of(simulator, session) as other:
        with pytest.raises(errors.AuthKeyDuplicatedError):
            for client in (one, other, one):
                await raw(client, GET_STATE())
        for client in (one, other):
            with pytest.raises(errors.AuthKeyDuplicatedError):
                await raw(client, GET_STATE())
    assert counted(simulator, phone)["violations"] == {"second_connection": 1}


async def test_a_method_that_nobody_simulates_is_never_answered_with_a_made_up_success(
    simulator: RunningSimulator,
) -> None:
    async with signed_in(simulator, account_with(simulator)) as client:
        with pytest.raises(errors.BadRequestError, match="METHOD_NOT_SIMULATED"):
            await client(functions.messages.GetAllDraftsRequest())
