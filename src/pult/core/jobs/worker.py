"""The worker: runs jobs and alarms until it is told to stop, and takes over what a killed worker left."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence

import structlog
from procrastinate.contrib.django import app as django_app

from pult.core.jobs.alarms import AlarmClock
from pult.core.jobs.database import database_dsn, in_database
from pult.core.jobs.queue import HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS
from pult.core.jobs.stalled import take_over_stalled
from pult.core.registry import Alarm, registry

CONCURRENCY = 20
SWEEP_EVERY_SECONDS = 10
# A call to Telegram ends by its own time-out within this; then the worker may be stopped without losing its answer.
GRACEFUL_SECONDS = 20

log = structlog.get_logger(__name__)


async def _sweep_stalled() -> None:
    while True:
        try:
            await in_database(take_over_stalled)
        except Exception:
            log.exception("jobs.sweep_failed")
        await asyncio.sleep(SWEEP_EVERY_SECONDS)


async def _run_once(alarms: Sequence[Alarm]) -> None:
    app = django_app.with_connector(django_app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with app.open_async():
        clock = asyncio.create_task(AlarmClock(alarms, dsn=database_dsn()).run(), name="alarm-clock")
        sweep = asyncio.create_task(_sweep_stalled(), name="stalled-jobs")
        try:
            await app.run_worker_async(
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=GRACEFUL_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_AFTER_SECONDS,
                delete_jobs="successful",
            )
        finally:
            for task in (clock, sweep):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def run_worker() -> None:
    """Run until SIGTERM or SIGINT.

    After a restart of the database procrastinate's worker returns without an error: it is started again.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    alarms = registry.alarms()
    while not stopping.is_set():
        running = asyncio.create_task(_run_once(alarms), name="worker")
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if stopping.is_set():
            running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            if not stopping.is_set():
                raise
        except Exception as error:  # noqa: BLE001 - whatever ended the worker, the loop brings it back
            log.warning("worker.interrupted", error=type(error).__name__)
            await asyncio.sleep(1)
