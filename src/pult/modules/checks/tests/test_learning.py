"""Accounts learn: real shifts with an unmodified Telethon against the simulated Telegram's limits."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.telegram.gateway import lease
from pult.core.telegram.models import Account, Budget, Lesson
from pult.core.telegram.operations.budgets import KEPT, CallResult, learn
from pult.core.telegram.rules.budgets import START
from pult.core.telegram.values import Cause
from pult.modules.checks.models import Call, Check, Number
from pult.modules.checks.operations.answers import record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.shift import serve
from pult.modules.checks.queries.progress import progress_of
from pult.modules.checks.queries.work import accounts_with_work
from pult.modules.checks.rules import asking
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.conftest import Connect
from pult.modules.checks.tests.world import check_of, expected, list_of, verdicts, violations
from telegram_simulator.testing import RunningSimulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

FREE = {
    "contacts": {"capacity": 1_000_000, "per_second": 1000},
    "requests": {"capacity": 5000, "per_second": 500},
}


def limits(capacity: float, per_second: float) -> dict[str, Any]:
    return {**FREE, "contacts": {"capacity": capacity, "per_second": per_second}}


def no_check_runs() -> bool:
    return not Check.objects.filter(state=Check.State.RUNNING).exists()


async def _work(accounts: list[Account], ends: float, until: Callable[[], bool]) -> None:
    """What the worker does: each account takes a shift whenever it is awake, until there is nothing more to do."""

    async def one(account_id: Any) -> None:
        while time.monotonic() < ends:
            if await in_database(until):
                return
            account = await in_database(Account.objects.get, pk=account_id)
            if account.resting_until is None or account.resting_until <= timezone.now():
                await serve(account_id, lease=lease)
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one(account.pk) for account in accounts))


def work(*accounts: Account, seconds: float = 60, until: Callable[[], bool] = no_check_runs) -> None:
    asyncio.run(_work(list(accounts), time.monotonic() + seconds, until))


def sizes(account: Account) -> list[int]:
    return list(Call.objects.filter(account_id=account.pk).order_by("pk").values_list("size", flat=True))


def budget(account: Account) -> Budget:
    return Budget.objects.get(account=account, request="phones")


def learned_rate(account: Account) -> float | None:
    """Numbers an hour; None while unknown."""
    return Budget.objects.filter(account=account).values_list("per_hour", flat=True).first()


def test_on_a_generous_account_calls_grow_up_to_what_its_owner_allows(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    account = connect(anna, "79110000101", limits=FREE, numbers_per_call=200)
    check = check_of(anna, truth := list_of(world, 1500, "generous"))
    work(account)
    assert verdicts(check) == expected(truth)
    assert sizes(account)[:5] == [START, 40, 80, 160, 200]
    assert max(sizes(account)) == 200
    learned = budget(account)
    assert (learned.call_size, learned.ceiling, learned.per_hour) == (200, None, None)
    assert account.pk not in accounts_with_work()
    account.refresh_from_db()
    assert account.resting_until is None, "nobody waits where there is no limit"


def test_waits_make_calls_smaller_and_the_pace_is_learned(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    account = connect(anna, "79110000111", limits=limits(100, 40))
    check = check_of(anna, truth := list_of(world, 900, "limited"))
    world.post("/api/counters/reset")
    work(account, seconds=90)
    assert verdicts(check) == expected(truth)
    assert violations(world) == 0
    lessons = list(Lesson.objects.filter(account=account).order_by("pk"))
    waits = [lesson for lesson in lessons if lesson.cause == "wait"]
    assert len(waits) >= 3
    assert all(wait.call_size < wait.asked and wait.wait_seconds for wait in waits)
    learned = budget(account)
    assert learned.per_hour == pytest.approx(40 * 3600, rel=0.25)
    assert learned.ceiling is not None
    # From the third wait on it knows its pace: more calls are granted than refused.
    later = lessons[lessons.index(waits[2]) + 1 :]
    assert sum(lesson.cause == "wait" for lesson in later) <= max(1, len(later) / 2)


def test_numbers_that_come_back_make_calls_smaller(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    account = connect(anna, "79110000121", limits=FREE)
    check_of(anna, list_of(world, 20, "retries"))
    numbers = [str(number.phone) for number in Number.objects.order_by("pk")[:6]]
    world.post(
        "/api/faults", {"kind": "retry_contacts", "numbers": numbers, "phone": "79110000121", "count": 1}
    )
    returned = Number.objects.filter(state="u", unanswered_reason="limit")
    work(account, until=returned.exists)
    assert returned.count() == 6
    lesson = Lesson.objects.order_by("pk")[0]
    assert (lesson.cause, lesson.asked, lesson.answered) == ("retries", 20, 14)
    assert lesson.call_size == budget(account).call_size == 14
    assert budget(account).ceiling == 20


def test_what_was_learned_outlives_a_restart_and_is_each_accounts_own(
    world: RunningSimulator, connect: Connect
) -> None:
    anna = scenes.person()
    free = connect(anna, "79110000131", limits=FREE)
    small = connect(anna, "79110000132", limits=limits(60, 20))
    check_of(anna, list_of(world, 900, "first"))
    # What was retried waits a minute: nothing more is learned of it here.
    unasked = Number.objects.filter(state__in=["w", "a"])
    work(free, small, until=lambda: not unasked.exists())
    before = {account.pk: budget(account).call_size for account in (free, small)}
    assert before[free.pk] > 80 > before[small.pk]
    # Nothing is kept in a process: the next claim reads the row.
    Account.objects.update(resting_until=None)
    check_of(anna, list_of(world, 500, "second"))
    call = claim_call(account_id=free.pk)
    assert call is not None
    assert len(call.numbers) == before[free.pk]


def test_retried_numbers_go_to_the_other_account(
    world: RunningSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {reason: (timedelta(seconds=0.2),) * (asking.MOST_TRIES - 1) for reason in asking.DELAYS}
    monkeypatch.setattr(asking, "DELAYS", quick)
    anna = scenes.person()
    first = connect(anna, "79110000141", limits=FREE)
    truth = list_of(world, 12, "elsewhere")
    check = check_of(anna, truth)
    refused = [str(phone) for phone in list(truth)[:4]]
    world.post("/api/faults", {"kind": "retry_contacts", "numbers": refused, "phone": "79110000141"})
    returned = Number.objects.filter(state="u")
    work(first, until=lambda: returned.count() == len(refused))
    second = connect(anna, "79110000142", limits=FREE)
    time.sleep(0.3)
    assert claim_call(account_id=first.pk) is None
    assert accounts_with_work() == [second.pk]
    work(first, second, seconds=30)
    assert verdicts(check) == expected(truth)
    askers = Call.objects.filter(size=4).values_list("account_id", flat=True)
    assert second.pk in askers


def test_a_preference_for_another_account_starves_nobody() -> None:
    anna = scenes.person()
    first, second = scenes.account(anna), scenes.account(anna)
    check = scenes.check(anna, numbers=3)
    call = claim_call(account_id=first.pk)
    assert call is not None
    Call.objects.filter(pk=call.id).update(state="clean")

    def unanswered(seconds_ago: float) -> None:
        asked = timezone.now() - timedelta(seconds=seconds_ago)
        Number.objects.update(state="u", tries=1, ask_after=asked, call_id=call.id)
        check.blocks.update(state="waiting", account_id=None, unanswered_count=3)

    unanswered(5)
    assert claim_call(account_id=first.pk) is None
    Account.objects.filter(pk=second.pk).update(resting_until=timezone.now() + timedelta(hours=1))
    assert accounts_with_work() == [first.pk], "the other one rests: nobody else could ask"
    Account.objects.filter(pk=second.pk).update(resting_until=None)
    assert accounts_with_work() == [second.pk]
    unanswered(400)
    assert claim_call(account_id=first.pk) is not None


def test_numbers_that_wait_beside_retried_ones_are_asked_meanwhile() -> None:
    anna = scenes.person()
    first, _second = scenes.account(anna, numbers_per_call=2), scenes.account(anna)
    scenes.check(anna, numbers=4)
    call = claim_call(account_id=first.pk)
    assert call is not None
    Call.objects.filter(pk=call.id).update(state="clean")
    Number.objects.filter(state="a").update(state="u", tries=1, ask_after=timezone.now())
    Check.objects.get().blocks.update(unanswered_count=2)
    again = claim_call(account_id=first.pk)
    assert again is not None
    assert {number for number, _ in again.numbers}.isdisjoint(number for number, _ in call.numbers)


def test_an_account_that_knows_its_rate_rests_by_itself_and_lets_go_of_its_block() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=10)
    Budget.objects.filter(account=account).update(per_hour=3600)
    check = scenes.check(anna, numbers=30)
    telegram = scenes.FakeTelegram()
    asyncio.run(serve(account.pk, lease=telegram.lease))
    account.refresh_from_db()
    assert account.rest_reason == "keeps_pace" and account.resting_until is not None
    assert 5 < (account.resting_until - timezone.now()).total_seconds() <= 10
    assert [len(phones) for phones in telegram.imports] == [10]
    assert scenes.states_of(check) == "n" * 10 + "w" * 20
    colleague = scenes.account(anna)
    assert claim_call(account_id=colleague.pk) is not None, "another account need not wait"


def test_an_account_with_a_quick_rate_stays_connected_and_goes_on() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=10)
    Budget.objects.filter(account=account).update(per_hour=360_000)
    scenes.check(anna, numbers=30)
    telegram = scenes.FakeTelegram()
    began = time.monotonic()
    asyncio.run(serve(account.pk, lease=telegram.lease))
    account.refresh_from_db()
    assert account.resting_until is None
    assert (telegram.leases, len(telegram.imports)) == (1, 3)
    assert time.monotonic() - began > 0.2


def test_a_call_that_a_wait_cut_short_teaches_both_what_was_granted_and_what_was_not() -> None:
    anna = scenes.person()
    account = scenes.account(anna, numbers_per_call=8)
    scenes.check(anna, numbers=8)
    call = claim_call(account_id=account.pk)
    assert call is not None
    unasked = [number for number, _ in call.numbers[3:]]
    wait = timedelta(seconds=90)
    assert record_answers(
        call_id=call.id, hits={}, retry=[], added=[], unasked=unasked, asked=3, flood_wait=wait
    )
    lesson = Lesson.objects.get()
    assert (lesson.cause, lesson.asked, lesson.answered, lesson.wait_seconds) == ("wait", 8, 3, 90)
    assert budget(account).call_size == 5


def test_the_latest_few_hundred_lessons_are_kept_of_each_account_and_request() -> None:
    anna = scenes.person()
    account, other = scenes.account(anna), scenes.account(anna)
    now = timezone.now()
    for _ in range(KEPT + 5):
        for request in ("phones", "usernames"):
            learn(account_id=account.pk, request=request, result=CallResult(5, 5, Cause.ANSWERED, now, now))
    learn(account_id=other.pk, request="phones", result=CallResult(5, 5, Cause.ANSWERED, now, now))
    kept = [
        Lesson.objects.filter(account=account, request=request).count() for request in ("phones", "usernames")
    ]
    assert kept == [KEPT, KEPT]
    assert Lesson.objects.filter(account=other).count() == 1


def test_an_account_that_was_removed_meanwhile_does_not_stop_its_answers() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    now = timezone.now()
    Account.objects.filter(pk=account.pk).delete()
    result = CallResult(5, 5, Cause.ANSWERED, now, now)
    assert learn(account_id=account.pk, request="phones", result=result) == timedelta(0)


def test_the_time_left_fits_a_slow_account(world: RunningSimulator, connect: Connect) -> None:
    anna = scenes.person()
    account = connect(anna, "79110000151", limits=limits(100, 30))
    check = check_of(anna, list_of(world, 2000, "slow"))
    ends = time.monotonic() + 60
    while learned_rate(account) is None and time.monotonic() < ends:
        work(account, seconds=5)
    progress = progress_of(check, now=timezone.now())
    assert progress.left is not None
    real = (progress.total - progress.final) / 30
    assert progress.left.total_seconds() == pytest.approx(real, rel=0.4, abs=5)
