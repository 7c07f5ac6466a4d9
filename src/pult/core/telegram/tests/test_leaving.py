"""An account that leaves Pult keeps its phone book as its owner made it, whatever was under way."""

from typing import Any

import pytest
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.people.models import Person
from pult.core.telegram.events import account_leaves
from pult.core.telegram.gateway import MARKER_PREFIX, PhoneToImport, lease
from pult.core.telegram.jobs import end_session
from pult.core.telegram.models import Account, RetiredSession
from pult.core.telegram.operations.accounts import remove_account
from pult.core.telegram.tests.conftest import ANNA, Connect
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)


def phone_book(simulator: RunningSimulator) -> tuple[list[Any], int]:
    kept = simulator.get(f"/api/accounts/{ANNA}/contacts")
    return kept["contacts"], kept["saved_phones"]


async def test_strangers_and_missed_numbers_go_before_the_session_ends(
    simulator: RunningSimulator, connected: Connect, owner: Person
) -> None:
    account = await in_database(connected, ANNA)
    before = phone_book(simulator)
    rows = simulator.get("/api/sample-numbers?count=40&hits=0.5&seed=leaving&format=json")["numbers"]
    asked = [PhoneToImport(place, int(row["phone"])) for place, row in enumerate(rows)]
    async with lease(account.pk) as leased:
        await leased.own_contacts()
        answer = await leased.import_phones(asked, marker=f"{MARKER_PREFIX}1")
    assert answer.added, "the worker died here: nobody has removed them"
    assert phone_book(simulator) != before
    missed = [phone.phone for phone in asked if phone.client_id not in answer.hits]

    def left(sender: object, account_id: object, **_: Any) -> list[int]:
        return missed

    account_leaves.connect(left)
    try:
        await in_database(remove_account, account_id=account.pk, actor=owner, now=timezone.now())
    finally:
        account_leaves.disconnect(left)
    retired = await in_database(RetiredSession.objects.get)
    await end_session(str(retired.pk))
    assert phone_book(simulator) == before
    assert not await in_database(RetiredSession.objects.exists)
    assert not await in_database(Account.objects.exists)


async def test_a_flood_wait_while_tidying_keeps_the_session_for_later(
    simulator: RunningSimulator, connected: Connect, owner: Person
) -> None:
    account = await in_database(connected, ANNA)
    async with lease(account.pk) as leased:
        await leased.own_contacts()
    await in_database(remove_account, account_id=account.pk, actor=owner, now=timezone.now())
    retired = await in_database(RetiredSession.objects.get)
    simulator.post(
        "/api/faults", {"kind": "flood_wait", "seconds": 1, "method": "contacts.getContacts", "count": 1}
    )
    await end_session(str(retired.pk))
    assert await in_database(RetiredSession.objects.exists)
