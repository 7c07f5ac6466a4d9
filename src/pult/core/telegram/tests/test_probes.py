"""Restricted accounts are looked at again by themselves, gently, and heal or ask for a new sign-in."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from pult.core.audit.models import AuditEntry
from pult.core.jobs import in_database
from pult.core.people.models import Person
from pult.core.telegram.jobs import probe_account
from pult.core.telegram.models import Account, KeyPair
from pult.core.telegram.operations.accounts import lose_account
from pult.core.telegram.operations.probes import heal_account, send_probes
from pult.core.telegram.queries import next_probe
from pult.core.telegram.rules.probes import FIRST_LOOK, LONGEST_WAIT, SOON, looks_in_a_row, wait_before
from pult.core.telegram.tests.conftest import ANNA, Connect, make_account
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)


def restrict(account: Account, reason: str = "peer_flood") -> Account:
    lose_account(account_id=account.pk, state="restricted", reason=reason, now=timezone.now())
    account.refresh_from_db()
    return account


async def looked_at(account: Account) -> Account:
    await probe_account(str(account.pk))
    await in_database(account.refresh_from_db)
    return account


def test_waits_grow_from_hours_to_a_week_and_start_anew_after_a_good_time() -> None:
    waits = [wait_before(looks) for looks in range(20)]
    assert (waits[0], waits[-1]) == (FIRST_LOOK, LONGEST_WAIT)
    assert all(earlier <= later for earlier, later in pairwise(waits))
    now = timezone.now()
    assert looks_in_a_row(4, last=now - timedelta(days=1), now=now) == 4
    assert looks_in_a_row(4, last=now - SOON, now=now) == 0
    assert looks_in_a_row(4, last=None, now=now) == 0


async def test_an_account_that_is_no_longer_restricted_is_used_again_with_a_few_numbers(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    await in_database(account.budgets.create, request="phones", call_size=300, changed_at=timezone.now())
    await in_database(restrict, account)
    before = simulator.get(f"/api/accounts/{ANNA}/contacts")
    healed = await looked_at(account)
    assert (healed.state, healed.state_reason, healed.probes) == ("connected", "", 1)
    assert (await in_database(account.budgets.get)).call_size == 5
    assert await in_database(AuditEntry.objects.filter(action="account.healed").exists)
    assert simulator.get(f"/api/accounts/{ANNA}/contacts") == before


async def test_a_frozen_account_is_left_alone_for_longer_and_heals_when_it_is_thawed(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    await in_database(restrict, account, "frozen")
    simulator.post(f"/api/accounts/{ANNA}/freeze")
    before = timezone.now()
    still = await looked_at(account)
    assert (still.state, still.state_reason, still.probes) == ("restricted", "frozen", 1)
    assert still.probe_at is not None and still.probe_at >= before + wait_before(1)
    simulator.post(f"/api/accounts/{ANNA}/unfreeze")
    assert (await looked_at(account)).state == "connected"


@pytest.mark.parametrize(
    ("act", "state", "reason"),
    [("revoke-sessions", "needs_sign_in", "session_ended"), ("ban", "banned", "banned")],
)
async def test_one_whose_session_is_gone_asks_for_a_new_sign_in(
    simulator: RunningSimulator, connected: Connect, act: str, state: str, reason: str
) -> None:
    account = await in_database(connected)
    await in_database(restrict, account)
    simulator.post(f"/api/accounts/{ANNA}/{act}")
    lost = await looked_at(account)
    assert (lost.state, lost.state_reason, lost.probe_at) == (state, reason, None)


async def test_a_look_without_an_answer_says_nothing_and_is_repeated_soon(
    simulator: RunningSimulator, connected: Connect
) -> None:
    account = await in_database(connected)
    await in_database(restrict, account)
    simulator.post("/api/faults", {"kind": "drop_before", "phone": ANNA})
    unknown = await looked_at(account)
    assert (unknown.state, unknown.probes) == ("restricted", 0)
    assert unknown.probe_at is not None and unknown.probe_at < timezone.now() + timedelta(minutes=16)


def test_the_time_of_a_look_is_a_deadline_in_the_database(
    simulator: RunningSimulator, owner: Person, key_pair: KeyPair
) -> None:
    account = restrict(make_account(owner, key_pair))
    now = timezone.now()
    assert account.probe_at is not None
    assert next_probe() == account.probe_at
    assert send_probes(now=now) == 0
    assert send_probes(now=account.probe_at) == 1
    assert send_probes(now=account.probe_at) == 0, "a worker has it now"
    Account.objects.update(probe_at=None)
    due = next_probe()
    assert due is not None and due < now, "an account of an earlier version gets its time at once"
    assert send_probes(now=now) == 0
    assert next_probe() == now + FIRST_LOOK


def test_restricted_again_soon_after_a_look_it_waits_longer(owner: Person, key_pair: KeyPair) -> None:
    account = restrict(make_account(owner, key_pair))
    assert heal_account(account_id=account.pk, now=timezone.now())
    assert not heal_account(account_id=account.pk, now=timezone.now())
    again = restrict(account)
    assert again.probe_at is not None
    assert again.probe_at > timezone.now() + FIRST_LOOK * 2 - timedelta(minutes=1)
