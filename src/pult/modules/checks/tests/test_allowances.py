"""Daily allowances: counted with each call, never overshot, given back when Telegram refuses, new after midnight."""

import threading
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.modules.checks.models import Allowance, Block, Call, Check, LogEntry, Number, Usage
from pult.modules.checks.operations.allowances import end_exception, set_allowance
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.dispatch import next_dispatch
from pult.modules.checks.operations.setbacks import give_up_account, leave_unanswered, pause_account
from pult.modules.checks.queries.work import accounts_with_work
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW

pytestmark = pytest.mark.django_db
Scope = Allowance.Scope


def allow(scope: Scope, numbers: int, person: Person | None = None) -> None:
    Allowance.objects.create(scope=scope, numbers_per_day=numbers, person=person)


def answer(call: PlannedCall) -> None:
    assert record_answers(call_id=call.id, hits={}, retry=[], added=[])
    close_call(call_id=call.id)


def ask_all(account_id: UUID) -> list[int]:
    """Calls until nothing may be asked; their sizes."""
    sizes = []
    while (call := claim_call(account_id=account_id)) is not None:
        sizes.append(len(call.numbers))
        answer(call)
    return sizes


def asked(person: Person) -> int:
    return sum(Usage.objects.filter(person=person).values_list("asked", flat=True))


def test_without_an_allowance_numbers_are_counted_and_none_is_held_back() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=30)
    scenes.check(anna, numbers=100)
    assert ask_all(account.pk) == [30, 30, 30, 10]
    assert asked(anna) == 100


def test_the_last_call_of_a_day_is_cut_to_what_is_left() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=30)
    check = scenes.check(anna, numbers=100)
    allow(Scope.EACH, 70)
    assert ask_all(account.pk) == [30, 30, 10]
    assert scenes.states_of(check).count("w") == 30
    assert LogEntry.objects.filter(kind="allowance_spent").count() == 1


def test_an_exception_for_one_person_goes_before_what_each_may() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=500)
    scenes.check(anna, numbers=60), scenes.check(boris, numbers=60)
    allow(Scope.EACH, 10)
    allow(Scope.PERSON, 40, anna)
    assert sorted(ask_all(account.pk)) == [10, 40]
    assert (asked(anna), asked(boris)) == (40, 10)


def test_for_one_person_there_may_be_no_limit_while_all_together_keep_theirs() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=500)
    scenes.check(anna, numbers=60), scenes.check(boris, numbers=60)
    allow(Scope.EACH, 10)
    set_allowance(actor=anna, scope=Scope.PERSON, person=anna, numbers_per_day=None, now=NOW)
    assert sorted(ask_all(account.pk)) == [10, 60]
    allow(Scope.ALL, 100)
    scenes.check(anna, numbers=60)
    assert ask_all(account.pk) == [30]


def test_nothing_at_all_may_be_allowed() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna)
    allow(Scope.PERSON, 0, anna)
    assert claim_call(account_id=account.pk) is None
    assert accounts_with_work() == []


def test_all_together_may_ask_no_more_than_their_common_allowance() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=20)
    scenes.check(anna, numbers=60), scenes.check(boris, numbers=60)
    allow(Scope.ALL, 50)
    assert ask_all(account.pk) == [20, 20, 10]
    assert asked(anna) + asked(boris) == 50


def test_who_has_nothing_left_keeps_nobody_else_waiting() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    account = scenes.account(anna, shared=True, numbers_per_call=500)
    scenes.check(anna, numbers=10)
    waiting = scenes.check(boris, numbers=10)
    allow(Scope.PERSON, 0, anna)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert call.check_id == waiting.pk


