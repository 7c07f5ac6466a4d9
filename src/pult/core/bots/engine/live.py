"""Listens to what changes in Pult and has the messages that show it drawn anew, calmly."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError
from django.utils import timezone

from pult.core.bots.operations.redrawing import redraw
from pult.core.jobs.database import database_dsn, in_database
from pult.core.live import CHANNEL

# Between two edits of one message: Telegram allows about one message a second in a chat, and people tap meanwhile.
CALM_SECONDS = 2.0
# A change that comes in many pieces is drawn once.
GATHER_SECONDS = 0.2
PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class LiveScreens:
    """The live screens of the bots that this process holds (`held()`)."""

    def __init__(self, held: Callable[[], set[UUID]]) -> None:
        self._held = held
        self._changed: set[str] = set()
        self._all = True
        self._wake = asyncio.Event()

    def look_again(self) -> None:
        """Draw every one of them anew: a bot was taken over, or notices may have been missed."""
        self._all = True
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        listening = asyncio.create_task(self._listen(), name="bots-live-listener")
        try:
            while True:
                await self._wake.wait()
                await asyncio.sleep(GATHER_SECONDS)
                await self._draw()
                await asyncio.sleep(CALM_SECONDS)
        finally:
            listening.cancel()

    async def _draw(self) -> None:
        self._wake.clear()
        topics = None if self._all else frozenset(self._changed)
        self._changed, self._all = set(), False
        try:
            await in_database(redraw, bot_ids=self._held(), topics=topics, now=timezone.now())
        except (DatabaseError, psycopg.Error) as error:
            log.warning("bots.live_interrupted", error=type(error).__name__)
            self.look_again()
        except Exception:
            # The next change is drawn all the same: nobody would notice that this task has ended.
            log.exception("bots.live_failed")

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    database_dsn(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.look_again()
                    async for notice in connection.notifies():
                        self._changed.add(notice.payload)
                        self._wake.set()
            except (psycopg.Error, OSError) as error:
                log.warning("bots.live_listener_lost", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
