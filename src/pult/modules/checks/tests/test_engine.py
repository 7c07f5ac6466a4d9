"""The engine with an unmodified Telethon against the simulated Telegram: limits, retries, cut connections."""

import asyncio
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.telegram.gateway import lease
from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Call, Check, Finding, Number
from pult.modules.checks.operations.dispatch import next_dispatch
from pult.modules.checks.operations.shift import serve
from pult.modules.checks.queries.work import accounts_with_work
from pult.modules.checks.rules import asking
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.world import check_of, contacts, expected, list_of, verdicts, violations
from telegram_simulator.testing import RunningSimulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

QUICKLY = {
    reason: tuple(timedelta(seconds=0.2) for _ in range(asking.MOST_TRIES - 1)) for reason in asking.DELAYS
}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes and hours of waiting are fractions of seconds here; flood waits stay what Telegram says."""
    monkeypatch.setattr(asking, "DELAYS", QUICKLY)
    monkeypatch.setattr(asking, "REST_AFTER_WHOLE_CALL", timedelta(seconds=1.5))
    monkeypatch.setattr(asking, "REST_AFTER_MOST_OF_A_CALL", timedelta(seconds=0.5))
    monkeypatch.setattr(
        "pult.modules.checks.operations.shift.REST_WITHOUT_CONNECTION", timedelta(seconds=0.3)
    )


async def _work(account_ids: list[Any], seconds: float) -> None:
    """What the worker does: every account takes a shift whenever it is awake, until no check runs any more."""
    ends = time.monotonic() + seconds

    async def one(account_id: Any) -> None:
        while time.monotonic() < ends:
            account = await in_database(Account.objects.get, pk=account_id)
            running = await in_database(Check.objects.filter(state=Check.State.RUNNING).exists)
            if not running:
                return
            if account.resting_until is None or account.resting_until <= timezone.now():
                await serve(account_id, lease=lease)
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one(account_id) for account_id in account_ids))


def work(*accounts: Account, seconds: float = 120) -> None:
    asyncio.run(_work([account.pk for account in accounts], seconds))


def test_verdicts_equal_the_truth_whatever_goes_wrong_on_the_way(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    phones = ["79110000001", "79110000002", "79110000003"]
    limits = {"contacts": {"capacity": 300, "per_second": 150}}
    accounts = [connect(anna, phone, limits=limits) for phone in phones]
    truth = list_of(world, 1200, "engine")
    # The first account knows some of these people under names of its own; they must come out of it untouched.
    friends = [phone for phone, findable in truth.items() if findable][:8]
    world.put(
        f"/api/accounts/{phones[0]}/contacts",
        {
            "contacts": [
                {"phone": str(phone), "first_name": "Own", "last_name": str(phone)} for phone in friends
            ]
        },
    )
    before = contacts(world, phones[0])
    world.post("/api/counters/reset")
    chance = random.Random(7)
    for _ in range(6):
        for fault in (
            {"kind": "flood_wait", "seconds": 1, "method": "contacts.importContacts"},
            {"kind": "drop_after", "method": "contacts.importContacts"},
            {"kind": "drop_before", "method": "contacts.deleteContacts"},
            {"kind": "error", "code": 500, "message": "INTERNAL", "method": "contacts.importContacts"},
            {"kind": "retry_contacts", "share": 0.3},
        ):
            if chance.random() < 0.6:
                world.post("/api/faults", {**fault, "phone": chance.choice(phones), "count": 1})
    check = check_of(anna, truth)
    work(*accounts)
    world.delete("/api/faults")
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    names = {phone for phone in truth if phone not in friends}
    assert verdicts(check) == expected(truth)
    assert_names(world, check, names)
    assert contacts(world, phones[0]) == before
    assert contacts(world, phones[1]) == contacts(world, phones[2]) == []
    assert not Call.objects.filter(state__in=["planned", "answered", "lost"]).exists()
    assert violations(world) == 0
    assert Block.objects.filter(state=Block.State.DONE).count() == 3


def assert_names(world: RunningSimulator, check: Check, phones: set[int]) -> None:
    """Findings carry what people say of themselves, not the mark under which they were imported."""
    findings = Finding.objects.filter(number__block__check_ref=check, number__phone__in=phones)
    assert not findings.filter(first_name__startswith="~pult").exists()
    for finding in findings.select_related("number")[:40]:
        person = world.get(f"/api/people?phone={finding.number.phone}")
        assert (finding.telegram_id, finding.first_name) == (person["id"], person["first_name"])
        assert (finding.premium, finding.verified) == (person["premium"], person["verified"])
        if person["username"]:
            assert person["username"] in finding.usernames


def test_a_resting_accounts_block_goes_to_another_account_and_a_banned_one_is_told(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    slow = connect(anna, "79110000011", limits={"contacts": {"capacity": 100, "per_second": 0.02}})
    quick = connect(anna, "79110000012", limits={"contacts": {"capacity": 5000, "per_second": 50}})
    banned = connect(anna, "79110000013")
    world.post("/api/accounts/79110000013/ban")
    truth = list_of(world, 700, "two")
    check = check_of(anna, truth)
    work(slow, quick, banned, seconds=30)
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert verdicts(check) == expected(truth)
    saved = [
        world.get(f"/api/accounts/{phone}/contacts")["saved_phones"]
        for phone in ("79110000011", "79110000012")
    ]
    assert saved == [0, 0], "missed numbers do not stay in the phone book"
    slow.refresh_from_db()
    banned.refresh_from_db()
    assert slow.resting_until is not None
    assert banned.state in {Account.State.BANNED, Account.State.NEEDS_SIGN_IN}
    assert Number.objects.filter(tries__gt=0).count() == 0


def test_calls_larger_than_telegram_grants_leave_nobody_unanswered_for_good(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    limits = {"contacts": {"capacity": 40, "per_second": 60}}
    account = connect(anna, "79110000041", limits=limits, numbers_per_call=100)
    truth = list_of(world, 500, "cut")
    check = check_of(anna, truth)
    work(account, seconds=60)
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert verdicts(check) == expected(truth)
    assert violations(world) == 0
    assert max(number.tries for number in scenes.numbers_of(check)) < asking.MOST_TRIES


def test_two_people_work_at_the_same_time_each_with_their_own_account(
    world: RunningSimulator, connect: Connect
) -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    accounts = [connect(anna, "79110000021"), connect(boris, "79110000022")]
    lists = [list_of(world, 300, "anna"), list_of(world, 300, "boris")]
    checks = [check_of(owner, truth) for owner, truth in zip((anna, boris), lists, strict=True)]
    work(*accounts, seconds=60)
    for check, truth, account in zip(checks, lists, accounts, strict=True):
        assert verdicts(check) == expected(truth)
        assert set(Call.objects.filter(block__check_ref=check).values_list("account_id", flat=True)) == {
            account.pk
        }


def test_nothing_is_left_to_do_after_the_end(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    account = connect(anna, "79110000031")
    check_of(anna, list_of(world, 50, "end"))
    assert accounts_with_work() == [account.pk]
    work(account, seconds=30)
    assert accounts_with_work() == []
    assert next_dispatch() is None
