"""kill -9 of the worker at named points of a check: no verdict lost or wrong, no contact left, no call for nothing.

What the simulator counts is the judge: how many numbers Telegram was asked about, who is a contact, what was violated.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Call, Check, Finding, Number
from pult.modules.checks.tests import scenes
from pult.modules.checks.tests.world import (
    Truth,
    check_of,
    connect_account,
    contacts,
    expected,
    list_of,
    verdicts,
    violations,
)
from tests.installation import wait_for
from tests.workers import Workers, workers

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(150)]

PHONE, SECOND = "79110000001", "79110000002"
PER_CALL = 60
GENEROUS = {
    "contacts": {"capacity": 100_000, "per_second": 1000},
    "requests": {"capacity": 5000, "per_second": 500},
}


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Workers]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    with workers(tmp_path, people=2000) as crew:
        yield crew


def begin(crew: Workers, numbers: int = 600) -> tuple[Check, Truth]:
    """Anna's check on one account that asks about sixty numbers at once; she knows some of the people already."""
    world = crew.simulator
    anna = scenes.person()
    connect_account(world, anna, PHONE, limits=GENEROUS, numbers_per_call=PER_CALL)
    truth = list_of(world, numbers, "kill")
    friends = [phone for phone, findable in truth.items() if findable][:5]
    world.put(
        f"/api/accounts/{PHONE}/contacts",
        {"contacts": [{"phone": str(phone), "first_name": f"Own {phone}"} for phone in friends]},
    )
    world.post("/api/counters/reset")
    return check_of(anna, truth), truth


def finish(crew: Workers, check: Check) -> None:
    crew.start()
    wait_for(
        lambda: not Check.objects.filter(pk=check.pk, state=Check.State.RUNNING).exists(),
        seconds=60,
        what=f"the check is finished; workers said:\n{crew.output.read_text()[-3000:]}",
    )
    open_states = [Call.State.PLANNED, Call.State.ANSWERED, Call.State.LOST]
    wait_for(
        lambda: not Call.objects.filter(state__in=open_states).exists(),
        seconds=20,
        what="contacts are removed",
    )


def asked(crew: Workers) -> int:
    """About how many numbers Telegram was asked, in calls that it carried out."""
    counters = crew.simulator.get("/api/counters")["accounts"]
    return sum(int(counter["numbers_granted"]) for counter in counters.values())


def requests(crew: Workers, method: str) -> int:
    counters = crew.simulator.get("/api/counters")["accounts"]
    return sum(int(counter["requests"].get(method, 0)) for counter in counters.values())


def saved_phones(crew: Workers, phone: str) -> int:
    """Numbers behind which nobody was found and which the account's phone book still keeps."""
    return int(crew.simulator.get(f"/api/accounts/{phone}/contacts")["saved_phones"])


def slow(crew: Workers, method: str, milliseconds: int) -> None:
    crew.simulator.post(
        "/api/faults", {"kind": "latency", "method": method, "milliseconds": milliseconds, "count": 1}
    )


def assert_unharmed(
    crew: Workers, check: Check, truth: Truth, *, own: list[tuple[int, str, str]], kills: int
) -> None:
    assert verdicts(check) == expected(truth)
    assert contacts(crew.simulator, PHONE) == own
    assert saved_phones(crew, PHONE) == 0
    assert violations(crew.simulator) == 0
    assert not Block.objects.filter(state__in=["waiting", "working"]).exists()
    assert not Finding.objects.filter(first_name__startswith="~").exists()
    assert not Finding.objects.filter(first_name="", last_name="").exists()
    assert set(Number.objects.values_list("tries", flat=True)) == {0}
    # At most the running call is repeated; own contacts are not asked about at all.
    assert asked(crew) <= len(truth) + kills * PER_CALL


Point = Callable[[Workers], None]


def before_the_import_arrives(crew: Workers) -> None:
    """The call is written down, Telegram takes its time over it."""
    slow(crew, "contacts.importContacts", 1500)
    wait_for(lambda: Call.objects.filter(state="planned").exists(), seconds=30, what="a call is planned")


def after_some_calls(crew: Workers) -> None:
    wait_for(lambda: Call.objects.filter(state="clean").count() >= 3, seconds=30, what="three calls are done")


def before_the_contacts_are_removed(crew: Workers) -> None:
    """Verdicts are stored, the imported people are still contacts."""
    slow(crew, "contacts.deleteContacts", 4000)
    wait_for(lambda: Call.objects.filter(state="answered").exists(), seconds=30, what="a call is answered")


def while_the_answer_travels(crew: Workers) -> None:
    """Telegram has carried the import out; the answer gets lost with the connection, and the worker with it."""
    crew.simulator.post(
        "/api/faults", {"kind": "drop_after", "method": "contacts.importContacts", "count": 1}
    )
    wait_for(
        lambda: requests(crew, "contacts.importContacts") > 0, seconds=30, what="an import was asked for"
    )


