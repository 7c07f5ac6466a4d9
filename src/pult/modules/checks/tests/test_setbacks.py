"""Calls that bring no answers: no verdict comes of them, and nobody else's block is touched."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from pult.core.telegram.gateway import ContactRef
from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Call, Check, LogEntry, Number
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.blocks import let_go_of_blocks
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.setbacks import (
    close_calls_of,
    give_up_account,
    leave_unanswered,
    pause_account,
    planned_calls,
    recover_calls,
    set_block_aside,
)
from pult.modules.checks.rules.asking import MOST_FAILURES
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def begun(numbers: int = 8, size: int = 5, **fields: Any) -> tuple[Account, PlannedCall]:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=size, **fields)
    scenes.check(anna, numbers=numbers)
    call = claim_call(account_id=account.pk)
    assert call is not None
    return account, call


def test_a_flood_wait_gives_the_numbers_back_and_lets_the_account_rest() -> None:
    account, call = begun()
    before = timezone.now()
    until = pause_account(
        account_id=account.pk, rest=timedelta(seconds=90), reason="flood_wait", call_id=call.id
    )
    assert timedelta(seconds=89) < until - before < timedelta(seconds=95)
    account.refresh_from_db()
    assert account.resting_until == until
    numbers = Number.objects.all()
    assert {(number.state, number.tries, number.unanswered_reason) for number in numbers} == {("w", 0, "")}
    block = Block.objects.get()
    assert (block.state, block.account_id, block.wait_until) == ("waiting", None, until)
    assert block.wait_reason == Block.WaitReason.ACCOUNT_RESTS
    assert Call.objects.get().state == Call.State.REFUSED
    entry = LogEntry.objects.get(kind="call_refused")
    assert entry.details["until"] == until.isoformat()


def test_another_account_takes_the_block_of_the_resting_one_at_once() -> None:
    account, call = begun()
    colleague = scenes.account(account.owner)
    pause_account(account_id=account.pk, rest=timedelta(hours=1), reason="flood_wait", call_id=call.id)
    again = claim_call(account_id=colleague.pk)
    assert again is not None
    assert (again.block_id, again.numbers[:5]) == (call.block_id, call.numbers)
    assert Block.objects.get().attempt == 2


def test_a_rest_gives_back_the_blocks_of_all_checks_that_the_account_holds() -> None:
    account, call = begun()
    other = scenes.check(account.owner, numbers=4)
    Block.objects.filter(check_ref=other).update(state="working", account_id=account.pk)
    pause_account(account_id=account.pk, rest=timedelta(hours=1), reason="flood_wait", call_id=call.id)
    assert set(Block.objects.values_list("state", "account_id")) == {("waiting", None)}


def hold_crosswise(crew: list[Account], checks: list[Check]) -> list[PlannedCall | None]:
    """Each account has a call of one check under way and holds a block of the other."""
    calls = [claim_call(account_id=account.pk) for account in crew]
    for account, check in zip(crew, reversed(checks), strict=True):
        block = Block.objects.filter(check_ref=check, state="waiting").first()
        Block.objects.filter(pk=block.pk if block else 0).update(state="working", account_id=account.pk)
    return calls


def rest_at_once(account: Account, call: PlannedCall | None, start: threading.Barrier) -> None:
    try:
        start.wait()
        call_id = call.id if call else None
        pause_account(account_id=account.pk, rest=timedelta(seconds=1), reason="flood_wait", call_id=call_id)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_hold_blocks_of_the_same_checks_never_wait_for_each_other() -> None:
    anna = scenes.person()
    crew = [scenes.account(anna, numbers_per_call=5), scenes.account(anna, numbers_per_call=5)]
    checks = [scenes.check(anna, numbers=1001), scenes.check(anna, numbers=1001)]
    for _ in range(12):
        calls = hold_crosswise(crew, checks)
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as threads:
            ended = [threads.submit(rest_at_once, *pair, start) for pair in zip(crew, calls, strict=True)]
        for one in ended:
            one.result()
        Account.objects.update(resting_until=None)


def test_numbers_asked_before_keep_their_tries_over_a_flood_wait() -> None:
    account, call = begun(numbers=2)
    leave_unanswered(call_id=call.id, reason="timeout")
    Number.objects.update(ask_after=scenes.NOW)
    Block.objects.update(wait_until=None)
    again = claim_call(account_id=account.pk)
    assert again is not None
    pause_account(account_id=account.pk, rest=timedelta(hours=1), reason="flood_wait", call_id=again.id)
    Account.objects.update(resting_until=None)
    assert set(Number.objects.values_list("state", "tries")) == {("u", 1)}
    assert len((claim_call(account_id=account.pk) or again).numbers) == 2


def test_a_lost_account_gives_its_block_to_others_and_its_contacts_are_not_forgotten() -> None:
    account, call = begun()
    give_up_account(account_id=account.pk, state="needs_sign_in", reason="session_ended", call_id=call.id)
    account.refresh_from_db()
    assert account.state == Account.State.NEEDS_SIGN_IN
    assert set(Number.objects.values_list("state", "tries")) == {("w", 0)}
    assert Call.objects.get().state == Call.State.LOST
    assert LogEntry.objects.filter(kind="account_lost").count() == 1
    assert claim_call(account_id=scenes.account(account.owner).pk) is not None


def test_no_answer_makes_the_numbers_unanswered_for_a_while() -> None:
    _, call = begun()
    leave_unanswered(call_id=call.id, reason="timeout")
    asked = Number.objects.filter(pk__in=[number for number, _ in call.numbers])
    assert set(asked.values_list("state", "tries", "unanswered_reason")) == {("u", 1, "no_answer")}
    assert all(number.ask_after and number.ask_after > timezone.now() for number in asked)
    assert Call.objects.get().state == Call.State.LOST
    assert Block.objects.get().state == "working"


def test_a_block_that_fails_waits_longer_and_is_given_up_while_others_go_on() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=500)
    scenes.check(anna, numbers=600)
    bad, good = Block.objects.order_by("ordinal")
    waits = []
    for _ in range(MOST_FAILURES):
        Block.objects.filter(pk=bad.pk).update(wait_until=None)
        call = claim_call(account_id=account.pk)
        assert call is not None and call.block_id == bad.pk
        set_block_aside(call_id=call.id, error="ValueError")
        bad.refresh_from_db()
        waits.append(bad.wait_until)
    assert waits[-1] is None and sorted(filter(None, waits)) == waits[:-1]
    assert (bad.state, bad.unanswered_count) == ("done", 500)
    assert set(bad.numbers.values_list("state", "unanswered_reason", "ask_after")) == {("u", "failed", None)}
    call = claim_call(account_id=account.pk)
    assert call is not None and call.block_id == good.pk


def test_a_call_cut_short_is_returned_without_a_try_consumed() -> None:
    account, call = begun()
    assert recover_calls(account_id=account.pk, seen=planned_calls(account.pk)) == 1
    assert set(Number.objects.values_list("state", "tries")) == {("w", 0)}
    assert Call.objects.get().state == Call.State.LOST
    again = claim_call(account_id=account.pk)
    assert again is not None and again.numbers == call.numbers


def test_recovering_never_touches_another_accounts_call() -> None:
    account, call = begun()
    colleague = scenes.account(account.owner)
    assert recover_calls(account_id=colleague.pk, seen=[call.id]) == 0
    assert Call.objects.get().state == Call.State.PLANNED


def test_a_cancelled_check_records_the_call_under_way_but_is_not_revived() -> None:
    account, call = begun()
    Check.objects.update(state=Check.State.CANCELLED)
    Block.objects.update(state=Block.State.CANCELLED, account_id=None)
    pause_account(account_id=account.pk, rest=timedelta(hours=1), reason="flood_wait", call_id=call.id)
    assert Block.objects.get().state == Block.State.CANCELLED
    assert Check.objects.get().state == Check.State.CANCELLED


def test_calls_of_an_account_that_is_removed_are_closed_and_their_numbers_named() -> None:
    account, call = begun()
    (found, phone), *missed = call.numbers
    user = scenes.somebody(phone)
    added = [ContactRef(user.id, user.access_hash)]
    assert record_answers(call_id=call.id, hits={found: user}, retry=[], added=added)
    assert sorted(close_calls_of(account.pk)) == sorted(number for _, number in missed)
    assert Call.objects.get().state == Call.State.CLEAN
    let_go_of_blocks(account.pk)
    block = Block.objects.get()
    assert (block.state, block.account_id) == ("waiting", None)


def test_names_still_to_come_from_a_lost_account_keep_no_block_that_nobody_holds() -> None:
    account, call = begun(numbers=8, size=5)
    hits = {number: scenes.somebody(phone) for number, phone in call.numbers}
    added = [ContactRef(user.id, user.access_hash) for user in hits.values()]
    record_answers(call_id=call.id, hits=hits, retry=[], added=added)
    let_go_of_blocks(account.pk)
    colleague = scenes.account(account.owner)
    second = claim_call(account_id=colleague.pk)
    assert second is not None
    set_block_aside(call_id=second.id, error="Oops")
    Call.objects.filter(pk=second.id).update(state=Call.State.LOST)
    close_call(call_id=second.id)
    block = Block.objects.get()
    assert (block.state, block.account_id) == ("waiting", None)
    Block.objects.update(wait_until=None, wait_reason="")
    assert claim_call(account_id=colleague.pk) is not None
