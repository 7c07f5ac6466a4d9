"""One process holds a bot: an advisory lock in PostgreSQL. Other processes wait for it and take over within seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from pult.core.telegram.errors import AccountBusy
from pult.core.telegram.gateway.session_lock import SessionLock, hold_lock

BOT_LOCK_NAME = "bot:"
BOT_LOCK_KEY = f"hashtextextended('{BOT_LOCK_NAME}' || b.id, 0)"
"""The key of a bot's lock, for SQL in which `b` is the bot: who is held can be read from `pg_locks`."""
ASK_EVERY_SECONDS = 1.0
# After so long a new connection asks: one that lost its server would wait for ever.
ASK_FOR_SECONDS = 60.0


@asynccontextmanager
async def hold_bot(bot_id: UUID) -> AsyncIterator[SessionLock]:
    """Hold a bot; waits until nobody else does. Raises psycopg.Error when the database cannot be reached."""
    while True:
        try:
            async with hold_lock(
                f"{BOT_LOCK_NAME}{bot_id}", wait_seconds=ASK_FOR_SECONDS, pause_seconds=ASK_EVERY_SECONDS
            ) as lock:
                yield lock
                return
        except AccountBusy:
            await asyncio.sleep(0)
