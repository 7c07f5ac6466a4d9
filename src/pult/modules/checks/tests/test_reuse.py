"""Earlier verdicts: a person's own, fresh enough, of the same kind; never another's, and nothing is asked before."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, Finding, LogEntry, Number
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.control import cancel_check, start_check
from pult.modules.checks.operations.dispatch import dispatch
from pult.modules.checks.operations.reuse import reuse_verdicts
from pult.modules.checks.queries.reuse import earlier_parameters, earlier_sql, reusable_counts
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.scenes import NOW

pytestmark = pytest.mark.django_db
FIRST = 79_000_000_000


def answered(
    owner: Person, *, days_ago: float, found: int = 3, numbers: int = 10, first: int = FIRST
) -> Check:
    """A finished check of so many numbers, of which the first ones were found."""
    made = scenes.check(owner, numbers=numbers, first_phone=first, state=Check.State.FINISHED)
    moment = timezone.now() - timedelta(days=days_ago)
    Check.objects.filter(pk=made.pk).update(finished_at=moment)
    ids = [number.pk for number in scenes.numbers_of(made)]
    Number.objects.filter(pk__in=ids).update(state="n", answered_at=moment)
    Number.objects.filter(pk__in=ids[:found]).update(state="f")
    Finding.objects.bulk_create(
        Finding(number_id=pk, telegram_id=pk * 10, first_name="Vera", usernames=["vera"], last_seen="week")
        for pk in ids[:found]
    )
    Block.objects.filter(check_ref=made).update(state="done")
    return made


def fresh(owner: Person, *, numbers: int = 12, first: int = FIRST) -> Check:
    return scenes.check(owner, numbers=numbers, first_phone=first, state=Check.State.READY)


def start(check: Check, days: int | None = 7) -> int | None:
    start_check(actor=check.owner, check_id=check.pk, now=NOW, reuse_days=days)
    return reuse_verdicts(check_id=check.pk)


def test_own_verdicts_are_taken_over_with_the_people_found_and_the_time_of_then() -> None:
    anna = scenes.person()
    earlier = answered(anna, days_ago=2)
    check = fresh(anna)
    assert start(check) == 10
    assert scenes.states_of(check) == "fffnnnnnnnww"
    numbers = scenes.numbers_of(check)
    assert all(number.reused for number in numbers[:10])
    assert not any(number.reused for number in numbers[10:])
    assert numbers[0].answered_at == scenes.numbers_of(earlier)[0].answered_at
    assert (numbers[0].finding.first_name, numbers[0].finding.usernames) == ("Vera", ["vera"])
    assert numbers[0].finding.telegram_id == scenes.numbers_of(earlier)[0].finding.telegram_id
    check.refresh_from_db()
    assert (check.reused_count, check.reuse_pending, check.reuse_days) == (10, False, 7)
    block = Block.objects.get(check_ref=check)
    assert (block.found_count, block.not_found_count, block.state) == (3, 7, "waiting")
    assert LogEntry.objects.get(check_ref=check, kind="reused").details == {"count": 10, "days": 7}


def test_without_the_wish_nothing_is_taken_over() -> None:
    anna = scenes.person()
    answered(anna, days_ago=1)
    check = fresh(anna)
    assert start(check, None) is None
    assert scenes.states_of(check) == "w" * 12


def test_somebody_elses_verdicts_are_never_taken_over() -> None:
    anna, boris = scenes.person("anna"), scenes.person("boris")
    answered(boris, days_ago=1)
    check = fresh(anna)
    assert start(check) == 0
    assert scenes.states_of(check) == "w" * 12


def test_verdicts_that_are_too_old_unanswered_removed_or_of_another_kind_are_not_taken_over() -> None:
    anna = scenes.person()
    answered(anna, days_ago=8)
    Number.objects.filter(block__check_ref=answered(anna, days_ago=1)).update(state="u")
    Check.objects.filter(pk=answered(anna, days_ago=1).pk).update(state=Check.State.REMOVED)
    Check.objects.filter(pk=answered(anna, days_ago=1).pk).update(kind="username")
    check = fresh(anna)
    assert start(check) == 0
    assert scenes.states_of(check) == "w" * 12


def test_of_several_earlier_verdicts_the_newest_counts() -> None:
    anna = scenes.person()
    answered(anna, days_ago=1, found=0)
    answered(anna, days_ago=3, found=10)
    check = fresh(anna, numbers=10)
    start(check)
    assert scenes.states_of(check) == "n" * 10


def test_a_list_that_was_answered_before_as_a_whole_is_finished_without_a_call() -> None:
    anna = scenes.person()
    answered(anna, days_ago=1, numbers=600, found=100)
    check = fresh(anna, numbers=600)
    assert start(check) == 600
    check.refresh_from_db()
    assert check.state == Check.State.FINISHED
    assert set(Block.objects.filter(check_ref=check).values_list("state", flat=True)) == {"done"}


def test_usernames_are_compared_by_their_subject() -> None:
    anna = scenes.person()
    earlier, check = answered(anna, days_ago=1, numbers=2, found=1), fresh(anna, numbers=2)
    for made in (earlier, check):
        Check.objects.filter(pk=made.pk).update(kind="username")
        for number, name in zip(scenes.numbers_of(made), ("durov", "nobody"), strict=True):
            Number.objects.filter(pk=number.pk).update(phone=None, subject=name)
    assert start(check) == 2
    assert scenes.states_of(check) == "fn"


def test_no_number_is_asked_about_before_all_are_taken_over() -> None:
    anna = scenes.person()
    account = scenes.account(anna)
    answered(anna, days_ago=1)
    check = fresh(anna)
    start_check(actor=anna, check_id=check.pk, now=NOW, reuse_days=7)
    assert claim_call(account_id=account.pk) is None
    reuse_verdicts(check_id=check.pk)
    call = claim_call(account_id=account.pk)
    assert call is not None
    assert [phone for _, phone in call.numbers] == [FIRST + 10, FIRST + 11]


def test_a_check_whose_job_was_lost_is_sent_again_and_may_be_cancelled_meanwhile() -> None:
    anna = scenes.person()
    answered(anna, days_ago=1)
    check = fresh(anna)
    start_check(actor=anna, check_id=check.pk, now=NOW, reuse_days=7)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
        dispatch()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'checks.reuse'")
        assert cursor.fetchone() == (1,)
    cancel_check(actor=anna, check_id=check.pk, now=NOW)
    assert reuse_verdicts(check_id=check.pk) is None
    assert scenes.states_of(check) == "w" * 12


def test_what_would_be_taken_over_is_counted_for_each_choice() -> None:
    anna = scenes.person()
    answered(anna, days_ago=0.5, numbers=2, first=FIRST)
    answered(anna, days_ago=5, numbers=4, first=FIRST)
    answered(anna, days_ago=20, numbers=6, first=FIRST)
    assert reusable_counts(fresh(anna)) == {1: 2, 7: 4, 30: 6}


def test_both_lists_are_read_once_whatever_their_size() -> None:
    anna = scenes.person()
    answered(anna, days_ago=1, numbers=3000)
    check = fresh(anna, numbers=3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE checks_number, checks_block, checks_check")
        # Two blocks of a thousand do not decide it: with many rows the planner has to find a hash or a merge.
        cursor.execute(f"EXPLAIN SELECT n.id {earlier_sql('phone')}", earlier_parameters(check, 7))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert (
        "Hash Cond: (n.phone = e.phone)" in plan
        or "Hash Cond: (e.phone = n.phone)" in plan
        or "Merge" in plan
    )


def test_the_preview_asks_and_starts_with_the_answer(client: Client) -> None:
    anna = scenes.person()
    client.force_login(anna)
    check = fresh(anna)
    assert "earlier checks" not in client.get(f"/checks/{check.pk}/").text
    answered(anna, days_ago=0.5)
    page = client.get(f"/checks/{check.pk}/")
    assert "not older than 7 days (10 of this list)" in page.text
    client.post(f"/checks/{check.pk}/start/", {"reuse": "7"})
    check.refresh_from_db()
    assert (check.state, check.reuse_days, check.reuse_pending) == ("running", 7, True)


def test_the_preview_is_off_by_default_and_takes_days_of_ones_own(client: Client) -> None:
    anna = scenes.person()
    client.force_login(anna)
    answered(anna, days_ago=1)
    first, second, third = fresh(anna), fresh(anna), fresh(anna)
    client.post(f"/checks/{first.pk}/start/")
    client.post(f"/checks/{second.pk}/start/", {"reuse": "other", "days": "90"})
    wrong = client.post(f"/checks/{third.pk}/start/", {"reuse": "other", "days": ""})
    assert wrong.status_code == 422
    assert "Say how many days old" in wrong.text
    assert list(
        Check.objects.filter(state="running").order_by("pk").values_list("reuse_days", flat=True)
    ) == [
        None,
        90,
    ]


def test_results_and_exports_say_what_is_from_an_earlier_check(client: Client) -> None:
    anna = scenes.person()
    client.force_login(anna)
    answered(anna, days_ago=2)
    check = fresh(anna)
    start(check)
    assert client.get(f"/checks/{check.pk}/results/").text.count("from an earlier check") == 10
    export = client.get(f"/checks/{check.pk}/results/export.json").getvalue()
    assert [row["reused"] for row in json.loads(export)] == [True] * 10 + [None] * 2
