"""Long polling: fetch what came, store it, hand it on; the next call acknowledges what is stored."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from pult.core.bots.engine.client import BATCH, POLL_SECONDS, Client
from pult.core.bots.operations import standing
from pult.core.bots.operations.updates import Stored, store_for_handling
from pult.core.bots.rules.incoming import update_id_of
from pult.core.jobs.database import in_database

# So many updates may wait in this process; more stay at Telegram until there is room.
MOST_IN_HAND = 2000
FULL_PAUSE_SECONDS = 0.02
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
HEARD_EVERY_SECONDS = 15
SILENT, CONFLICT = "silent", "conflict"

log = structlog.get_logger(__name__)


class TokenDead(Exception):
    """Telegram refuses the bot's token."""


class Poller:
    """Polls for one bot until cancelled. `take(stored)` gets what is stored, `in_hand()` says how much waits."""

    def __init__(
        self,
        bot_id: UUID,
        client: Client,
        *,
        take: "Callable[[list[Stored]], None]",
        in_hand: "Callable[[], int]",
    ) -> None:
        self._bot_id, self._client, self._take, self._in_hand = bot_id, client, take, in_hand
        self._offset: int | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._heard_at: datetime | None = None
        self._problem = ""

    async def run(self) -> None:
        """Raises TokenDead; everything else is tried again, with growing pauses."""
        while True:
            if self._in_hand() >= MOST_IN_HAND:
                await asyncio.sleep(FULL_PAUSE_SECONDS)
                continue
            try:
                updates = await self._client.updates(self._offset, wait=POLL_SECONDS)
                await self._heard()
                if updates:
                    await self._keep(updates)
                else:
                    # All before it is acknowledged. Ids may begin anywhere after a quiet week: none is waited for.
                    self._offset = None
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                raise TokenDead from error
            except TelegramRetryAfter as wait:
                await asyncio.sleep(wait.retry_after)
            except TelegramConflictError as error:
                await self._in_trouble(CONFLICT, error)
            except AiogramError as error:
                await self._in_trouble(SILENT, error)
            except (OperationalError, InterfaceError) as error:
                await self._rest("bots.database_unreachable", error)

    async def _keep(self, updates: list[dict[str, Any]]) -> None:
        stored = await in_database(
            store_for_handling, bot_id=self._bot_id, updates=updates, now=timezone.now()
        )
        self._take(stored)
        ids = [number for number in map(update_id_of, updates) if number is not None]
        if ids:
            self._offset = max(ids) + 1
        elif len(updates) >= BATCH:
            log.error("bots.updates_without_ids", bot=str(self._bot_id))

    async def _heard(self) -> None:
        self._pause = FIRST_PAUSE_SECONDS
        now = timezone.now()
        stale = self._heard_at is None or (now - self._heard_at).total_seconds() > HEARD_EVERY_SECONDS
        if stale or self._problem:
            self._heard_at, self._problem = now, ""
            await in_database(standing.note_heard, bot_id=self._bot_id, now=now)

    async def _in_trouble(self, problem: str, error: Exception) -> None:
        if self._problem != problem:
            try:
                await in_database(standing.note_problem, bot_id=self._bot_id, problem=problem)
                self._problem = problem
            except (OperationalError, InterfaceError) as gone:
                log.warning("bots.database_unreachable", error=type(gone).__name__)
        await self._rest(f"bots.telegram_{problem}", error)

    async def _rest(self, event: str, error: Exception) -> None:
        log.warning(event, bot=str(self._bot_id), error=type(error).__name__, pause=self._pause)
        await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))  # noqa: S311 - many bots must not come at once
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
