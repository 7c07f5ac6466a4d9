"""Start, pause, resume, cancel, ask again, remove: allowed when they make sense, and only with one's own checks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pult.core.audit.models import AuditEntry
from pult.core.telegram.gateway import ContactRef
from pult.modules.checks.models import Block, Call, Check, Finding, LogEntry, Number, RejectedLine
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.control import (
    UnableToChangeCheck,
    ask_again,
    cancel_check,
    pause_check,
    remove_check,
    resume_check,
    start_check,
)
from pult.modules.checks.operations.removal import erase_check, source_file
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW

pytestmark = pytest.mark.django_db
State = Check.State

VERBS: list[tuple[Callable[..., Any], set[Check.State]]] = [
    (start_check, {State.READY}),
    (pause_check, {State.RUNNING}),
    (resume_check, {State.PAUSED}),
    (cancel_check, {State.READY, State.RUNNING, State.PAUSED}),
    (ask_again, {State.RUNNING, State.PAUSED, State.FINISHED}),
    (remove_check, {State.UPLOADED, State.UNREADABLE, State.READY, State.FINISHED, State.CANCELLED}),
]


@pytest.mark.parametrize(("verb", "allowed"), VERBS)
@pytest.mark.parametrize("state", [state for state in State if state != State.REMOVED])
def test_a_verb_is_refused_with_a_reason_where_it_makes_no_sense(
    verb: Callable[..., Any], allowed: set[Check.State], state: Check.State
) -> None:
    anna = scenes.person()
    check = scenes.check(anna, state=state)
    Number.objects.update(state=Number.State.UNANSWERED, tries=5)
    Block.objects.update(unanswered_count=10)
    if state in allowed:
        verb(actor=anna, check_id=check.pk, now=NOW)
        assert AuditEntry.objects.filter(object_type="check", object_id=str(check.pk)).count() == 1
    else:
        with pytest.raises(UnableToChangeCheck) as refused:
            verb(actor=anna, check_id=check.pk, now=NOW)
        assert str(refused.value.reason).endswith(".")
        assert Check.objects.get().state == state


@pytest.mark.parametrize("verb", [verb for verb, _ in VERBS])
@pytest.mark.parametrize("state", list(State))
def test_nobody_changes_anothers_check(verb: Callable[..., Any], state: Check.State) -> None:
    check = scenes.check(scenes.person("anna"), state=state)
    owner = scenes.person("boris", role="owner")
    with pytest.raises(Check.DoesNotExist):
        verb(actor=owner, check_id=check.pk, now=NOW)
    assert Check.objects.get().state == state


def test_a_list_without_any_valid_number_cannot_be_started() -> None:
    anna = scenes.person()
    check = Check.objects.create(owner=anna, name="empty", state=State.READY, created_at=NOW)
    with pytest.raises(UnableToChangeCheck):
        start_check(actor=anna, check_id=check.pk, now=NOW)


def test_a_paused_check_goes_on_where_it_stopped() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=4)
    check = scenes.check(anna, numbers=10)
    call = claim_call(account_id=account.pk)
    assert call is not None
    pause_check(actor=anna, check_id=check.pk, now=NOW)
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    assert claim_call(account_id=account.pk) is None
    assert Block.objects.get().state == Block.State.WAITING
    resume_check(actor=anna, check_id=check.pk, now=NOW)
    again = claim_call(account_id=account.pk)
    assert again is not None and len(again.numbers) == 4
    assert scenes.states_of(check) == "nnnnaaaaww"


def test_a_check_whose_last_call_ends_while_it_is_paused_is_finished() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=3)
    call = claim_call(account_id=account.pk)
    assert call is not None
    pause_check(actor=anna, check_id=check.pk, now=NOW)
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    assert Check.objects.get().state == State.FINISHED


def test_cancelling_keeps_the_verdicts() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=4)
    check = scenes.check(anna, numbers=10)
    call = claim_call(account_id=account.pk)
    assert call is not None
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    cancel_check(actor=anna, check_id=check.pk, now=NOW)
    assert scenes.states_of(check) == "nnnnwwwwww"
    block = Block.objects.get()
    assert (block.state, block.not_found_count) == ("cancelled", 4)
    assert claim_call(account_id=account.pk) is None


def test_asking_again_revives_a_finished_check_for_the_unanswered_only() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=4)
    call = claim_call(account_id=account.pk)
    assert call is not None
    (first, _), *_rest = call.numbers
    record_answers(call_id=call.id, hits={}, retry=[first], added=[])
    close_call(call_id=call.id)
    Number.objects.filter(pk=first).update(tries=5, ask_after=None)
    Block.objects.update(state="done", wait_until=None, wait_reason="", unanswered_count=1)
    Check.objects.update(state=State.FINISHED, finished_at=NOW)
    assert ask_again(actor=anna, check_id=check.pk, now=NOW) == 1
    revived = Check.objects.get()
    assert (revived.state, revived.finished_at) == (State.RUNNING, None)
    again = claim_call(account_id=account.pk)
    assert again is not None and [number for number, _ in again.numbers] == [first]
    record_answers(call_id=again.id, hits={}, retry=[], added=[])
    close_call(call_id=again.id)
    assert scenes.states_of(check) == "nnnn"
    assert Check.objects.get().state == State.FINISHED


def test_asking_again_leaves_those_alone_that_come_again_by_themselves() -> None:
    anna = scenes.person()
    check = scenes.check(anna, numbers=3)
    final, later, _ = scenes.numbers_of(check)
    unanswered = {"state": Number.State.UNANSWERED, "tries": 5}
    Number.objects.filter(pk=final.pk).update(**unanswered)
    soon = timezone.now() + timedelta(hours=1)
    Number.objects.filter(pk=later.pk).update(ask_after=soon, **unanswered)
    Block.objects.update(state="waiting", wait_until=soon, wait_reason="asked_later", unanswered_count=2)
    assert ask_again(actor=anna, check_id=check.pk, now=NOW) == 1
    assert scenes.states_of(check) == "wuw"
    block = Block.objects.get()
    assert (block.unanswered_count, block.wait_until) == (1, None)
    with pytest.raises(UnableToChangeCheck):
        ask_again(actor=anna, check_id=check.pk, now=NOW)


def test_a_removed_check_is_erased_with_everything_of_it() -> None:
    anna = scenes.person()
    check = scenes.check(anna, numbers=1200, state=State.FINISHED)
    keep = scenes.check(anna, numbers=3)
    RejectedLine.objects.create(check_ref=check, line=1, text="x", problem="letters")
    Finding.objects.create(number=scenes.numbers_of(check)[0], telegram_id=1, last_seen="hidden")
    path = source_file("of-the-test.list")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("7900")
    Check.objects.filter(pk=check.pk).update(source_path=path.name)
    remove_check(actor=anna, check_id=check.pk, now=NOW)
    assert ProcrastinateJob.objects.filter(task_name="checks.erase").count() == 1
    assert erase_check(check_id=check.pk)
    assert list(Check.objects.all()) == [keep]
    assert Number.objects.count() == 3
    assert not path.exists()
    assert (
        not RejectedLine.objects.exists() and not Finding.objects.exists() and not LogEntry.objects.exists()
    )
    assert not erase_check(check_id=check.pk)


def test_contacts_still_to_be_removed_are_not_forgotten_with_their_check() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=2)
    call = claim_call(account_id=account.pk)
    assert call is not None
    number, phone = call.numbers[0]
    record_answers(
        call_id=call.id, hits={number: scenes.somebody(phone)}, retry=[], added=[ContactRef(phone * 10, 5)]
    )
    cancel_check(actor=anna, check_id=check.pk, now=NOW)
    remove_check(actor=anna, check_id=check.pk, now=NOW)
    assert erase_check(check_id=check.pk)
    left = Call.objects.get()
    assert (left.state, left.block_id, left.added_contacts) == ("answered", None, [[phone * 10, 5]])
    close_call(call_id=left.pk)
    assert Call.objects.get().state == "clean"


def test_a_check_with_a_call_under_way_is_erased_after_its_answer() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna, numbers=2)
    call = claim_call(account_id=account.pk)
    assert call is not None
    cancel_check(actor=anna, check_id=check.pk, now=NOW)
    remove_check(actor=anna, check_id=check.pk, now=NOW)
    assert not erase_check(check_id=check.pk)
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    assert erase_check(check_id=check.pk)
    assert not Check.objects.exists()
