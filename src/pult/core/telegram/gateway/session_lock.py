"""One connection per Telegram session in the whole installation: a PostgreSQL advisory lock held while connected.

The lock lives on a connection of its own. When that connection dies the database gives the lock to whoever asks next,
so `lost` is set at once and the connection to Telegram must go: two connections with one session kill the session.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db import connection as django_connection

from pult.core.telegram.errors import AccountBusy

HEARTBEAT_SECONDS = 5.0
ANSWER_WITHIN_SECONDS = 5.0

SESSION_LOCK_NAME = "session:"
# The key of an account's lock, for SQL in which `a` is the account: who is connected can be read from `pg_locks`.
SESSION_LOCK_KEY = f"hashtextextended('{SESSION_LOCK_NAME}' || a.id, 0)"

log = structlog.get_logger(__name__)


class SessionLock:
    """The held lock; `lost` is set when it is no longer certain that we hold it."""

    def __init__(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        self.lost = asyncio.Event()
        self._connection = connection

    async def watch(self) -> None:
        """Notice a dead database connection: at once when it is closed, within ten seconds when it falls silent."""
        try:
            while True:
                await self._readable(HEARTBEAT_SECONDS)
                async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                    await self._connection.execute("SELECT 1")
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.warning("session_lock.lost", error=type(error).__name__)
            self.lost.set()

    async def _readable(self, seconds: float) -> None:
        # An idle database connection becomes readable when it is closed (or carries a notice).
        loop, readable, number = asyncio.get_running_loop(), asyncio.Event(), self._connection.fileno()
        loop.add_reader(number, readable.set)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(readable.wait(), seconds)
        finally:
            loop.remove_reader(number)


@asynccontextmanager
async def hold_session(session_id: UUID, *, wait_seconds: float = 0.0) -> AsyncIterator[SessionLock]:
    """Hold the lock of a session; waits for it up to `wait_seconds`. Raises AccountBusy when somebody else keeps it."""
    async with hold_lock(f"{SESSION_LOCK_NAME}{session_id}", wait_seconds=wait_seconds) as lock:
        yield lock


@asynccontextmanager
async def hold_lock(
    name: str, *, wait_seconds: float = 0.0, pause_seconds: float = 0.2
) -> AsyncIterator[SessionLock]:
    """Hold the installation's lock of that name, as `hold_session` does; asks for it every `pause_seconds`."""
    async with await _open() as connection:
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while not await _try_lock(connection, name):
            if asyncio.get_running_loop().time() >= deadline:
                raise AccountBusy(name)
            await asyncio.sleep(pause_seconds)
        lock = SessionLock(connection)
        watching = asyncio.create_task(lock.watch(), name=f"watch {name}")
        try:
            yield lock
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            # Closing the connection gives the lock back as well, but a moment later than we go on.
            with suppress(psycopg.Error):
                await connection.execute("SELECT pg_advisory_unlock_all()")


async def _open() -> "psycopg.AsyncConnection[Any]":
    parameters = django_connection.get_connection_params()
    wanted = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "service"}
    return await psycopg.AsyncConnection.connect(
        **{key: value for key, value in parameters.items() if key in wanted},
        autocommit=True,
        application_name="pult session lock",
        connect_timeout=10,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )


async def _try_lock(connection: "psycopg.AsyncConnection[Any]", name: str) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,))
    row = await cursor.fetchone()
    return bool(row and row[0])
