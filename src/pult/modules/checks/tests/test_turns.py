"""Whose turn it is: people in rotation, then their checks; what an administrator says comes before that."""

from datetime import timedelta
from itertools import pairwise
from typing import cast

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection
from django.utils import timezone

from pult.core.people.models import Person
from pult.core.telegram.gateway import LeasedAccount
from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Check, Hold, Number
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.shift import work_shift
from pult.modules.checks.queries.work import accounts_with_work, next_wait_over
from pult.modules.checks.rules.blocks import block_sizes
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW, FakeLeasedAccount, FakeTelegram

pytestmark = pytest.mark.django_db


def take(account: Account) -> PlannedCall:
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    return call


def turns(account: Account, count: int) -> list[int]:
    return [take(account).check_id for _ in range(count)]


def large_check(owner: Person, *, numbers: int) -> Check:
    """As `scenes.check`, but stored by the database itself."""
    made = scenes.check(owner, numbers=1)
    Number.objects.all().delete()
    Block.objects.all().delete()
    blocks = Block.objects.bulk_create(
        Block(check_ref=made, ordinal=ordinal, size=size) for ordinal, size in enumerate(block_sizes(numbers))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO checks_number (block_id, phone, line) SELECT %s + place / 500, 79000000000 + place, place + 1"
            " FROM generate_series(0, %s) place",
            [blocks[0].pk, numbers - 1],
        )
        cursor.execute("ANALYZE checks_number, checks_block")
    return made


@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_numbers_of_one_person_delay_fifty_of_another_by_one_block_at_most() -> None:
    """The engine's own shifts work; what they asked Telegram about says who had to wait for whom."""
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True)
    large_check(anna, numbers=100_000)
    fifty = list(range(79_500_000_000, 79_500_000_050))
    telegram, came = FakeTelegram(), []

    async def boris_comes() -> None:
        # In the middle of a call for Anna.
        if len(telegram.imports) == 3:
            await sync_to_async(scenes.check)(boris, numbers=50, first_phone=fifty[0])
            came.append(len(telegram.imports))

    telegram.before_answer = boris_comes
    leased = cast(LeasedAccount, FakeLeasedAccount(account.pk, telegram))
    asked: list[int] = []
    for _ in range(20):
        Account.objects.update(resting_until=None)
        async_to_sync(work_shift)(leased)
        asked = [number for call in telegram.imports for number in call if number in fifty]
        if asked:
            break
    assert asked[:1] == fifty[:1]
    mine = next(place for place, call in enumerate(telegram.imports) if call[0] in fifty)
    waited_for = [number for call in telegram.imports[came[0] : mine] for number in call]
    assert len(waited_for) <= 500


def test_many_small_checks_of_one_person_do_not_push_another_aside() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=5)
    small = {scenes.check(anna, numbers=1, first_phone=79_100_000_000 + index).pk for index in range(8)}
    big = scenes.check(boris, numbers=40)
    order = turns(account, 8)
    assert order.count(big.pk) == 4
    assert all((first in small) != (second in small) for first, second in pairwise(order))


def test_an_administrator_puts_a_check_before_all_turns_or_behind_them() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=5)
    last, normal, first = (
        scenes.check(anna, numbers=10),
        scenes.check(boris, numbers=10),
        scenes.check(anna, numbers=10),
    )
    Check.objects.filter(pk=first.pk).update(precedence=1)
    Check.objects.filter(pk=last.pk).update(precedence=-1)
    assert turns(account, 6) == [first.pk] * 2 + [normal.pk] * 2 + [last.pk] * 2


@pytest.mark.parametrize("of_all", [True, False])
def test_what_is_held_back_takes_no_turn_until_it_is_released(of_all: bool) -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True)
    held, other = scenes.check(anna), scenes.check(boris)
    hold = Hold.objects.create(person=None if of_all else anna, laid_at=NOW)
    if of_all:
        assert claim_call(account_id=account.pk) is None
        assert accounts_with_work() == []
    else:
        assert turns(account, 1) == [other.pk]
        assert claim_call(account_id=account.pk) is None
    hold.delete()
    assert accounts_with_work() == [account.pk]
    assert take(account).check_id in {held.pk, other.pk}


def test_a_call_under_way_is_recorded_though_everything_is_held_back_meanwhile() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=4)
    check = scenes.check(anna, numbers=10)
    call = claim_call(account_id=account.pk)
    assert call is not None
    Hold.objects.create(laid_at=NOW)
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    assert scenes.states_of(check) == "nnnnwwwwww"
    assert claim_call(account_id=account.pk) is None
    assert next_wait_over() is None


def test_checks_of_somebody_who_was_switched_off_wait() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    type(anna).objects.filter(pk=anna.pk).update(is_active=False)
    assert claim_call(account_id=account.pk) is None
    assert accounts_with_work() == []


def test_nothing_is_asked_while_earlier_verdicts_are_being_taken_over() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna)
    Check.objects.filter(pk=check.pk).update(reuse_pending=True)
    assert claim_call(account_id=account.pk) is None
    assert accounts_with_work() == []


def test_a_held_check_wakes_nobody_when_a_wait_of_its_numbers_ends() -> None:
    anna = scenes.person()
    scenes.account(anna)
    check = scenes.check(anna)
    Block.objects.filter(check_ref=check).update(
        wait_until=timezone.now() + timedelta(minutes=5), wait_reason="asked_later"
    )
    assert next_wait_over() is not None
    Hold.objects.create(person=anna, laid_at=NOW)
    assert next_wait_over() is None
    assert Number.objects.filter(state="w").count() == 10
