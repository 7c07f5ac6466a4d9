"""Failed jobs: their errors are written down, a person tries again or forgets, and time forgets too."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from pult.core.audit.operations import record
from pult.core.watch.masking import mask_secrets_in
from pult.core.watch.models import JobFailure

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

# Long enough to be looked at after a holiday; a table of old errors helps nobody.
KEEP_FAILED = timedelta(days=30)


class UnableToChangeJob(Exception):
    """The job is not there any more, or waits already; the text tells a person."""


def note_failure(*, job_id: int, name: str, error: Exception, now: datetime) -> JobFailure:
    """Keep with what a job failed: the error's class and the first line of what it said, masked."""
    lines = mask_secrets_in(str(error)).strip().splitlines()
    failure, _made = JobFailure.objects.update_or_create(
        job_id=job_id,
        defaults={
            "name": name[:128],
            "error": type(error).__name__[:100],
            # PostgreSQL knows no text with NUL.
            "said": (lines[0] if lines else "").replace("\0", "")[:300],
            "at": now,
        },
    )
    return failure


@transaction.atomic
def retry_job(*, job_id: int, actor: "AbstractBaseUser", now: datetime) -> str:
    """Put a failed job into the queue again; returns its name. Raises UnableToChangeJob."""
    name = _lock_failed(job_id)
    try:
        # The error would abort the whole transaction.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
    except IntegrityError:
        raise UnableToChangeJob(_("The same work waits in the queue already; forget this job.")) from None
    record(action="job.retried", actor=actor, now=now, object_type="job", object_id=job_id, job=name)
    return name


@transaction.atomic
def forget_job(*, job_id: int, actor: "AbstractBaseUser", now: datetime) -> str:
    """Delete a failed job; returns its name. Raises UnableToChangeJob."""
    name = _lock_failed(job_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
    JobFailure.objects.filter(job_id=job_id).delete()
    record(action="job.forgotten", actor=actor, now=now, object_type="job", object_id=job_id, job=name)
    return name


@transaction.atomic
def forget_old_failures(*, now: datetime) -> int:
    """Delete jobs that failed more than 30 days before `now`; returns how many."""
    JobFailure.objects.filter(at__lte=now - KEEP_FAILED).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs job WHERE job.status = 'failed' AND %s >= ("
            "SELECT max(event.at) FROM procrastinate_events event WHERE event.job_id = job.id)",
            [now - KEEP_FAILED],
        )
        count: int = cursor.rowcount
    return count


def _lock_failed(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE",
            [job_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise UnableToChangeJob(_("This job is not among the failed ones any more."))
    return str(row[0])
