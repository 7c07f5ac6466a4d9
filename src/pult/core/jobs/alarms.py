"""Alarms: the worker's clock for deadlines that are columns.

The loop sleeps until the earliest deadline of all modules, but no longer than `LONGEST_SLEEP_SECONDS`, so that a
deadline written by somebody else is never missed; `ring_soon()` wakes it at once. A kill loses nothing, since the
deadlines are in the database and every alarm also rings when a worker starts.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection

from pult.core.jobs.database import in_database
from pult.core.registry import Alarm

CHANNEL = "pult_alarm"
LONGEST_SLEEP_SECONDS = 5.0
PAUSE_AFTER_ERROR_SECONDS = 1.0

log = structlog.get_logger(__name__)


def ring_soon() -> None:
    """Wake the workers' alarms when the caller's transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def database_now() -> datetime:
    """The database's clock, by which all deadlines are kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM always gives a row
    moment: datetime = row[0]
    return moment


def ring_due(alarms: Sequence[Alarm], unswept: set[str] | None = None) -> float:
    """Ring what is due, and those named in `unswept`, which leave it. Returns the seconds to sleep until the next.

    An alarm that fails is tried again soon and keeps nobody else from ringing. Raises OperationalError and
    InterfaceError of a database that cannot be reached.
    """
    unswept = set() if unswept is None else unswept
    wait = LONGEST_SLEEP_SECONDS
    for alarm in alarms:
        try:
            due = database_now() if alarm.name in unswept else alarm.next_due()
            if due is not None and due <= database_now():
                alarm.ring()
                due = alarm.next_due()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("alarm.failed", alarm=alarm.name)
            wait = min(wait, PAUSE_AFTER_ERROR_SECONDS)
            continue
        unswept.discard(alarm.name)
        if due is not None:
            wait = min(wait, max(0.02, (due - database_now()).total_seconds()))
    return wait


class AlarmClock:
    """Runs in each worker until cancelled; two clocks ringing the same alarm do no harm."""

    def __init__(self, alarms: Sequence[Alarm], *, dsn: str) -> None:
        self._alarms = alarms
        self._dsn = dsn
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Ring at the start, then at each deadline; a database that went away is tried again."""
        listener = asyncio.create_task(self._listen(), name="alarm-listener")
        unswept = {alarm.name for alarm in self._alarms}
        try:
            while True:
                self._woken.clear()
                try:
                    wait = await in_database(ring_due, self._alarms, unswept)
                except (OperationalError, InterfaceError, psycopg.Error) as error:
                    log.warning("alarm.database_unreachable", error=type(error).__name__)
                    wait = PAUSE_AFTER_ERROR_SECONDS
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), wait)
        finally:
            listener.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self._woken.set()
                    async for _ in listening.notifies():
                        self._woken.set()
            except (psycopg.Error, OSError) as error:
                log.warning("alarm.listener_lost", error=type(error).__name__)
            await asyncio.sleep(PAUSE_AFTER_ERROR_SECONDS)
