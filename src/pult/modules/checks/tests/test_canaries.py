"""Canaries with an unmodified Telethon against the simulated Telegram: what a blind account says is taken back."""

from datetime import timedelta
from itertools import count

import pytest

from pult.core.audit.models import AuditEntry
from pult.core.people.models import Person
from pult.core.telegram.models import Account
from pult.modules.checks.models import Call, Canary, Check, LogEntry, Number, Usage
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.test_engine import work
from pult.modules.checks.tests.world import (
    CANARIES,
    check_of,
    contacts,
    expected,
    list_of,
    verdicts,
    violations,
)
from telegram_simulator.testing import ControlRefused, RunningSimulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

FIRST, SECOND, WITH_FRIENDS = "79110000051", "79110000052", "79110000053"
GENEROUS = {
    "contacts": {"capacity": 5000, "per_second": 500},
    "requests": {"capacity": 5000, "per_second": 500},
}
_phones = count(int(f"{CANARIES}000000"))


def canary(world: RunningSimulator, label: str = "ours") -> Canary:
    """A number known to be on Telegram, named by an owner."""
    phone = next(_phones)
    try:
        world.post("/api/people", {"phone": str(phone), "first_name": "Canary", "find_by_phone": "everybody"})
    except ControlRefused:  # another test of this process made it
        world.patch(f"/api/people/{phone}", {"find_by_phone": "everybody"})
    return Canary.objects.create(phone=phone, label=label, created_at=scenes.NOW)


def accounts_of(owner: Person, connect: Connect, *phones: str, size: int = 60) -> list[Account]:
    """Connected accounts that have learned to ask about `size` numbers at once."""
    accounts = [connect(owner, phone, limits=GENEROUS, numbers_per_call=size, name=phone) for phone in phones]
    for account in accounts:
        account.budgets.create(request="phones", call_size=size, changed_at=scenes.NOW)
    return accounts


def blind(world: RunningSimulator, phone: str) -> None:
    world.post("/api/faults", {"kind": "blind", "phone": phone})


def assert_tidy(world: RunningSimulator, *phones: str) -> None:
    """Neither a canary nor a number of a list is left with Telegram, and nothing to be done for it here."""
    for phone in phones:
        assert contacts(world, phone) == []
        assert world.get(f"/api/accounts/{phone}/contacts")["saved_phones"] == 0
    assert not Call.objects.exclude(asked_phones=[]).exists()
    assert violations(world) == 0


