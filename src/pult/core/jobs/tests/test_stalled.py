"""Jobs of dead workers go back to the queue, once, and nobody else's do."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from pult.core.jobs import enqueue
from pult.core.jobs.database import with_fresh_connection
from pult.core.jobs.queue import STALLED_AFTER_SECONDS
from pult.core.jobs.stalled import take_over_stalled

JOB = "builtin:procrastinate.builtin_tasks.remove_old_jobs"


def value(statement: str, *parameters: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None
    return row[0]


def worker(*, silent_for: int) -> int:
    number: int = value("SELECT procrastinate_register_worker_v1()")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s) WHERE id = %s",
            [silent_for, number],
        )
    return number


def started_by(number: int, *, queueing_lock: str | None = None) -> int:
    assert enqueue(JOB, queueing_lock=queueing_lock, max_hours=1)
    job: int = value("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", number)
    return job


def state(job: int) -> str:
    found: str = value("SELECT status FROM procrastinate_jobs WHERE id = %s", job)
    return found


@pytest.mark.django_db
def test_a_dead_workers_job_waits_again_and_a_living_ones_goes_on() -> None:
    left = started_by(worker(silent_for=STALLED_AFTER_SECONDS + 1))
    running = started_by(worker(silent_for=STALLED_AFTER_SECONDS - 5))
    assert take_over_stalled() == 1
    assert (state(left), state(running)) == ("todo", "doing")
    assert take_over_stalled() == 0


@pytest.mark.django_db
def test_a_job_whose_worker_was_forgotten_is_taken_over_too() -> None:
    job = started_by(worker(silent_for=STALLED_AFTER_SECONDS + 1))
    value("SELECT count(*) FROM procrastinate_prune_stalled_workers_v1(%s)", STALLED_AFTER_SECONDS)
    assert take_over_stalled() == 1
    assert state(job) == "todo"


@pytest.mark.django_db
def test_of_jobs_with_one_queueing_lock_one_is_left() -> None:
    dead = worker(silent_for=STALLED_AFTER_SECONDS + 1)
    started_by(dead, queueing_lock="one")
    started_by(dead, queueing_lock="one")
    assert enqueue(JOB, queueing_lock="one", max_hours=1)
    assert take_over_stalled() == 2
    assert value("SELECT array_agg(status::text) FROM procrastinate_jobs") == ["todo"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_sweep_at_once() -> None:
    started_by(worker(silent_for=STALLED_AFTER_SECONDS + 1))
    taken: list[int] = []
    with transaction.atomic():
        assert take_over_stalled() == 1
        other = threading.Thread(target=lambda: taken.append(with_fresh_connection(take_over_stalled)))
        other.start()
        other.join(10)
    assert taken == [0]