def test_the_queue_sleeps_until_midnight_in_the_zone_of_the_installation(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Vladivostok"
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna, numbers=20)
    allow(Scope.EACH, 5)
    assert ask_all(account.pk) == [5]
    assert accounts_with_work() == []
    wakes = next_dispatch()
    assert wakes is not None
    local = wakes.astimezone(ZoneInfo("Asia/Vladivostok"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert timezone.now() < wakes <= timezone.now() + timedelta(days=1)


def test_after_midnight_the_day_is_new(settings: Settings) -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    scenes.check(anna, numbers=20)
    allow(Scope.EACH, 5)
    allow(Scope.ALL, 8)
    # The same moment is one day here and the next day there.
    settings.TIME_ZONE = "Etc/GMT+12"
    assert ask_all(account.pk) == [5]
    LogEntry.objects.update(at=timezone.now() - timedelta(days=1))
    settings.TIME_ZONE = "Etc/GMT-14"
    assert ask_all(account.pk) == [5]
    assert Usage.objects.filter(person=anna).count() == 2
    assert LogEntry.objects.filter(kind="allowance_spent").count() == 2


def test_a_call_that_telegram_refused_is_given_back() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=10)
    scenes.check(anna, numbers=30)
    allow(Scope.EACH, 10)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert asked(anna) == 10
    pause_account(account_id=account.pk, rest=timedelta(seconds=60), reason="flood_wait", call_id=call.id)
    assert asked(anna) == 0
    other = scenes.account(anna, numbers_per_call=10)
    call = claim_call(account_id=other.pk)
    assert call is not None
    give_up_account(account_id=other.pk, state="banned", reason="USER_DEACTIVATED_BAN", call_id=call.id)
    assert asked(anna) == 0


def test_a_call_without_answer_counts_since_telegram_may_have_carried_it_out() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=10)
    scenes.check(anna, numbers=30)
    call = claim_call(account_id=account.pk)
    assert call is not None
    leave_unanswered(call_id=call.id, reason="timeout")
    assert asked(anna) == 10


def test_a_number_that_is_asked_again_counts_again() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=10)
    scenes.check(anna, numbers=10)
    call = claim_call(account_id=account.pk)
    assert call is not None
    ids = [number_id for number_id, _ in call.numbers]
    assert record_answers(call_id=call.id, hits={}, retry=ids[:3], added=[])
    close_call(call_id=call.id)
    Number.objects.filter(state="u").update(ask_after=timezone.now() - timedelta(seconds=1))
    Block.objects.update(wait_until=None)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert asked(anna) == 13


def test_setting_changing_and_lifting_an_allowance_is_recorded_with_who_did_it() -> None:
    olga, anna = scenes.person("olga", role="owner"), scenes.person("anna")
    set_allowance(actor=olga, scope=Scope.PERSON, person=anna, numbers_per_day=100, now=NOW)
    set_allowance(actor=olga, scope=Scope.PERSON, person=anna, numbers_per_day=200, now=NOW)
    set_allowance(actor=olga, scope=Scope.ALL, numbers_per_day=1000, now=NOW)
    end_exception(actor=olga, person=anna, now=NOW)
    end_exception(actor=olga, person=anna, now=NOW)
    set_allowance(actor=olga, scope=Scope.EACH, numbers_per_day=None, now=NOW)
    assert list(Allowance.objects.values_list("scope", "numbers_per_day")) == [("all", 1000)]
    entries = AuditEntry.objects.filter(action="allowance.changed", actor=olga).order_by("pk")
    assert [entry.details.get("numbers_per_day") for entry in entries] == [100, 200, 1000, None]
    assert entries[3].details["exception"] == "ended"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("scope", "people"), [(Scope.EACH, 1), (Scope.ALL, 3)])
def test_many_accounts_at_once_never_ask_more_than_is_allowed(scope: Scope, people: int) -> None:
    owners = [scenes.person(f"person{index}") for index in range(people)]
    for owner in owners:
        for _ in range(3):
            scenes.check(owner, numbers=700)
    accounts = [scenes.account(owners[0], shared=True, numbers_per_call=7) for _ in range(6)]
    allow(scope, 100)
    start, failures = threading.Barrier(len(accounts)), []

    def work(account_id: UUID) -> None:
        try:
            start.wait(10)
            ask_all(account_id)
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[account.pk]) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Number.objects.exclude(state="w").count() == 100
    assert sum(Usage.objects.values_list("asked", flat=True)) == 100
    assert sum(Call.objects.values_list("size", flat=True)) == 100
    assert LogEntry.objects.filter(kind="allowance_spent").count() == 1
    assert Check.objects.filter(state="running").count() == 3 * people
