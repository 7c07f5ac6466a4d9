"""A worker ends in the middle of a job, killed or told to stop: another one does the job, and only one of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.slow_job import IN_LOOP, IN_THREAD
from tests.installation import wait_for
from tests.workers import database_url

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(90)]
PROJECT = Path(__file__).resolve().parents[2]


class Crew:
    """Worker processes that share a folder in which the job tells what happens to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "PYTHONPATH": f"{PROJECT / 'src'}:{PROJECT}",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.slow_job", str(self.folder)], env=environment
        )
        self.running[process.pid] = process

    def told(self, name: str) -> list[int]:
        file = self.folder / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def kill(self, pid: int) -> None:
        process = self.running.pop(pid)
        process.kill()
        process.wait(10)


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    one = Crew(tmp_path)
    yield one
    for pid in list(one.running):
        one.kill(pid)


def jobs_left() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs")
        return [row[0] for row in cursor.fetchall()]


def enqueue_by_hand(name: str) -> None:
    """The job is known to the worker processes only, so it is enqueued as the database does it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', %s, 0, NULL, NULL, '{}', NULL)"
            "::procrastinate_job_to_defer_v1])",
            [name],
        )


@pytest.mark.parametrize("name", [IN_THREAD, IN_LOOP])
def test_a_killed_workers_job_is_done_by_one_of_the_others(crew: Crew, name: str) -> None:
    enqueue_by_hand(name)
    for _ in range(3):
        crew.start()
    [first] = wait_for(lambda: crew.told("begun"), seconds=30, what="the job begins")
    crew.kill(first)
    wait_for(lambda: len(crew.told("begun")) > 1, seconds=30, what="another worker takes the job over")
    (crew.folder / "go").touch()
    wait_for(lambda: not jobs_left(), seconds=30, what="the job is done and gone")
    begun, done = crew.told("begun"), crew.told("done")
    assert len(begun) == 2, "taken over by one worker, not by each that swept"
    assert done == begun[1:]
    assert done[0] in crew.running


def test_a_worker_that_is_told_to_stop_gives_its_unfinished_job_back(crew: Crew) -> None:
    enqueue_by_hand(IN_LOOP)
    crew.start()
    [first] = wait_for(lambda: crew.told("begun"), seconds=30, what="the job begins")
    process = crew.running.pop(first)
    process.terminate()
    assert process.wait(20) == 0
    assert jobs_left() == ["todo"]
    (crew.folder / "go").touch()
    crew.start()
    wait_for(lambda: not jobs_left(), seconds=30, what="the job is done and gone")
    assert crew.told("done") == crew.told("begun")[1:]
