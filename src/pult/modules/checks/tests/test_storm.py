"""Everything at once: accounts that answer, fail and die, a person who steers, erasures, allowances, holds, canaries.

Real threads on the real database, the phone book a double in this process. What each of them does is decided by a seed;
how they meet is not, which is the point. A deadlock fails the test, and in the end all books have to agree.
"""

import time
from collections import Counter
from contextlib import suppress

import pytest
from django.db.models import Count, Q
from django.utils import timezone

from pult.core.telegram.models import Account, Budget
from pult.modules.checks.models import Allowance, Block, Call, Canary, Check, Number, Usage
from pult.modules.checks.operations import allowances, answers, setbacks, sightings
from pult.modules.checks.operations.answers import record_answers
from pult.modules.checks.operations.claim import claim_call
from pult.modules.checks.operations.control import (
    UnableToChangeCheck,
    resume_check,
)
from pult.modules.checks.operations.queue import release
from pult.modules.checks.operations.setbacks import (
    planned_calls,
    recover_calls,
)
from pult.modules.checks.tests.storm import (
    IN_A_BLOCK,
    SECONDS,
    State,
    Storm,
    administers,
    begin,
    erases,
    make_due,
    steers,
    take_over,
    tidy,
    time_passes,
    works,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """What operations gave back to each person's allowance."""
    given: Counter[int] = Counter()

    def spy(person_id: int, call_id: int, asked: int) -> None:
        allowances.give_back(person_id, call_id, asked)
        given[person_id] += asked

    for module in (answers, setbacks, sightings):
        monkeypatch.setattr(module, "give_back", spy)
    return given


@pytest.mark.parametrize("seed", [1, 2])
def test_the_books_agree_after_everything_at_once(seed: int, books: Counter[int]) -> None:
    storm = begin(seed)
    threads = [
        *(storm.thread(f"account {place}", works(storm, one.pk)) for place, one in enumerate(storm.accounts)),
        storm.thread("owners", steers(storm)),
        storm.thread("administrator", administers(storm)),
        storm.thread("erasure", erases(storm)),
        storm.thread("time", time_passes(storm)),
        storm.thread("reuse", lambda chance: take_over(storm)),
    ]
    for thread in threads:
        thread.start()
    storm.over.wait(SECONDS)
    storm.over.set()
    for thread in threads:
        thread.join(30)
    if storm.failures:
        raise storm.failures[0]
    calm_down(storm)
    judge(storm, books)


def calm_down(storm: Storm) -> None:
    """Nobody steers any more and Telegram answers: the rest has to come to an end."""
    release(actor=storm.administrator, now=timezone.now())
    for person in storm.people:
        release(actor=storm.administrator, person=person, now=timezone.now())
    Allowance.objects.all().delete()
    Canary.objects.all().delete()
    Budget.objects.update(call_size=IN_A_BLOCK)
    take_over(storm)
    for check in storm.checks:
        with suppress(UnableToChangeCheck):
            resume_check(actor=check.owner, check_id=check.pk, now=timezone.now())
    running = Check.objects.filter(state__in=[State.RUNNING, State.PAUSED])
    deadline = time.monotonic() + 60
    while running.exists():
        assert time.monotonic() < deadline, list(running.values_list("pk", "state", "reuse_pending"))
        Account.objects.update(resting_until=None, state="connected")
        for check in storm.checks:
            make_due(check)
        for account in storm.accounts:
            recover_calls(account_id=account.pk, seen=planned_calls(account.pk))
            tidy(account.pk)
            if (call := claim_call(account_id=account.pk)) is not None:
                storm.begins(call)
                storm.ends(call)
                seen = None if call.canary is None else True
                record_answers(call_id=call.id, hits={}, retry=[], added=[], canary_seen=seen)
                tidy(account.pk)


def judge(storm: Storm, given_back: Counter[int]) -> None:
    for account in storm.accounts:
        recover_calls(account_id=account.pk, seen=planned_calls(account.pk))
        tidy(account.pk)
    assert not Call.objects.filter(state__in=["planned", "answered", "lost"]).exists()
    assert not Number.objects.filter(state="a").exists()
    assert not Block.objects.filter(state="working").exists()
    told = Block.objects.annotate(
        stored=Count("numbers"),
        found=Count("numbers", filter=Q(numbers__state="f")),
        missed=Count("numbers", filter=Q(numbers__state="n")),
        silent=Count("numbers", filter=Q(numbers__state="u")),
    )
    for block in told:
        counts = (block.size, block.found_count, block.not_found_count, block.unanswered_count)
        assert counts == (block.stored, block.found, block.missed, block.silent), (block.pk, block.state)
    for check in Check.objects.all():
        assert check.valid_count == Number.objects.filter(block__check_ref=check).count()
    assert not Number.objects.filter(state="f", finding=None).exists()
    assert not Number.objects.exclude(state="f").filter(finding__isnull=False).exists()
    counted = {row.person_id: row.asked for row in Usage.objects.all()}
    asked = {person.pk: storm.asked[person.pk] - given_back[person.pk] for person in storm.people}
    assert {person_id: counted.get(person_id, 0) for person_id in asked} == asked
