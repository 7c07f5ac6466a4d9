"""What we do about facts of the core."""

from typing import Any

from django.utils import timezone

from pult.core.jobs.events import job_failed
from pult.core.watch.operations import note_failure


def connect() -> None:
    """Called once, when the application is ready."""
    job_failed.connect(_on_failure, dispatch_uid="watch.job_failed")


def _on_failure(*, job_id: int, name: str, error: Exception, **_: Any) -> None:
    note_failure(job_id=job_id, name=name, error=error, now=timezone.now())
