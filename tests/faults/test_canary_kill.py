"""kill -9 around a canary: its contact is removed, its number forgotten, and nothing that it proved false stays."""

import pytest

from pult.core.telegram.models import Account
from pult.modules.checks.models import Call, Canary, Check
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.world import connect_account, contacts, expected, verdicts, violations
from tests.faults.test_checks_kill import (
    GENEROUS,
    PER_CALL,
    PHONE,
    SECOND,
    Point,
    before_the_contacts_are_removed,
    before_the_import_arrives,
    begin,
    crew,
    finish,
    saved_phones,
    slow,
    while_the_answer_travels,
)
from tests.installation import wait_for
from tests.workers import Workers

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(150)]
__all__ = ["crew"]


def name_canaries(crew: Workers) -> set[int]:
    phones = {4_915_551_000_001, 4_915_551_000_002}
    for phone in phones:
        crew.simulator.post(
            "/api/people", {"phone": str(phone), "first_name": "Canary", "find_by_phone": "everybody"}
        )
        Canary.objects.create(phone=phone, created_at=scenes.NOW)
    return phones


@pytest.mark.parametrize(
    "point", [before_the_import_arrives, while_the_answer_travels, before_the_contacts_are_removed]
)
def test_a_kill_leaves_no_canary_in_the_phone_book(crew: Workers, point: Point) -> None:
    check, truth = begin(crew)
    name_canaries(crew)
    own = contacts(crew.simulator, PHONE)
    crew.start()
    point(crew)
    wait_for(lambda: Call.objects.filter(canary__isnull=False).exists(), seconds=20, what="a canary is asked")
    crew.kill()
    finish(crew, check)
    assert verdicts(check) == expected(truth)
    assert contacts(crew.simulator, PHONE) == own
    assert saved_phones(crew, PHONE) == 0
    assert not Call.objects.exclude(asked_phones=[]).exists()
    assert Call.objects.filter(canary_seen=True).exists()
    assert violations(crew.simulator) == 0


def test_a_miss_that_was_recorded_before_the_kill_stays_recorded(crew: Workers) -> None:
    check, truth = begin(crew)
    name_canaries(crew)
    own = contacts(crew.simulator, PHONE)
    crew.simulator.post("/api/faults", {"kind": "blind", "phone": PHONE})
    slow(crew, "contacts.deleteByPhones", 4000)
    crew.start()
    wait_for(lambda: Call.objects.filter(canary_seen=False).exists(), seconds=30, what="a canary is missed")
    crew.kill()
    assert "n" not in verdicts(check).values()
    connect_account(crew.simulator, check.owner, SECOND, limits=GENEROUS, numbers_per_call=PER_CALL)
    crew.start()
    wait_for(
        lambda: Check.objects.filter(pk=check.pk, state=Check.State.FINISHED).exists(),
        seconds=60,
        what="the second account has done it all",
    )
    assert verdicts(check) == expected(truth)
    # Awake again, the first one is tried with a canary alone, and tidies up.
    crew.simulator.delete("/api/faults")
    Account.objects.update(resting_until=None)
    finish(crew, check)
    assert contacts(crew.simulator, PHONE) == own
    assert (saved_phones(crew, PHONE), saved_phones(crew, SECOND)) == (0, 0)
    assert violations(crew.simulator) == 0
