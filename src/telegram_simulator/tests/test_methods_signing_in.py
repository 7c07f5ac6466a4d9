"""Signing in with an unmodified Telethon: code, 2FA password, QR; and being signed out."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from telethon import errors, functions, types

from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.world_steps import (
    account_with,
    client_of,
    running,
    signed_in,
    unregistered_phones,
)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world")) as started:
        yield started


async def test_a_code_that_arrived_signs_in_and_the_session_can_be_kept(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, first_name="Ольга")
    async with client_of(simulator) as client:
        assert not await client.is_user_authorized()
        await client.send_code_request(phone)
        me = await client.sign_in(phone, simulator.code_for(phone))
        assert (me.phone, me.first_name, me.is_self) == (phone, "Ольга", True)
        kept = client.session.save()
    async with client_of(simulator, kept) as client:
        assert (await client.get_me()).phone == phone


async def test_wrong_missing_and_expired_codes_are_told_apart(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with client_of(simulator) as client:
        sent = await client.send_code_request(phone)
        code = simulator.code_for(phone)
        wrong = "11111" if code != "11111" else "22222"
        with pytest.raises(errors.PhoneCodeInvalidError):
            await client.sign_in(phone, wrong)
        with pytest.raises(errors.PhoneCodeEmptyError):
            await client(functions.auth.SignInRequest(phone, sent.phone_code_hash, ""))
        simulator.post("/api/codes/expire", {"phone": phone})
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client.sign_in(phone, code)


async def test_a_code_sent_again_replaces_the_first_and_a_cancelled_one_is_dead(
    simulator: RunningSimulator,
) -> None:
    phone = account_with(simulator)
    async with client_of(simulator) as client:
        first = await client(_send_code(simulator, phone))
        old_code = simulator.code_for(phone)
        second = await client(functions.auth.ResendCodeRequest(phone, first.phone_code_hash))
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client(functions.auth.SignInRequest(phone, first.phone_code_hash, old_code))
        new_code = simulator.code_for(phone)
        assert await client(functions.auth.CancelCodeRequest(phone, second.phone_code_hash))
        with pytest.raises(errors.PhoneCodeExpiredError):
            await client(functions.auth.SignInRequest(phone, second.phone_code_hash, new_code))


async def test_the_password_is_asked_for_and_really_checked(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, password="сезам")
    async with client_of(simulator) as client:
        await client.send_code_request(phone)
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in(phone, simulator.code_for(phone))
        assert not await client.is_user_authorized()
        with pytest.raises(errors.PasswordHashInvalidError):
            await client.sign_in(password="sesame")
        assert (await client.sign_in(password="сезам")).phone == phone


@pytest.mark.parametrize("password", [None, "сезам"])
async def test_a_scanned_qr_picture_signs_in(simulator: RunningSimulator, password: str | None) -> None:
    phone = account_with(simulator, password=password)
    async with client_of(simulator) as client:
        shown = await client.qr_login()
        waiting = asyncio.ensure_future(shown.wait(timeout=10))
        await asyncio.sleep(0)  # QRLogin.wait must listen before the scan
        await asyncio.to_thread(simulator.post, "/api/qr/scan", {"url": shown.url, "phone": phone})
        if password:
            with pytest.raises(errors.SessionPasswordNeededError):
                await waiting
            await client.sign_in(password=password)
        else:
            await waiting
        assert (await client.get_me()).phone == phone


async def test_another_signed_in_program_can_accept_a_qr_token_once(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with client_of(simulator) as newcomer, signed_in(simulator, phone) as at_home:
        shown = await newcomer.qr_login()
        await at_home(functions.auth.AcceptLoginTokenRequest(shown.token))
        with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
            await at_home(functions.auth.AcceptLoginTokenRequest(shown.token))
        await newcomer(_export_token(simulator))
        assert (await newcomer.get_me()).phone == phone


def test_a_qr_code_that_was_never_shown_is_refused_with_a_sentence(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    with pytest.raises(ControlRefused, match="not a QR code"):
        simulator.post("/api/qr/scan", {"url": "tg://login?token=AAAAAAAAAAAAAAAAAAAAAAAA", "phone": phone})


async def test_key_pair_and_phone_are_checked(simulator: RunningSimulator) -> None:
    api_id, api_hash = simulator.key_pair()
    phone = account_with(simulator)
    async with client_of(simulator) as client:
        for wrong in ((api_id, "0" * 32), (api_id + 1, api_hash)):
            with pytest.raises(errors.ApiIdInvalidError):
                await client(_send_code(simulator, phone, pair=wrong))
        simulator.post("/api/key-pairs", {"api_id": 1000002, "api_hash": "ab" * 16})
        await client(_send_code(simulator, phone, pair=(1000002, "ab" * 16)))
        with pytest.raises(errors.PhoneNumberInvalidError):
            await client(_send_code(simulator, "12"))
        nobody = unregistered_phones(1)[0]
        await client.send_code_request(nobody)
        with pytest.raises(errors.PhoneNumberUnoccupiedError):
            await client.sign_in(nobody, simulator.code_for(nobody))


async def test_banned_phones_and_too_many_codes_are_refused(simulator: RunningSimulator) -> None:
    banned = account_with(simulator)
    hasty = account_with(simulator, limits={"codes": {"capacity": 2, "per_second": 0}})
    simulator.post(f"/api/accounts/{banned}/ban")
    async with client_of(simulator) as client:
        with pytest.raises(errors.PhoneNumberBannedError):
            await client(_send_code(simulator, banned))
        for _ in range(2):
            await client(_send_code(simulator, hasty))
        with pytest.raises(errors.PhoneNumberFloodError):
            await client(_send_code(simulator, hasty))


async def test_sessions_are_listed_ended_one_by_one_and_left(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as first, signed_in(simulator, phone) as second:
        listed = (await first(functions.account.GetAuthorizationsRequest())).authorizations
        assert sorted(bool(one.current) for one in listed) == [False, True]
        other = next(one for one in listed if not one.current)
        await first(functions.account.ResetAuthorizationRequest(other.hash))
        with pytest.raises(errors.SessionRevokedError):
            await second(functions.help.GetNearestDcRequest())
            await second(functions.updates.GetStateRequest())
        assert await first.log_out()


async def test_a_fault_can_be_ordered_for_the_password_step(simulator: RunningSimulator) -> None:
    phone = account_with(simulator, password="сезам")
    async with client_of(simulator) as client:
        await client.send_code_request(phone)
        with pytest.raises(errors.SessionPasswordNeededError):
            await client.sign_in(phone, simulator.code_for(phone))
        fault = {
            "kind": "flood_wait",
            "seconds": 60,
            "method": "auth.checkPassword",
            "phone": phone,
            "count": 1,
        }
        simulator.post("/api/faults", fault)
        with pytest.raises(errors.FloodWaitError) as wait:
            await client.sign_in(password="сезам")
        assert wait.value.seconds == 60


async def test_who_is_not_signed_in_gets_401(simulator: RunningSimulator) -> None:
    async with client_of(simulator) as client:
        assert await client.get_me() is None
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.contacts.GetContactsRequest(0))


async def test_sessions_that_were_revoked_from_outside_say_so(simulator: RunningSimulator) -> None:
    phone = account_with(simulator)
    async with signed_in(simulator, phone) as client:
        await client.get_me()
        simulator.post(f"/api/accounts/{phone}/revoke-sessions")
        with pytest.raises(errors.SessionRevokedError):
            await client(functions.updates.GetStateRequest())


def _send_code(simulator: RunningSimulator, phone: str, *, pair: tuple[int, str] | None = None) -> Any:
    api_id, api_hash = pair or simulator.key_pair()
    return functions.auth.SendCodeRequest(phone, api_id, api_hash, types.CodeSettings())


def _export_token(simulator: RunningSimulator) -> Any:
    return functions.auth.ExportLoginTokenRequest(*simulator.key_pair(), [])
