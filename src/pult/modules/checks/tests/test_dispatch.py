"""Who is sent to work, and when the alarm rings next. Sessions are held by real locks on a connection of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from pult.core.jobs.database import database_dsn
from pult.core.telegram.gateway import ContactRef
from pult.core.telegram.models import Account
from pult.modules.checks.models import Allowance, Block, Call, Check, Hold, Number
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.dispatch import dispatch, next_dispatch
from pult.modules.checks.operations.setbacks import give_up_account, pause_account, set_block_aside
from pult.modules.checks.queries.work import open_calls
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


@contextmanager
def connected(account: Account) -> Iterator[None]:
    """Somebody in the installation is connected with the account's session."""
    with psycopg.connect(database_dsn(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"session:{account.pk}"])
        yield
        # Closing alone lets the server give it back a moment later.
        connection.execute("SELECT pg_advisory_unlock_all()")


def sent() -> set[UUID]:
    jobs = ProcrastinateJob.objects.filter(task_name="checks.work_account", status="todo")
    return {UUID(job.args["account_id"]) for job in jobs}


def due() -> bool:
    moment = next_dispatch()
    return moment is not None and moment <= timezone.now()


def test_every_idle_account_with_work_is_sent_once() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    own, second = scenes.account(anna), scenes.account(anna)
    shared = scenes.account(boris, shared=True)
    scenes.account(boris)
    scenes.account(anna, resting_until=timezone.now() + timedelta(hours=1))
    scenes.account(anna, state=Account.State.NEEDS_SIGN_IN)
    scenes.check(anna)
    assert due()
    dispatch()
    dispatch()
    assert sent() == {own.pk, second.pk, shared.pk}
    assert ProcrastinateJob.objects.count() == 3
    assert not due()


def test_an_account_of_the_other_telegram_is_never_sent() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    Account.objects.filter(pk=account.pk).update(simulated=False)
    scenes.check(anna)
    dispatch()
    assert sent() == set() and next_dispatch() is None


def test_an_account_at_work_is_left_alone() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    with connected(account):
        claim_call(account_id=account.pk)
        dispatch()
        assert sent() == set()
        assert Call.objects.get().state == Call.State.PLANNED
        assert not due()
    assert due()


def test_what_a_dead_worker_held_is_taken_back_and_goes_on() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    check = scenes.check(anna)
    claim_call(account_id=account.pk)
    dispatch()
    assert Call.objects.get().state == Call.State.LOST
    assert scenes.states_of(check) == "w" * 10
    assert (Block.objects.get().state, Block.objects.get().account_id) == ("waiting", None)
    assert sent() == {account.pk}


def test_what_a_dead_worker_held_is_taken_back_also_when_its_account_is_gone() -> None:
    anna = scenes.person()
    account, colleague = scenes.account(anna), scenes.account(anna)
    scenes.check(anna)
    claim_call(account_id=account.pk)
    account.delete()
    dispatch()
    assert sent() == {colleague.pk}
    assert claim_call(account_id=colleague.pk) is not None


def test_contacts_left_behind_are_work_even_when_no_check_runs() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    call = claim_call(account_id=account.pk)
    assert call is not None
    number, phone = call.numbers[0]
    record_answers(
        call_id=call.id, hits={number: scenes.somebody(phone)}, retry=[], added=[ContactRef(phone * 10, 1)]
    )
    Check.objects.update(state=Check.State.PAUSED)
    dispatch()
    assert sent() == {account.pk}


def test_a_lost_account_is_sent_to_clean_up_when_it_is_back() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    call = claim_call(account_id=account.pk)
    assert call is not None
    give_up_account(account_id=account.pk, state="needs_sign_in", reason="session_ended", call_id=call.id)
    Check.objects.update(state=Check.State.CANCELLED)
    dispatch()
    assert sent() == set()
    Account.objects.update(state=Account.State.CONNECTED)
    assert due()
    dispatch()
    assert sent() == {account.pk}


def test_the_alarm_rings_when_the_first_account_has_rested() -> None:
    anna = scenes.person()
    account, later = scenes.account(anna), scenes.account(anna)
    scenes.check(anna)
    until = pause_account(account_id=account.pk, rest=timedelta(minutes=2), reason="flood_wait")
    pause_account(account_id=later.pk, rest=timedelta(minutes=9), reason="flood_wait")
    assert next_dispatch() == until
    Account.objects.filter(pk=account.pk).update(resting_until=scenes.NOW)
    assert due()


def test_the_alarm_rings_when_a_failed_block_or_an_unanswered_number_comes_again() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=500)
    scenes.check(anna, numbers=501)
    failed = claim_call(account_id=account.pk)
    assert failed is not None
    set_block_aside(call_id=failed.id, error="ValueError")
    single = claim_call(account_id=account.pk)
    assert single is not None
    record_answers(call_id=single.id, hits={}, retry=[single.numbers[0][0]], added=[])
    Call.objects.update(state=Call.State.CLEAN)
    dispatch()
    assert sent() == set()
    first, second = Block.objects.order_by("ordinal")
    assert second.wait_until == Number.objects.get(pk=single.numbers[0][0]).ask_after
    assert next_dispatch() == min(first.wait_until or timezone.now(), second.wait_until or timezone.now())


def test_nothing_to_do_is_no_alarm() -> None:
    anna = scenes.person()
    scenes.account(anna, resting_until=timezone.now() + timedelta(hours=1))
    scenes.check(anna, state=Check.State.FINISHED)
    assert next_dispatch() is None


@pytest.mark.parametrize(
    ("state", "task"), [(Check.State.READING, "checks.read_list"), (Check.State.REMOVED, "checks.erase")]
)
def test_a_list_that_lost_its_job_gets_one_again(state: Check.State, task: str) -> None:
    scenes.check(scenes.person(), state=state)
    assert due()
    dispatch()
    dispatch()
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [task]
    assert not due()


def test_a_check_of_a_kind_that_this_version_does_not_know_waits_and_holds_up_nobody() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    unknown, known = scenes.check(anna), scenes.check(anna)
    Check.objects.filter(pk=unknown.pk).update(kind="by_telepathy", precedence=1)
    Call.objects.create(
        account_id=account.pk, kind="by_telepathy", state="lost", size=1, sent_at=timezone.now()
    )
    dispatch()
    assert sent() == {account.pk}
    call = claim_call(account_id=account.pk)
    assert call is not None and call.check_id == known.pk
    assert {one.kind for one in open_calls(account.pk)} == {"phone"}
    Check.objects.filter(pk=known.pk).update(state=Check.State.PAUSED)
    record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)
    assert not due()


def test_an_idle_installation_is_not_busy_with_looking() -> None:
    """Spent, held back and kept at a pace: the next look is when that ends, not at once."""
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    Allowance.objects.create(scope="all", numbers_per_day=0)
    moment = next_dispatch()
    assert moment is not None and moment > timezone.now() and claim_call(account_id=account.pk) is None
    Allowance.objects.all().delete()
    hold = Hold.objects.create(laid_at=timezone.now())
    assert next_dispatch() is None and claim_call(account_id=account.pk) is None
    hold.delete()
    until = pause_account(account_id=account.pk, rest=timedelta(seconds=7), reason="keeps_pace")
    assert next_dispatch() == until
