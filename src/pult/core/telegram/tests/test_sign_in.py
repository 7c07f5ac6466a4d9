"""Connecting an account, step by step, by code, password and QR, with everything that can go wrong on the way."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.people.models import Person
from pult.core.secrets import reveal
from pult.core.telegram.gateway import lease
from pult.core.telegram.jobs import advance_sign_in, end_session
from pult.core.telegram.models import Account, KeyPair, RetiredSession, SignIn
from pult.core.telegram.operations import sign_ins
from pult.core.telegram.tests.conftest import ANNA, BORIS, Connect
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("phone", "code", "code_hash", "password", "qr_link", "session")


class Visitor:
    """A person at the sign-in page, and the worker behind it."""

    def __init__(self, person: Person, key_pair: KeyPair) -> None:
        self.person = person
        self.key_pair = key_pair
        self.sign_in_id = UUID(int=0)

    async def start(self, method: str = "code", **fields: Any) -> SignIn:
        started = await in_database(
            sign_ins.start_sign_in,
            key_pair_id=self.key_pair.pk,
            method=method,
            actor=self.person,
            now=timezone.now(),
            **fields,
        )
        self.sign_in_id = started.pk
        return await self.after_work()

    async def do(self, verb: str, **fields: Any) -> SignIn:
        await in_database(
            getattr(sign_ins, verb),
            sign_in_id=self.sign_in_id,
            actor=self.person,
            now=fields.pop("now", timezone.now()),
            **fields,
        )
        return await self.after_work()

    async def after_work(self) -> SignIn:
        await advance_sign_in(str(self.sign_in_id))
        return await self.look()

    async def look(self) -> SignIn:
        return await in_database(SignIn.objects.select_related("account").get, pk=self.sign_in_id)

    async def until(self, state: str) -> SignIn:
        async with asyncio.timeout(15):
            while (found := await self.look()).state != state:
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
def visitor(simulator: RunningSimulator, owner: Person, key_pair: KeyPair) -> Visitor:
    for phone in (ANNA, BORIS):
        simulator.put(f"/api/accounts/{phone}/limits", {"codes": {"capacity": 1000, "per_second": 100}})
    return Visitor(owner, key_pair)


async def code_for(simulator: RunningSimulator, phone: str) -> str:
    return await asyncio.to_thread(simulator.code_for, phone)


def erased(sign_in: SignIn) -> bool:
    return all(getattr(sign_in, column) is None for column in SECRETS)


async def test_a_code_connects_an_account_that_can_be_leased_at_once(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    waiting = await visitor.start(phone="+7 900 000-00-01", shared=True)
    assert (waiting.state, waiting.problem, waiting.code_way) == ("code_wanted", "", "app")
    code = await code_for(simulator, ANNA)
    done = await visitor.do("give_code", code=f"{code[:2]} {code[2:]}")
    assert done.state == "finished"
    assert erased(done)
    account = done.account
    assert account is not None
    assert (account.name, account.phone_hint, account.shared) == ("Анна Быстрова", "0001", True)
    assert account.owner_id == visitor.person.pk
    async with lease(account.pk) as leased:
        assert (await leased.own_contacts()).ids


async def test_two_step_verification_asks_for_the_password_and_takes_a_second_try(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    await visitor.start(phone=BORIS)
    asked = await visitor.do("give_code", code=await code_for(simulator, BORIS))
    assert asked.state == "password_wanted"
    wrong = await visitor.do("give_password", password="not this one")
    assert (wrong.state, wrong.problem) == ("password_wanted", "wrong_password")
    assert wrong.password is None
    done = await visitor.do("give_password", password="pult")
    assert done.state == "finished"
    assert erased(done)


async def test_a_wrong_code_is_asked_again_and_an_expired_one_replaced(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    await visitor.start(phone=ANNA)
    code = await code_for(simulator, ANNA)
    wrong = await visitor.do("give_code", code="00000" if code != "00000" else "11111")
    assert (wrong.state, wrong.problem) == ("code_wanted", "wrong_code")
    assert await in_database(reveal, wrong, "phone") == ANNA, "nobody types the number twice"
    simulator.post("/api/codes/expire", {"phone": ANNA})
    expired = await visitor.do("give_code", code=code)
    assert (expired.state, expired.problem) == ("code_wanted", "expired_code")
    again = await visitor.do("try_again")
    assert (again.state, again.problem) == ("code_wanted", "")
    done = await visitor.do("give_code", code=await code_for(simulator, ANNA))
    assert done.state == "finished"


async def test_an_unknown_number_can_be_corrected(simulator: RunningSimulator, visitor: Visitor) -> None:
    simulator.post(
        "/api/faults",
        {
            "method": "auth.sendCode",
            "kind": "error",
            "code": 400,
            "message": "PHONE_NUMBER_INVALID",
            "count": 1,
        },
    )
    refused = await visitor.start(phone="+4915112345678")
    assert (refused.state, refused.problem) == ("phone_wanted", "bad_phone")
    corrected = await visitor.do("give_phone", phone=ANNA)
    assert corrected.state == "code_wanted"


async def test_a_number_without_an_account_is_not_signed_up(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    await visitor.start(phone="+4915199999999")
    refused = await visitor.do("give_code", code=await code_for(simulator, "4915199999999"))
    assert (refused.state, refused.problem) == ("phone_wanted", "no_account")


async def test_a_flood_wait_pauses_and_keeps_what_was_typed(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    await visitor.start(phone=ANNA)
    code = await code_for(simulator, ANNA)
    simulator.post("/api/faults", {"method": "auth.signIn", "kind": "flood_wait", "seconds": 40, "count": 1})
    paused = await visitor.do("give_code", code=code)
    assert (paused.state, paused.problem) == ("paused", "sign_in_flood")
    assert paused.wait_until is not None
    assert timedelta(seconds=30) < paused.wait_until - timezone.now() <= timedelta(seconds=40)
    with pytest.raises(sign_ins.UnableToContinueSignIn):
        await visitor.do("try_again")
    # The simulated wait ends early; the person's clock says that it is over, and the code need not be typed again.
    simulator.put(f"/api/accounts/{ANNA}/limits", {})
    done = await visitor.do("try_again", now=paused.wait_until + timedelta(seconds=1))
    assert done.state == "finished", done.problem


async def test_a_worker_killed_after_telegram_said_yes_finds_the_account_signed_in(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    await visitor.start(phone=ANNA)
    code = await code_for(simulator, ANNA)
    # The answer to the sign-in is lost with the worker.
    simulator.post("/api/faults", {"method": "auth.signIn", "kind": "drop_after", "count": 1})
    paused = await visitor.do("give_code", code=code)
    assert (paused.state, paused.problem) == ("paused", "no_connection")
    done = await visitor.do("try_again")
    assert done.state == "finished"


async def test_no_telegram_at_all_says_so_and_goes_on_later(
    simulator: RunningSimulator, visitor: Visitor, settings: Any
) -> None:
    from dataclasses import replace

    there = settings.TELEGRAM
    settings.TELEGRAM = replace(there, port=9)
    paused = await visitor.start(phone=ANNA)
    assert (paused.state, paused.problem) == ("paused", "no_connection")
    settings.TELEGRAM = there
    assert (await visitor.do("try_again")).state == "code_wanted"


async def test_a_qr_code_connects_an_account(simulator: RunningSimulator, visitor: Visitor) -> None:
    showing = asyncio.create_task(visitor.start("qr"))
    await asyncio.sleep(0)
    shown = await until_started(visitor, "scan_wanted")
    link = await in_database(reveal, shown, "qr_link")
    assert link.startswith("tg://login?token=")
    simulator.post("/api/qr/scan", {"url": link, "phone": ANNA})
    done = await asyncio.wait_for(showing, 15)
    assert done.state == "finished"
    assert erased(done)


async def test_a_qr_code_of_an_account_with_a_password_asks_for_it(
    simulator: RunningSimulator, visitor: Visitor
) -> None:
    showing = asyncio.create_task(visitor.start("qr"))
    shown = await until_started(visitor, "scan_wanted")
    simulator.post("/api/qr/scan", {"url": await in_database(reveal, shown, "qr_link"), "phone": BORIS})
    asked = await asyncio.wait_for(showing, 15)
    assert asked.state == "password_wanted"
    assert (await visitor.do("give_password", password="pult")).state == "finished"


async def until_started(visitor: Visitor, state: str) -> SignIn:
    async with asyncio.timeout(15):
        while visitor.sign_in_id == UUID(int=0):
            await asyncio.sleep(0.02)
    return await visitor.until(state)


async def test_cancelling_erases_everything_and_the_shown_qr_code_ends(visitor: Visitor) -> None:
    showing = asyncio.create_task(visitor.start("qr"))
    await until_started(visitor, "scan_wanted")
    await in_database(
        sign_ins.cancel_sign_in, sign_in_id=visitor.sign_in_id, actor=visitor.person, now=timezone.now()
    )
    done = await asyncio.wait_for(showing, 15)
    assert done.state == "cancelled"
    assert erased(done)


async def test_signing_in_again_heals_the_account_and_ends_the_old_session(
    simulator: RunningSimulator, visitor: Visitor, connected: Connect
) -> None:
    before = simulator.get(f"/api/accounts/{ANNA}")["sessions"]
    account = await in_database(connected, ANNA, state="restricted", state_reason="peer_flood")
    await visitor.start(phone=ANNA)
    done = await visitor.do("give_code", code=await code_for(simulator, ANNA))
    assert done.account is not None
    assert done.account.pk == account.pk
    assert (done.account.state, done.account.state_reason) == ("connected", "")
    retired = await in_database(RetiredSession.objects.get)
    assert simulator.get(f"/api/accounts/{ANNA}")["sessions"] == before + 2
    await end_session(str(retired.pk))
    assert simulator.get(f"/api/accounts/{ANNA}")["sessions"] == before + 1
    assert not await in_database(RetiredSession.objects.exists)
    async with lease(account.pk):
        pass


async def test_a_colleagues_account_is_refused_and_the_new_session_ended(
    simulator: RunningSimulator, visitor: Visitor, connected: Connect, operator: Person
) -> None:
    account = await in_database(connected, ANNA, owner=operator)
    await visitor.start(phone=ANNA)
    refused = await visitor.do("give_code", code=await code_for(simulator, ANNA))
    assert (refused.state, refused.problem) == ("failed", "belongs_to_another")
    assert erased(refused)
    assert await in_database(RetiredSession.objects.count) == 1
    row = await in_database(Account.objects.get, pk=account.pk)
    assert row.owner_id == operator.pk
    async with lease(account.pk):
        pass


async def test_an_abandoned_sign_in_expires(visitor: Visitor) -> None:
    waiting = await visitor.start(phone=ANNA)
    later = waiting.expires_at + timedelta(seconds=1)
    assert await in_database(sign_ins.sweep_sign_ins, now=waiting.expires_at - timedelta(seconds=1)) == 0
    assert await in_database(sign_ins.sweep_sign_ins, now=later) == 1
    expired = await visitor.look()
    assert expired.state == "expired"
    assert erased(expired)
    with pytest.raises(sign_ins.UnableToContinueSignIn):
        await visitor.do("give_code", code="12345")


async def test_nobody_else_sees_or_drives_a_sign_in(visitor: Visitor, operator: Person) -> None:
    await visitor.start(phone=ANNA)
    visitor.person = operator
    with pytest.raises(sign_ins.UnableToContinueSignIn):
        await visitor.do("give_code", code="12345")


@pytest.mark.parametrize("typed", ["", "  ", "+7 900", "call me", "12345678901234567"])
def test_what_cannot_be_a_number_is_refused_beside_the_field(
    owner: Person, key_pair: KeyPair, typed: str
) -> None:
    with pytest.raises(sign_ins.UnableToStartSignIn) as refusal:
        sign_ins.start_sign_in(
            key_pair_id=key_pair.pk, method="code", phone=typed, actor=owner, now=timezone.now()
        )
    assert refusal.value.field == "phone"
    assert not SignIn.objects.exists()
