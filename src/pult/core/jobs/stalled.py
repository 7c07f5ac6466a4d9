"""Jobs of workers that were killed: known by the missing heartbeat, and given back to the queue."""

import structlog
from django.db import IntegrityError, connection, transaction

from pult.core.jobs.queue import STALLED_AFTER_SECONDS

# Starting workers forget dead ones (procrastinate does that); then their jobs belong to nobody.
_STALLED = """
SELECT job.id, job.task_name
  FROM procrastinate_jobs job
  LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
 WHERE job.status = 'doing'
   AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
 ORDER BY job.id
   FOR UPDATE OF job SKIP LOCKED
"""

log = structlog.get_logger(__name__)


@transaction.atomic
def take_over_stalled() -> int:
    """Give jobs of workers without a heartbeat back to the queue; returns how many.

    Workers sweep one at a time: a second one could take away what the first has just given to a living worker.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('pult.stalled_jobs'))")
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute(_STALLED, [STALLED_AFTER_SECONDS])
        stalled = cursor.fetchall()
    for job_id, name in stalled:
        _give_back(job_id, name)
    return len(stalled)


def _give_back(job_id: int, name: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
    except IntegrityError:
        # Another job waits with the same queueing lock: that one will do the work.
        with connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', true)", [job_id])
        log.info("jobs.stalled_superseded", job=name)
    else:
        log.warning("jobs.stalled_taken_over", job=name)
