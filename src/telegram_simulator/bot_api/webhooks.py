"""Delivering updates to bots that have set a webhook, as Telegram's server does it.

Updates of one chat go out one after the other; several chats at once, up to `max_connections`. A failed delivery is
tried again after 1, 2, 4 … 60 seconds and holds back its own chat only.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from telegram_simulator.world.bots import Bot
from telegram_simulator.world.hub import UpdateQueued
from telegram_simulator.world.updates import Waiting
from telegram_simulator.world.world import World

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
TIMEOUT = 60.0  # seconds for one delivery
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
HELD = 1000  # updates of one bot in memory
AnswerOfWebhook = Callable[[Bot, str, bytes], Awaitable[None]]


class NotDelivered(Exception):
    """The message is what getWebhookInfo shows as last_error_message."""


class Delivery:
    """What is under way for one bot, until its webhook changes."""

    def __init__(self, webhooks: "Webhooks", bot: Bot) -> None:
        self._webhooks = webhooks
        self._world = webhooks.world
        self._bot = bot
        self._lanes: dict[int, deque[Waiting]] = {}
        self._last_id = 0
        self._held = 0
        self._places = asyncio.Semaphore(bot.webhook["max_connections"])
        self._tasks: set[asyncio.Task[None]] = set()
        self.load()

    def load(self) -> None:
        """Take what waits; each chat that has something gets a task."""
        room = HELD - self._held
        if room <= 0:
            return
        for update in self._world.updates.after(self._bot.id, self._last_id, limit=room):
            self._last_id = update.update_id
            self._held += 1
            if update.lane in self._lanes:
                self._lanes[update.lane].append(update)
                continue
            self._lanes[update.lane] = deque([update])
            task = asyncio.create_task(self._work_off(update.lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_off(self, lane: int) -> None:
        waiting = self._lanes[lane]
        while waiting:
            pause = FIRST_PAUSE
            while not await self._deliver(waiting[0]):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            update = waiting.popleft()
            self._held -= 1
            self._world.updates.confirm(self._bot.id, update.update_id)
            self.load()
        del self._lanes[lane]

    async def _deliver(self, update: Waiting) -> bool:
        async with self._places:
            try:
                content_type, body = await self._webhooks.post(self._bot.webhook, update.as_text())
            except NotDelivered as error:
                self._webhooks.note(self._bot.id, str(error))
                return False
        if body:
            await self._webhooks.answer(self._bot, content_type, body)
        return True


class Webhooks:
    """All deliveries. `follow` makes the one of a bot fit what the bot has set."""

    def __init__(self, world: World, answer: AnswerOfWebhook, clock: Callable[[], float]) -> None:
        self.world = world
        self.answer = answer
        self._clock = clock
        self._deliveries: dict[int, Delivery] = {}
        self._troubles: dict[int, dict[str, Any]] = {}
        self._session: aiohttp.ClientSession | None = None
        world.hub.listen(self._hear)

    async def follow(self, bot_id: int) -> None:
        old = self._deliveries.pop(bot_id, None)
        if old is not None:
            await old.stop()
        self._troubles.pop(bot_id, None)
        bot = self.world.bots.by_id(bot_id)
        if bot is not None and bot.webhook:
            self._deliveries[bot_id] = Delivery(self, bot)

    def trouble(self, bot_id: int) -> dict[str, Any]:
        """{"last_error_date", "last_error_message"} of a delivery that failed since the webhook was set."""
        return self._troubles.get(bot_id, {})

    def note(self, bot_id: int, sentence: str) -> None:
        self._troubles[bot_id] = {"last_error_date": int(self._clock()), "last_error_message": sentence}

    async def post(self, webhook: dict[str, Any], payload: str) -> tuple[str, bytes]:
        """(content type, body) of the answer. Raises NotDelivered."""
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        headers = {"Content-Type": "application/json"}
        if webhook.get("secret"):
            headers[SECRET_HEADER] = webhook["secret"]
        try:
            async with self._session.post(
                webhook["url"], data=payload.encode(), headers=headers, allow_redirects=False
            ) as answer:
                body = await answer.read()
                if not 200 <= answer.status < 300:
                    raise NotDelivered(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return answer.headers.get("Content-Type", ""), body
        except TimeoutError:
            raise NotDelivered("Read timeout expired") from None
        except aiohttp.ClientConnectorCertificateError:
            raise NotDelivered("SSL error {certificate verify failed}") from None
        except aiohttp.ClientConnectorError:
            raise NotDelivered("Connection refused") from None
        except aiohttp.ClientError:
            raise NotDelivered("Connection closed") from None

    async def stop(self) -> None:
        for delivery in self._deliveries.values():
            await delivery.stop()
        if self._session is not None:
            await self._session.close()

    def _hear(self, bot_id: int, fact: Any) -> None:
        if isinstance(fact, UpdateQueued) and bot_id in self._deliveries:
            self._deliveries[bot_id].load()
