"""Reads for the status page and `/metrics`: cheap, and the same from whichever process is asked."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min

from pult.core.jobs.queries import FailedJob, failed_jobs
from pult.core.watch.models import Backup, JobFailure, RunningProcess
from pult.core.watch.operations import KEEP_FAILED
from pult.core.watch.rules import disk_is_short, is_silent

_DATABASE = """
SELECT clock_timestamp(), pg_postmaster_start_time(), pg_database_size(current_database()),
       current_setting('server_version'), (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """The server behind everything; `size` in bytes, `now` by its own clock."""

    now: datetime
    started_at: datetime
    size: int
    version: str
    connections: int


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """Where the data folder lies; bytes."""

    path: Path
    free: int
    total: int

    @property
    def used_gigabytes(self) -> int:
        return round((self.total - self.free) / 1e9)

    @property
    def total_gigabytes(self) -> int:
        return round(self.total / 1e9)

    @property
    def short(self) -> bool:
        return disk_is_short(self.free, self.total)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job and, where it was written down, with what it failed."""

    job: FailedJob
    error: str
    said: str


def database_facts() -> DatabaseFacts:
    """One statement. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM always gives a row
    return DatabaseFacts(*row)


def disk_facts() -> DiskFacts:
    """The file system of the data folder, as it is seen from this process. Raises OSError."""
    path = Path(settings.PULT_DATA_DIR)
    usage = shutil.disk_usage(path)
    return DiskFacts(path, usage.free, usage.total)


def memory_of_machine() -> tuple[int, int] | None:
    """(available, total) bytes of this machine's memory; None where the system does not tell (proc(5), meminfo)."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        known = {name: int(rest.split()[0]) * 1024 for name, rest in (line.split(":", 1) for line in lines)}
        return known["MemAvailable"], known["MemTotal"]
    except (OSError, KeyError, ValueError, IndexError):
        return None


def running_processes(*, now: datetime) -> list[tuple[RunningProcess, bool]]:
    """Each process that gives signs of life, with whether it has grown silent; by kind, the oldest first."""
    rows = RunningProcess.objects.order_by("kind", "started_at", "pk")
    return [(row, is_silent(row.seen_at, now)) for row in rows]


def last_backup() -> Backup | None:
    """The latest one that `pult backup` made."""
    return Backup.objects.order_by("-made_at").first()


def missing_migrations() -> int:
    """How many migrations of this version the database lacks. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def failures(*, search: str = "") -> list[Failure]:
    """Failed jobs, the latest first, with their errors."""
    jobs = failed_jobs(search=search)
    noted = JobFailure.objects.filter(job_id__in=[job.id for job in jobs]).in_bulk(field_name="job_id")
    return [
        Failure(job, noted[job.id].error, noted[job.id].said) if job.id in noted else Failure(job, "", "")
        for job in jobs
    ]


def next_forgetting() -> datetime | None:
    """When the oldest failed job has been kept long enough."""
    oldest: datetime | None = JobFailure.objects.aggregate(oldest=Min("at"))["oldest"]
    return oldest + KEEP_FAILED + timedelta(seconds=1) if oldest else None