@pytest.mark.parametrize(
    "point",
    [before_the_import_arrives, while_the_answer_travels, before_the_contacts_are_removed, after_some_calls],
)
def test_a_worker_killed_at_a_named_point_harms_no_verdict_and_leaves_no_contact(
    crew: Workers, point: Point
) -> None:
    check, truth = begin(crew)
    own = contacts(crew.simulator, PHONE)
    crew.start()
    point(crew)
    crew.kill()
    if point is while_the_answer_travels:
        # The kill came before or after the lost answer was noticed: both must end well, only tries may differ.
        finish(crew, check)
        assert verdicts(check) == expected(truth)
        assert contacts(crew.simulator, PHONE) == own
        assert saved_phones(crew, PHONE) == 0
        assert violations(crew.simulator) == 0
        return
    finish(crew, check)
    assert_unharmed(crew, check, truth, own=own, kills=1)


def test_a_worker_killed_again_and_again_at_random_moments_comes_to_the_true_end(crew: Workers) -> None:
    check, truth = begin(crew, numbers=1800)
    own = contacts(crew.simulator, PHONE)
    crew.simulator.post(
        "/api/faults", {"kind": "latency", "method": "contacts.importContacts", "milliseconds": 150}
    )
    moments = random.Random(2)
    kills = 0
    while kills < 5:
        crew.start()
        wait_for(lambda: Call.objects.filter(state="planned").exists(), seconds=30, what="a call is planned")
        time.sleep(moments.uniform(0.0, 0.6))  # the moment of the kill, not a wait for anything
        crew.kill()
        kills += 1
    finish(crew, check)
    assert_unharmed(crew, check, truth, own=own, kills=kills)


def test_two_workers_share_the_accounts_and_one_is_killed(crew: Workers) -> None:
    check, truth = begin(crew, numbers=1500)
    connect_account(crew.simulator, check.owner, SECOND, limits=GENEROUS, numbers_per_call=PER_CALL)
    own = contacts(crew.simulator, PHONE)
    crew.simulator.post(
        "/api/faults", {"kind": "latency", "method": "contacts.importContacts", "milliseconds": 150}
    )
    crew.start(2)
    after_some_calls(crew)
    killed = crew.running.pop(0)
    killed.kill()
    killed.wait(10)
    finish(crew, check)
    assert_unharmed(crew, check, truth, own=own, kills=2)
    assert contacts(crew.simulator, SECOND) == []
    assert saved_phones(crew, SECOND) == 0
    assert Call.objects.values("account_id").distinct().count() == 2


def test_a_worker_killed_while_its_account_rests_goes_on_in_time(crew: Workers) -> None:
    check, truth = begin(crew, numbers=200)
    crew.simulator.post(
        "/api/faults", {"kind": "flood_wait", "seconds": 4, "method": "contacts.importContacts", "count": 1}
    )
    crew.start()
    wait_for(
        lambda: Call.objects.filter(state="refused").exists(), seconds=30, what="Telegram asks for a pause"
    )
    account = check.owner.telegram_accounts.get()
    rested_at = account.resting_until
    assert rested_at is not None
    crew.kill()
    finish(crew, check)
    first = Call.objects.filter(state="clean").order_by("sent_at").first()
    assert first is not None
    assert 0 <= (first.sent_at - rested_at).total_seconds() < 3
    assert_unharmed(crew, check, truth, own=contacts(crew.simulator, PHONE), kills=0)


def test_a_worker_that_is_told_to_stop_ends_in_good_time_and_loses_nothing(crew: Workers) -> None:
    check, truth = begin(crew, numbers=1800)
    own = contacts(crew.simulator, PHONE)
    crew.simulator.post(
        "/api/faults", {"kind": "latency", "method": "contacts.importContacts", "milliseconds": 300}
    )
    crew.start()
    after_some_calls(crew)
    began = time.monotonic()
    assert crew.stop() == [0]
    assert time.monotonic() - began < 20
    assert not Call.objects.filter(state="planned").exists()
    crew.simulator.delete("/api/faults")
    finish(crew, check)
    assert_unharmed(crew, check, truth, own=own, kills=0)


def test_what_an_interrupted_call_left_is_forgotten_although_a_colleague_asks_again(crew: Workers) -> None:
    check, truth = begin(crew, numbers=600)
    own = contacts(crew.simulator, PHONE)
    while_the_answer_travels_to(crew, PHONE)
    crew.kill()
    account = check.owner.telegram_accounts.get()
    rest = timedelta(seconds=6)
    Account.objects.filter(pk=account.pk).update(
        resting_until=timezone.now() + rest, rest_reason="flood_wait"
    )
    connect_account(crew.simulator, check.owner, SECOND, limits=GENEROUS, numbers_per_call=PER_CALL)
    finish(crew, check)
    wait_for(
        lambda: saved_phones(crew, PHONE) == 0, seconds=20, what="the first account's phone book is tidy"
    )
    assert verdicts(check) == expected(truth)
    assert contacts(crew.simulator, PHONE) == own
    assert saved_phones(crew, SECOND) == 0
    assert violations(crew.simulator) == 0


def while_the_answer_travels_to(crew: Workers, phone: str) -> None:
    """An import was carried out, but its answer hangs on the way: the connection stays open and silent."""
    crew.simulator.post(
        "/api/faults",
        {"kind": "drop_after", "phone": phone, "method": "contacts.importContacts", "count": 1},
    )
    crew.start()
    wait_for(lambda: saved_phones(crew, phone) > 0, seconds=30, what="the import was carried out")
