"""Jobs commit or roll back with their data; alarms ring what is due, also after a restart."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from procrastinate.exceptions import TaskNotFound

from pult.core.jobs import alive_workers, enqueue, in_database
from pult.core.jobs.alarms import LONGEST_SLEEP_SECONDS, PAUSE_AFTER_ERROR_SECONDS, database_now, ring_due
from pult.core.jobs.queue import STALLED_AFTER_SECONDS
from pult.core.registry import Alarm

JOB = "builtin:procrastinate.builtin_tasks.remove_old_jobs"


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.django_db
def test_a_job_vanishes_when_its_data_roll_back() -> None:
    class Interrupted(Exception):
        pass

    with pytest.raises(Interrupted), transaction.atomic():
        enqueue(JOB, max_hours=1)
        assert waiting_jobs() == 1
        raise Interrupted
    assert waiting_jobs() == 0


@pytest.mark.django_db
def test_a_taken_queueing_lock_leaves_the_transaction_usable() -> None:
    with transaction.atomic():
        assert enqueue(JOB, queueing_lock="one", max_hours=1)
        assert not enqueue(JOB, queueing_lock="one", max_hours=1)
        assert waiting_jobs() == 1


@pytest.mark.django_db
def test_an_unknown_job_is_refused_when_it_is_enqueued() -> None:
    with pytest.raises(TaskNotFound):
        enqueue("nobody.knows_it")


@pytest.mark.django_db
def test_only_workers_with_a_fresh_heartbeat_count_as_alive() -> None:
    assert alive_workers() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
        assert alive_workers() == 1
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)",
            [STALLED_AFTER_SECONDS + 1],
        )
    assert alive_workers() == 0


class Deadline:
    """A deadline as a module would keep it in a column."""

    def __init__(self, due: datetime | None) -> None:
        self.due = due
        self.rung = 0

    def ring(self) -> None:
        self.rung += 1
        self.due = None

    def alarm(self) -> Alarm:
        return Alarm("test", next_due=lambda: self.due, ring=self.ring)


@pytest.mark.django_db
def test_what_is_due_rings_and_what_is_not_sets_the_sleep() -> None:
    late = Deadline(database_now() - timedelta(seconds=1))
    soon = Deadline(database_now() + timedelta(seconds=2))
    never = Deadline(None)
    wait = ring_due([late.alarm(), soon.alarm(), never.alarm()])
    assert (late.rung, soon.rung, never.rung) == (1, 0, 0)
    assert 1 < wait <= 2


@pytest.mark.django_db
def test_the_sleep_is_bounded_and_a_start_rings_everything() -> None:
    far = Deadline(datetime(2100, 1, 1, tzinfo=UTC))
    assert ring_due([far.alarm()]) == LONGEST_SLEEP_SECONDS
    unswept = {"test"}
    ring_due([far.alarm()], unswept)
    assert (far.rung, unswept) == (1, set())


@pytest.mark.django_db
def test_a_broken_alarm_is_tried_again_and_silences_nobody() -> None:
    def fail() -> None:
        raise ValueError("broken")

    fine = Deadline(database_now())
    broken = Alarm("broken", next_due=database_now, ring=fail)
    unswept = {"broken", "test"}
    assert ring_due([broken, fine.alarm()], unswept) == PAUSE_AFTER_ERROR_SECONDS
    assert (fine.rung, unswept) == (1, {"broken"})


@pytest.mark.django_db(transaction=True)
async def test_a_coroutine_reaches_the_database_through_a_thread() -> None:
    moment = await in_database(database_now)
    assert abs((moment - datetime.now(UTC)).total_seconds()) < 60
