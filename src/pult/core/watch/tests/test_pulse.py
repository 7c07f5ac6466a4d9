"""Signs of life: written, renewed, taken away; what a killed process left is cleared by the next."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.jobs.queue import _coroutine, _in_thread
from pult.core.watch import this_process
from pult.core.watch.models import JobFailure, RunningProcess
from pult.core.watch.pulse import Pulse


def row(**fields: object) -> RunningProcess:
    now = timezone.now()
    known = {"kind": "web", "host": socket.gethostname(), "version": "1", "started_at": now, "seen_at": now}
    return RunningProcess.objects.create(**{**known, **fields})


@pytest.fixture
def open_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(this_process, "live_pages", lambda: 3)
    yield


def test_a_beat_makes_a_row_and_the_next_one_renews_it(open_pages: None) -> None:
    pulse = Pulse("web")
    pulse.beat()
    made = RunningProcess.objects.get()
    assert (made.pid, made.live_pages) == (os.getpid(), 3)
    assert made.memory > 10_000_000
    RunningProcess.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    pulse.beat()
    again = RunningProcess.objects.get()
    assert again.pk == made.pk
    assert again.seen_at > timezone.now() - timedelta(seconds=30)
    RunningProcess.objects.all().delete()
    pulse.beat()
    assert RunningProcess.objects.count() == 1


def test_killed_processes_of_this_machine_and_long_silent_ones_are_cleared() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    row(pid=ended.pid)
    row(host="elsewhere", pid=1, seen_at=timezone.now() - timedelta(days=1))
    kept = row(host="elsewhere", pid=2, seen_at=timezone.now() - timedelta(minutes=5))
    neighbour = row(pid=1)
    Pulse("worker").beat()
    left = set(RunningProcess.objects.values_list("pk", flat=True))
    assert {kept.pk, neighbour.pk} < left
    assert len(left) == 3


@pytest.mark.django_db(transaction=True)
def test_a_pulse_beats_by_itself_and_leaves_nothing_when_it_stops() -> None:
    pulse = Pulse("worker").start()
    for _ in range(200):
        if RunningProcess.objects.exists():
            break
        pulse._stop.wait(0.05)
    assert RunningProcess.objects.filter(kind="worker").exists()
    pulse.stop()
    assert not RunningProcess.objects.exists()


class _Context:
    class job:  # noqa: N801 - stands for procrastinate's JobContext
        id = 41


def _fails(**_: object) -> None:
    raise ValueError("session=abc for +79123456789")


@pytest.mark.django_db(transaction=True)
def test_a_failing_job_leaves_its_error() -> None:
    with pytest.raises(ValueError, match="session"):
        _in_thread(_fails, "checks.read_list")(_Context, check_id=1)
    failure = JobFailure.objects.get()
    assert (failure.job_id, failure.name, failure.error) == (41, "checks.read_list", "ValueError")
    assert failure.said == "session=… for +…89"


@pytest.mark.django_db(transaction=True)
async def test_a_failing_coroutine_leaves_its_error_too() -> None:
    async def fails(**_: object) -> None:
        _fails()

    with pytest.raises(ValueError, match="session"):
        await _coroutine(fails, "checks.work_account")(_Context, account_id="x")
    assert await in_database(JobFailure.objects.count) == 1
