"""One bot at work in this process: its updates come in, are handled, and what is answered goes out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from pult.core.bots.engine.client import Client
from pult.core.bots.engine.files import fetched
from pult.core.bots.engine.holding import hold_bot
from pult.core.bots.engine.lanes import Lanes
from pult.core.bots.engine.polling import Poller, TokenDead
from pult.core.bots.engine.recovering import recover
from pult.core.bots.engine.sending import Sender
from pult.core.bots.engine.setting_up import set_up
from pult.core.bots.models import Bot
from pult.core.bots.operations import standing
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.operations.updates import Stored, give_back, take_waiting
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.screens import GivenFile
from pult.core.jobs.database import in_database
from pult.core.secrets import reveal

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
# A webhook's updates are announced; what such a notice missed is found by looking.
LOOK_EVERY_SECONDS = 2.0
LOOK_AFTER_LANES_SECONDS = 0.1
TAKE_AT_ONCE = 500
# What is being handled when the process is told to stop may finish.
FINISH_WITHIN_SECONDS = 15.0


class RunningBot:
    """Looks after one bot from the moment this process holds it; `wake()` when something is to be sent or came in."""

    def __init__(self, bot_id: UUID, *, taken_over: Callable[[], None] = lambda: None) -> None:
        self.bot_id = bot_id
        self._taken_over = taken_over
        self._woken = asyncio.Event()
        self._sender: Sender | None = None

    @property
    def held(self) -> bool:
        """Whether this process sends for the bot now."""
        return self._sender is not None

    def wake(self) -> None:
        """New rows wait for this bot."""
        self._woken.set()
        if self._sender is not None:
            self._sender.wake()

    async def run(self) -> None:
        """Until cancelled, or until the token turns out dead. A lost database or lock is waited for."""
        while True:
            try:
                await self._hold()
            except TokenDead:
                await _patiently(in_database(standing.note_dead_token, bot_id=self.bot_id))
                return
            except Bot.DoesNotExist:
                return
            except (psycopg.Error, DatabaseError, OSError) as error:
                log.warning("bots.interrupted", bot=str(self.bot_id), error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hold(self) -> None:
        async with hold_bot(self.bot_id) as lock:
            log.info("bots.held", bot=str(self.bot_id))
            working = asyncio.create_task(self._work(), name=f"bot {self.bot_id}")
            lost = asyncio.create_task(lock.lost.wait())
            try:
                await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                lost.cancel()
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await working

    async def _work(self) -> None:
        client = Client(await in_database(_token, self.bot_id))
        try:
            await set_up(self.bot_id, client)
            self._sender = Sender(self.bot_id, client)
            self._taken_over()
            await self._turn(client, self._sender)
        finally:
            self._sender = None
            await client.close()

    async def _turn(self, client: Client, sender: Sender) -> None:
        loop = asyncio.get_running_loop()

        def fetch_first(stored: Stored, file: SentFile, largest: int) -> None:
            asyncio.run_coroutine_threadsafe(self._fetch(client, lanes, stored, file, largest), loop)

        def something_to_send() -> None:
            loop.call_soon_threadsafe(sender.wake)

        lanes = Lanes(fetch=fetch_first, sent=something_to_send)
        ways: list[Coroutine[Any, Any, None]] = [
            sender.run(),
            self._receive(client, lanes, sender),
        ]
        try:
            await _all_or_none(ways)
        finally:
            left = await asyncio.get_running_loop().run_in_executor(None, lanes.end, FINISH_WITHIN_SECONDS)
            if left:
                await _patiently(in_database(give_back, update_pks=left))

    async def _receive(self, client: Client, lanes: Lanes, sender: Sender) -> None:
        await recover(self.bot_id, client, sent=sender.wake)
        ways: list[Coroutine[Any, Any, None]] = [self._look(lanes), self._look_after(lanes)]
        if settings.BOT_UPDATES == "polling":
            ways.append(Poller(self.bot_id, client, take=lanes.put, in_hand=lanes.__len__).run())
        await _all_or_none(ways)

    async def _look(self, lanes: Lanes) -> None:
        """Line up what others stored: a webhook, or somebody who wants an update handled again."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY_SECONDS)
            self._woken.clear()
            try:
                found = await in_database(
                    take_waiting, bot_id=self.bot_id, limit=TAKE_AT_ONCE, besides=lanes.in_hand()
                )
            except (OperationalError, InterfaceError) as error:
                log.warning("bots.database_unreachable", error=type(error).__name__)
                continue
            lanes.put(found)

    async def _look_after(self, lanes: Lanes) -> None:
        while True:
            await asyncio.sleep(LOOK_AFTER_LANES_SECONDS)
            lanes.look_after()

    async def _fetch(
        self, client: Client, lanes: Lanes, stored: Stored, file: SentFile, largest: int
    ) -> None:
        got: GivenFile | Unfetched = Unfetched("silent")
        try:
            got = await fetched(client, file, largest)
        except Exception:
            # Nobody waits for this task: without an answer the chat would stand still until the next start.
            log.exception("bots.file_not_fetched", update=stored.pk)
        lanes.resume(stored.chat_id, got)


def _token(bot_id: UUID) -> str:
    return reveal(Bot.objects.get(pk=bot_id), "token")


async def _all_or_none(ways: "list[Coroutine[Any, Any, None]]") -> None:
    """Run them beside each other; the first that ends with an error ends the others."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _patiently(deed: "Awaitable[Any]") -> None:
    try:
        await deed
    except DatabaseError as error:
        log.warning("bots.not_written_down", error=type(error).__name__, at=timezone.now().isoformat())
