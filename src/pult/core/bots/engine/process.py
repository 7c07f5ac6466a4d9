"""The process: looks after every bot of this installation until it is told to stop."""

import asyncio
import contextlib
import signal
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from pult.core.bots import queries, rooms
from pult.core.bots.engine.live import LiveScreens
from pult.core.bots.engine.running import RunningBot
from pult.core.bots.operations.bots import CHANNEL, provide_sample_bot
from pult.core.jobs.database import database_dsn, in_database

LOOK_EVERY_SECONDS = 5.0
PAUSE_SECONDS = 1.0
# Each handler that is at work needs a connection of its own, beside those that store, send and look.
CONNECTIONS = 32

log = structlog.get_logger(__name__)


class BotsProcess:
    """Every running bot of this installation; those added, switched off and removed meanwhile as well."""

    def __init__(self) -> None:
        self._running: dict[UUID, tuple[RunningBot, asyncio.Task[None]]] = {}
        self._changed = asyncio.Event()
        self._live = LiveScreens(self._held)

    async def run(self) -> None:
        """Until cancelled; then every bot is given back."""
        beside = [
            asyncio.create_task(self._listen(), name="bots-listener"),
            asyncio.create_task(self._live.run(), name="bots-live-screens"),
        ]
        try:
            while True:
                self._changed.clear()
                try:
                    await in_database(provide_sample_bot, now=timezone.now())
                    wanted = await in_database(_running_bots)
                except (DatabaseError, psycopg.Error) as error:
                    log.warning("bots.database_unreachable", error=type(error).__name__)
                else:
                    await self._look_after(wanted)
                await asyncio.sleep(PAUSE_SECONDS)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_SECONDS)
        finally:
            for task in beside:
                task.cancel()
            await self._look_after(set())

    def _held(self) -> set[UUID]:
        return {bot_id for bot_id, (bot, _) in self._running.items() if bot.held}

    async def _look_after(self, wanted: set[UUID]) -> None:
        gone = [bot_id for bot_id, (_, task) in self._running.items() if bot_id not in wanted or task.done()]
        ending = [self._running.pop(bot_id)[1] for bot_id in gone]
        for task in ending:
            task.cancel()
        for ended in await asyncio.gather(*ending, return_exceptions=True):
            if isinstance(ended, Exception):
                log.error("bots.bot_failed", exc_info=ended)
        for bot_id in wanted - self._running.keys():
            bot = RunningBot(bot_id, taken_over=self._live.look_again)
            self._running[bot_id] = (bot, asyncio.create_task(bot.run(), name=f"bot {bot_id}"))

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    database_dsn(), autocommit=True
                ) as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self._changed.set()
                    for bot, _ in self._running.values():
                        bot.wake()
                    async for notice in listening.notifies():
                        self._heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("bots.listener_lost", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    def _heard(self, payload: str) -> None:
        # A bot that was switched off and one that has something to send are announced alike.
        self._changed.set()
        for bot_id, (bot, _) in self._running.items():
            if str(bot_id) == payload:
                bot.wake()


def _running_bots() -> set[UUID]:
    return set(queries.running_bots().values_list("pk", flat=True))


async def run_bots() -> None:
    """Run until SIGTERM or SIGINT."""
    pool = connection.pool  # type: ignore[attr-defined] # of the PostgreSQL backend
    if pool is not None:
        pool.resize(1, CONNECTIONS)
    # A fault in a room is found now, not with somebody's first tap.
    rooms.all_rooms()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    running = asyncio.create_task(BotsProcess().run(), name="bots")
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if stopping.is_set():
        running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
