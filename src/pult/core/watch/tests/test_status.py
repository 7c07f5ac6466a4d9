"""The status page and the failed jobs, as an owner sees them."""

import html
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from pult.core.audit.models import AuditEntry
from pult.core.jobs.queries import queue_sums
from pult.core.people.models import Person
from pult.core.watch import rules
from pult.core.watch.models import Backup, JobFailure, RunningProcess
from pult.core.watch.operations import KEEP_FAILED, forget_old_failures, note_failure
from pult.core.watch.queries import next_forgetting
from pult.core.watch.status_warnings import all_warnings

ClientOf = Callable[[Person], Client]
PAGES = ("/status/", "/status/jobs/")


def shown(client: Client, address: str = "/status/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def said() -> str:
    with translation.override("en"):
        return " ".join(f"{warning.text} {warning.command}" for warning in all_warnings())


@pytest.mark.parametrize("address", PAGES)
def test_only_who_leads_sees_it(client_of: ClientOf, owner: Person, address: str) -> None:
    operator = Person.objects.create_user(email="oleg@example.org", role="operator")
    administrator = Person.objects.create_user(email="ada@example.org", role="administrator")
    assert client_of(operator).get(address).status_code == 403
    assert client_of(administrator).get(address).status_code == 200
    assert Client().get(address).status_code == 302


def test_processes_stand_there_and_silent_ones_are_marked(client_of: ClientOf, owner: Person) -> None:
    now = timezone.now()
    for host, seen in (("alive", now), ("quiet", now - timedelta(minutes=3))):
        RunningProcess.objects.create(
            kind="web", host=host, pid=77, version="0.1.0", started_at=now, seen_at=seen, memory=3 * 1024**2
        )
    page = shown(client_of(owner))
    assert "alive" in page
    assert "3.0\xa0MB" in page
    assert page.count("silent") == 1


def test_no_worker_and_no_backup_are_said_in_words() -> None:
    assert "No worker is running" in said()
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
    assert "No worker is running" not in said()


def test_a_backup_is_asked_for_on_the_embedded_database_only(settings: Settings) -> None:
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url=None)
    assert "No backup has been made yet" in said()
    Backup.objects.create(made_at=timezone.now() - timedelta(days=8), size=1)
    assert "older than a week" in said()
    Backup.objects.create(made_at=timezone.now(), size=1)
    assert "backup" not in said()
    Backup.objects.all().delete()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url="postgresql://elsewhere/pult")
    assert "backup" not in said()


def test_disk_clock_and_keys(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.PULT_KEYRING_FILE = tmp_path / "keyring.json"
    before = said()
    assert "chmod" not in before
    assert "clocks" not in before
    settings.PULT_KEYRING_FILE.write_text("{}")
    settings.PULT_KEYRING_FILE.chmod(0o644)
    monkeypatch.setattr(rules, "LEAST_FREE_BYTES", 10**18)
    monkeypatch.setattr(rules, "MOST_CLOCK_DIFFERENCE_SECONDS", -1)
    after = said()
    assert f"chmod 600 {settings.PULT_KEYRING_FILE}" in after
    assert "GB are free" in after
    assert "clocks" in after


def test_an_old_job_is_a_warning() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'checks.read_list')"
        )
        assert "oldest job" not in said()
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '1 hour'")
    assert queue_sums().oldest_seconds == pytest.approx(3600, abs=60)
    assert "The oldest job has waited for 60 min." in said()


def test_a_failed_job_is_shown_masked_tried_again_and_forgotten(
    client_of: ClientOf, owner: Person, failed_job: Callable[[], int]
) -> None:
    first, second = failed_job(), failed_job()
    note_failure(job_id=first, name="x", error=ValueError("no +79123456789 here\nmore"), now=timezone.now())
    client = client_of(owner)
    page = shown(client, "/status/jobs/")
    assert "no +…89 here" in page
    assert "79123456789" not in page
    assert "not written down" in page
    assert "2 jobs have failed." in shown(client)

    client.post(f"/status/jobs/{first}/retry/")
    assert (queue_sums().waiting, queue_sums().failed) == (1, 1)
    client.post(f"/status/jobs/{second}/forget/")
    assert queue_sums().failed == 0
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert {"job.retried", "job.forgotten"} <= set(actions)
    assert "not among the failed ones" in html.unescape(
        client.post(f"/status/jobs/{second}/retry/", follow=True).content.decode()
    )


def test_a_job_whose_like_waits_is_not_queued_twice(
    client_of: ClientOf, owner: Person, failed_job: Callable[[], int]
) -> None:
    job = failed_job()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = 'one' WHERE id = %s", [job])
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES ('default', 'x', 'one')"
        )
    answer = client_of(owner).post(f"/status/jobs/{job}/retry/", follow=True)
    assert "waits in the queue already" in answer.content.decode()
    assert (queue_sums().waiting, queue_sums().failed) == (1, 1)


def test_an_operator_cannot_touch_jobs(client_of: ClientOf, failed_job: Callable[[], int]) -> None:
    job = failed_job()
    operator = Person.objects.create_user(email="oleg@example.org", role="operator")
    for verb in ("retry", "forget"):
        assert client_of(operator).post(f"/status/jobs/{job}/{verb}/").status_code == 403
    assert queue_sums().failed == 1


def test_failures_are_searched_by_name(
    client_of: ClientOf, owner: Person, failed_job: Callable[[], int]
) -> None:
    failed_job()
    client = client_of(owner)
    assert "checks.read_list" in shown(client, "/status/jobs/?q=read")
    assert "Nothing fits" in shown(client, "/status/jobs/?q=nobody%00")


def test_after_thirty_days_failures_are_forgotten(failed_job: Callable[[], int]) -> None:
    now = timezone.now()
    old, young = failed_job(), failed_job()
    for job, at in ((old, now - KEEP_FAILED - timedelta(hours=1)), (young, now)):
        note_failure(job_id=job, name="x", error=ValueError(), now=at)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, job])
    due = next_forgetting()
    assert due is not None
    assert due < now
    assert forget_old_failures(now=now) == 1
    assert list(JobFailure.objects.values_list("job_id", flat=True)) == [young]
    due = next_forgetting()
    assert due is not None
    assert due > now
