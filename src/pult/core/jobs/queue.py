"""Registering and enqueueing jobs."""

from asyncio import CancelledError
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, ParamSpec, TypeVar

import structlog
from django.db import connection, transaction
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from pult.core.jobs.database import in_database, with_fresh_connection
from pult.core.jobs.events import job_failed

P = ParamSpec("P")
R = TypeVar("R")

# A worker writes its heartbeat every ten seconds; three missed ones mean that it is gone.
HEARTBEAT_SECONDS = 10
STALLED_AFTER_SECONDS = 30

log = structlog.get_logger(__name__)


class _AgainAfterStop(BaseRetryStrategy):
    """A job that was cut off because its worker was told to stop goes back to the queue; a failed one does not."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision() if isinstance(exception, CancelledError) else None


def job(*, name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function (or coroutine) as the job `name` ("checks.work_account"); its arguments are JSON.

    A job may run twice after a kill or a stop: it must load what it needs and find out for itself what is left to do.
    A function runs in a thread of its own, whose connection goes back to the pool afterwards.
    """

    def register(function: Callable[P, R]) -> Callable[P, R]:
        run = _coroutine(function, name) if iscoroutinefunction(function) else _in_thread(function, name)
        app.task(name=name, retry=_AgainAfterStop(), pass_context=True)(run)
        return function

    return register


def _in_thread(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(function)
    def run(context: JobContext, **arguments: Any) -> Any:
        try:
            return with_fresh_connection(function, **arguments)
        except Exception as error:
            with_fresh_connection(_tell_failure, context, name, error)
            raise

    return run


def _coroutine(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(function)
    async def run(context: JobContext, **arguments: Any) -> Any:
        try:
            return await function(**arguments)
        except Exception as error:
            await in_database(_tell_failure, context, name, error)
            raise

    return run


def _tell_failure(context: JobContext, name: str, error: Exception) -> None:
    # Whoever listens must not turn one failure into another.
    for _, answer in job_failed.send_robust(None, job_id=context.job.id, name=name, error=error):
        if isinstance(answer, Exception):
            log.warning("jobs.failure_not_noted", job=name, error=type(answer).__name__)


def enqueue(
    name: str,
    *,
    queueing_lock: str | None = None,
    lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> bool:
    """Enqueue the job `name` inside the caller's transaction; it starts within milliseconds of the commit.

    Returns False when a job with the same `queueing_lock` waits already. Jobs with the same `lock` run one after
    another. With `at` the job starts up to some seconds late: what must be on time is an `Alarm`.
    """
    deferrer = app.configure_task(
        name, allow_unknown=False, queueing_lock=queueing_lock, lock=lock, schedule_at=at
    )
    try:
        # A refusal by the queueing lock would abort the caller's transaction without a savepoint.
        with transaction.atomic():
            deferrer.defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return False
    return True


def alive_workers() -> int:
    """How many workers have written their heartbeat lately, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [STALLED_AFTER_SECONDS],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