def test_what_a_blind_account_called_not_found_is_asked_by_another_one(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    first, second = accounts_of(anna, connect, FIRST, SECOND)
    canary(world)
    canary(world)
    blind(world, FIRST)
    truth = list_of(world, 700, "blind")
    check = check_of(anna, truth)
    work(first, second, seconds=60)
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert verdicts(check) == expected(truth)
    first.refresh_from_db()
    assert (first.state, first.rest_reason) == ("connected", "canary_missed")
    told = LogEntry.objects.filter(check_ref=check, kind=LogEntry.Kind.CANARY_MISSED)
    assert told.count() == 1
    assert FIRST in sentence(told[0])
    assert AuditEntry.objects.filter(action="account.canary_missed", object_id=str(first.pk)).exists()
    assert_tidy(world, FIRST, SECOND)


def test_canaries_are_in_nobodys_results_logs_or_allowance(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    (account,) = accounts_of(anna, connect, FIRST, size=500)
    named = canary(world)
    truth = list_of(world, 499, "quiet")
    check = check_of(anna, truth)
    work(account, seconds=30)
    assert verdicts(check) == expected(truth)
    assert Call.objects.filter(canary=named, canary_seen=True, size=499).count() == 1
    assert Usage.objects.get(person=anna).asked == 499
    assert Number.objects.filter(phone=named.phone).count() == 0
    assert str(named.phone) not in "".join(sentence(entry) for entry in LogEntry.objects.all())
    named.refresh_from_db()
    assert named.last_seen_at is not None
    assert_tidy(world, FIRST)


def test_a_blind_account_alone_leaves_its_numbers_waiting_and_calls_nobody_not_found(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    (account,) = accounts_of(anna, connect, FIRST)
    canary(world)
    canary(world)
    blind(world, FIRST)
    truth = list_of(world, 130, "alone")
    check = check_of(anna, truth)
    work(account, seconds=6)
    check.refresh_from_db()
    assert check.state == Check.State.RUNNING
    assert set(verdicts(check).values()) == {"w"}
    for misses in (2, 3):
        # Its rest is over: it is tried with a canary alone, and nobody's number is at risk.
        Account.objects.update(resting_until=None)
        asked = Call.objects.filter(size__gt=0).count()
        work(account, seconds=4)
        assert Call.objects.filter(size=0, canary_seen=False).count() == misses - 1
        assert Call.objects.filter(size__gt=0).count() == asked
    world.delete("/api/faults")
    Account.objects.update(resting_until=None)
    work(account, seconds=30)
    assert verdicts(check) == expected(truth)
    assert_tidy(world, FIRST)


def test_a_finished_check_goes_on_when_its_account_turns_out_to_have_been_blind(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    first, second = accounts_of(anna, connect, FIRST, SECOND)
    canary(world)
    canary(world)
    seen = check_of(anna, seen_truth := list_of(world, 59, "seen"))
    work(first, seconds=30)
    blind(world, FIRST)
    # Too few for a canary of their own: nobody can know yet.
    small = check_of(anna, small_truth := list_of(world, 20, "small"))
    work(first, seconds=30)
    small.refresh_from_db()
    assert small.state == Check.State.FINISHED
    assert set(verdicts(small).values()) == {"n"}
    large = check_of(anna, large_truth := list_of(world, 60, "large"))
    work(first, seconds=5)
    small.refresh_from_db()
    assert small.state == Check.State.RUNNING
    assert set(verdicts(small).values()) == {"w"}
    work(first, second, seconds=30)
    for check, truth in ((small, small_truth), (large, large_truth)):
        check.refresh_from_db()
        assert check.state == Check.State.FINISHED
        assert verdicts(check) == expected(truth)
    assert verdicts(seen) == expected(seen_truth)
    assert not LogEntry.objects.filter(check_ref=seen, kind=LogEntry.Kind.CANARY_MISSED).exists()
    assert_tidy(world, FIRST, SECOND)


def test_a_canary_that_is_an_own_contact_is_never_imported(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    (account,) = accounts_of(anna, connect, WITH_FRIENDS)
    friend, other = canary(world), canary(world)
    world.put(
        f"/api/accounts/{WITH_FRIENDS}/contacts",
        {"contacts": [{"phone": str(friend.phone), "first_name": "My", "last_name": "Friend"}]},
    )
    before = contacts(world, WITH_FRIENDS)
    truth = list_of(world, 240, "own")
    check = check_of(anna, truth)
    work(account, seconds=30)
    assert verdicts(check) == expected(truth)
    assert contacts(world, WITH_FRIENDS) == before
    assert set(Call.objects.filter(canary__isnull=False).values_list("canary", flat=True)) == {other.pk}
    other.delete()
    again = check_of(anna, truth)
    work(account, seconds=30)
    assert verdicts(again) == expected(truth)
    assert not Call.objects.filter(canary=friend).exists()


def test_a_canary_that_two_accounts_miss_is_suspended_and_voids_nothing_more(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    first, second = accounts_of(anna, connect, FIRST, SECOND)
    gone = canary(world, "left Telegram")
    world.patch(f"/api/people/{gone.phone}", {"find_by_phone": "nobody"})
    truth = list_of(world, 700, "suspect")
    check = check_of(anna, truth)
    work(first, second, seconds=60)
    check.refresh_from_db()
    gone.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert verdicts(check) == expected(truth)
    assert gone.suspended_at is not None
    assert AuditEntry.objects.filter(action="account.canary_missed").count() == 1
    assert set(Account.objects.values_list("rest_reason", flat=True)) == {""}, "who rested for it goes on"
    assert_tidy(world, FIRST, SECOND)


def test_an_account_that_misses_one_canary_and_sees_the_others_puts_that_one_in_doubt(
    world: RunningSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pult.modules.checks.rules.canaries.FIRST_REST", timedelta(seconds=0.2))
    anna = scenes.person()
    (account,) = accounts_of(anna, connect, FIRST)
    gone = canary(world, "left Telegram")
    for _ in range(2):
        canary(world)
    world.patch(f"/api/people/{gone.phone}", {"find_by_phone": "nobody"})
    truth = list_of(world, 700, "one")
    check = check_of(anna, truth)
    work(account, seconds=60)
    gone.refresh_from_db()
    assert verdicts(check) == expected(truth)
    assert gone.suspended_at is not None
    assert Canary.objects.filter(suspended_at=None).count() == 2


def test_a_canary_left_without_an_answer_says_nothing(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    (account,) = accounts_of(anna, connect, FIRST)
    named = canary(world)
    world.post("/api/faults", {"kind": "retry_contacts", "phone": FIRST, "numbers": [str(named.phone)]})
    truth = list_of(world, 180, "retry")
    check = check_of(anna, truth)
    work(account, seconds=30)
    assert verdicts(check) == expected(truth)
    assert Call.objects.filter(canary=named).exists()
    assert not Call.objects.exclude(canary_seen=None).exists()
    named.refresh_from_db()
    assert (named.last_seen_at, named.last_missed_at, named.suspended_at) == (None, None, None)
    assert_tidy(world, FIRST)


def test_verdicts_taken_over_from_void_ones_are_void_too(world: RunningSimulator, connect: Connect) -> None:
    from pult.modules.checks.operations.reuse import reuse_verdicts

    anna = scenes.person()
    first, second = accounts_of(anna, connect, FIRST, SECOND)
    canary(world)
    canary(world)
    check_of(anna, list_of(world, 59, "trusted"))
    work(first, seconds=30)
    blind(world, FIRST)
    truth = list_of(world, 20, "origin")
    origin = check_of(anna, truth)
    work(first, seconds=30)
    later = check_of(anna, truth)
    Check.objects.filter(pk=later.pk).update(reuse_days=7, reuse_pending=True, started_at=origin.started_at)
    reuse_verdicts(check_id=later.pk)
    Check.objects.filter(pk=later.pk).update(started_at=Account.objects.get(pk=first.pk).last_used_at)
    assert set(verdicts(later).values()) == {"n"}
    check_of(anna, list_of(world, 60, "miss"))
    work(first, seconds=5)
    assert set(verdicts(later).values()) == {"w"}
    work(second, seconds=30)
    assert verdicts(later) == verdicts(origin) == expected(truth)
