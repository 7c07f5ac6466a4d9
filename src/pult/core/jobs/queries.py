"""Reads: what the queue holds. It is small (finished jobs are deleted), so counting it costs a millisecond."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# Jobs that wait for a later moment are no backlog.
_SUMS = """
SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at <= now(), true)),
       count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
       count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed'),
       coalesce(extract(epoch FROM now() - (
           SELECT greatest(event.at, job.scheduled_at)
             FROM procrastinate_jobs job
             JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
            WHERE job.status = 'todo' AND coalesce(job.scheduled_at <= now(), true)
            ORDER BY job.id LIMIT 1
       )), 0)
  FROM procrastinate_jobs
"""

_FAILED = """
SELECT job.id, job.task_name, job.attempts, max(event.at)
  FROM procrastinate_jobs job
  LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'failed'
 WHERE job.status = 'failed' AND strpos(job.task_name, %s) > 0
 GROUP BY job.id
 ORDER BY max(event.at) DESC NULLS LAST, job.id DESC
"""


@dataclass(frozen=True, slots=True)
class QueueSums:
    """How many jobs there are in each state, and for how many seconds the oldest one that could start has waited."""

    waiting: int
    scheduled: int
    running: int
    failed: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that ended with an error; `at` is None when nobody wrote down when."""

    id: int
    name: str
    attempts: int
    at: datetime | None


def queue_sums() -> QueueSums:
    """The whole queue in one row."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        row = cursor.fetchone() or (0, 0, 0, 0, 0)
    waiting, scheduled, running, failed, oldest = row
    return QueueSums(waiting, scheduled, running, failed, max(0.0, float(oldest)))


def failed_jobs(*, search: str = "") -> list[FailedJob]:
    """Failed jobs, the latest first, whose name holds `search`."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [search.replace("\0", "")])
        return [FailedJob(*row) for row in cursor.fetchall()]
