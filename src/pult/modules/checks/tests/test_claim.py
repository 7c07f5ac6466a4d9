"""Claiming calls: whose turn it is, how many numbers, and that no number is ever in two calls."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Call, Check, LogEntry, Number
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def answer(call: PlannedCall) -> None:
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)


def test_a_call_takes_as_many_numbers_as_the_account_may_ask_at_once() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=7)
    check = scenes.check(anna, numbers=20)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert [phone for _, phone in call.numbers] == [79_000_000_000 + offset for offset in range(7)]
    assert scenes.states_of(check) == "a" * 7 + "w" * 13
    row = Call.objects.get()
    assert (row.state, row.size, row.account_id) == ("planned", 7, account.pk)
    block = Block.objects.get()
    assert (block.state, block.account_id, block.attempt) == ("working", account.pk, 1)
    assert LogEntry.objects.filter(kind="block_started").count() == 1


def test_a_call_never_reaches_into_a_second_block() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=400)
    scenes.check(anna, numbers=600)
    sizes = []
    while (call := claim_call(account_id=account.pk)) is not None:
        sizes.append(len(call.numbers))
        answer(call)
    assert sizes == [400, 100, 100]
    assert list(Block.objects.values_list("attempt", flat=True)) == [1, 1]
    assert Check.objects.get().state == Check.State.FINISHED


def test_two_checks_of_a_person_take_turns() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=5)
    first, second = scenes.check(anna, numbers=15), scenes.check(anna, numbers=15)
    turns = []
    while (call := claim_call(account_id=account.pk)) is not None:
        turns.append(call.check_id)
        answer(call)
    assert turns == [first.pk, second.pk] * 3


def test_on_a_shared_account_people_take_turns_however_many_checks_each_has() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=5)
    owners = {scenes.check(anna, numbers=15).pk: "anna" for _ in range(3)}
    owners[scenes.check(boris, numbers=15).pk] = "boris"
    turns = []
    for _ in range(6):
        call = claim_call(account_id=account.pk)
        assert call is not None
        turns.append(owners[call.check_id])
        answer(call)
    assert turns.count("boris") == 3


def test_an_account_that_is_not_shared_never_works_for_somebody_else() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna)
    scenes.check(boris)
    assert claim_call(account_id=account.pk) is None


@pytest.mark.parametrize("state", [state for state in Check.State if state != Check.State.RUNNING])
def test_only_running_checks_are_asked_about(state: Check.State) -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna, state=state)
    assert claim_call(account_id=account.pk) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"state": Account.State.NEEDS_SIGN_IN},
        {"state": Account.State.RESTRICTED},
        {"resting_until": timezone.now() + timedelta(hours=1)},
    ],
)
def test_an_account_that_rests_or_is_lost_claims_nothing(fields: dict[str, Any]) -> None:
    anna = scenes.person()
    account = scenes.account(anna, **fields)
    scenes.check(anna)
    assert claim_call(account_id=account.pk) is None


def test_two_accounts_work_on_different_blocks() -> None:
    anna = scenes.person()
    one, two = scenes.account(anna), scenes.account(anna)
    scenes.check(anna, numbers=1000)
    first, second = claim_call(account_id=one.pk), claim_call(account_id=two.pk)
    assert first is not None and second is not None
    assert first.block_id != second.block_id


def test_a_waiting_block_is_taken_when_its_time_has_come_and_at_once_where_only_its_account_rests() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    later = timezone.now() + timedelta(minutes=5)
    Block.objects.update(wait_until=later, wait_reason=Block.WaitReason.FAILED)
    assert claim_call(account_id=account.pk) is None
    Block.objects.update(wait_until=later, wait_reason=Block.WaitReason.ACCOUNT_RESTS)
    assert claim_call(account_id=account.pk) is not None


def test_unanswered_numbers_are_claimed_when_their_time_has_come() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=3)
    due, later, given_up = scenes.numbers_of(check)
    unanswered = {"state": Number.State.UNANSWERED, "tries": 1}
    Number.objects.filter(pk=due.pk).update(ask_after=timezone.now() - timedelta(seconds=1), **unanswered)
    Number.objects.filter(pk=later.pk).update(ask_after=timezone.now() + timedelta(hours=1), **unanswered)
    Number.objects.filter(pk=given_up.pk).update(ask_after=None, **unanswered)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert [number for number, _ in call.numbers] == [due.pk]


def test_numbers_that_stayed_unanswered_go_first() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=2)
    check = scenes.check(anna, numbers=4)
    *_, last = scenes.numbers_of(check)
    Number.objects.filter(pk=last.pk).update(state="u", tries=1, ask_after=scenes.NOW)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert [phone for _, phone in call.numbers] == [79_000_000_003, 79_000_000_000]


def test_a_block_that_only_seemed_open_is_settled_and_not_taken_again() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    Number.objects.update(state=Number.State.NOT_FOUND)
    assert claim_call(account_id=account.pk) is None
    assert Block.objects.get().state == Block.State.DONE
    assert Check.objects.get().state == Check.State.FINISHED


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accounts=st.integers(2, 4), numbers=st.integers(1, 1400), size=st.integers(40, 500))
def test_accounts_that_claim_at_the_same_moment_never_share_a_number(
    accounts: int, numbers: int, size: int
) -> None:
    anna = scenes.person()
    check = scenes.check(anna, numbers=numbers)
    crew = [scenes.account(anna, numbers_per_call=size) for _ in range(accounts)]
    claimed: list[int] = []
    start = threading.Barrier(accounts)

    def work(account: Account) -> None:
        try:
            start.wait()
            # A claim may find the only open block in another's hands and end; the check is over when all is asked.
            while Check.objects.filter(pk=check.pk, state=Check.State.RUNNING).exists():
                call = claim_call(account_id=account.pk)
                if call is not None:
                    claimed.extend(number for number, _ in call.numbers)
                    answer(call)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(account,)) for account in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(claimed) == [number.pk for number in scenes.numbers_of(check)]
    assert Check.objects.get(pk=check.pk).state == Check.State.FINISHED
    assert LogEntry.objects.filter(check_ref=check, kind="finished").count() == 1
