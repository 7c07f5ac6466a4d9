"""One bot's connection to the Bot API: aiogram as the client of it (calls, errors, files), not as a dispatcher."""

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.methods.base import TelegramMethod
from django.conf import settings

# Any call but the long poll is answered within this, or its answer counts as lost.
CALL_SECONDS = 30
# How long Telegram holds a poll open while nothing comes, and how much later than that we give it up.
POLL_SECONDS = 25
POLL_PATIENCE_SECONDS = 15
BATCH = 100

UPDATES_WANTED = ("message", "callback_query", "my_chat_member")


class _GetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates whose answer stays what it is: turning it into objects costs more than all the rest."""

    __returning__: ClassVar[Any] = list[dict[str, Any]]
    __api_method__: ClassVar[str] = "getUpdates"

    offset: int | None = None
    limit: int = BATCH
    timeout: int = POLL_SECONDS
    allowed_updates: list[str] | None = None


@functools.cache
def _method(name: str) -> type[TelegramMethod[Any]]:
    inner = {"__module__": __name__, "__returning__": Any, "__api_method__": name}
    return type(f"Call_{name}", (TelegramMethod,), inner)


class Client:
    """Calls for one bot. Errors are aiogram's (`aiogram.exceptions`); none of them names the token."""

    def __init__(self, token: str, *, proxy: str | None = None) -> None:
        server = (
            TelegramAPIServer.from_base(settings.TELEGRAM.bot_api_url)
            if settings.TELEGRAM.simulated
            else PRODUCTION
        )
        self.bot = AiogramBot(token, session=AiohttpSession(api=server, timeout=CALL_SECONDS, proxy=proxy))

    async def call(self, method: str, parameters: "Mapping[str, Any]", *, timeout: int = CALL_SECONDS) -> Any:
        """Call a method by its name in the Bot API with parameters as JSON; returns its result as JSON."""
        return await self.bot(_method(method)(**parameters), request_timeout=timeout)

    async def updates(self, offset: int | None, *, wait: int = POLL_SECONDS) -> list[dict[str, Any]]:
        """What came, oldest first; waits up to `wait` seconds. `offset` acknowledges everything before it."""
        method = _GetUpdates(offset=offset, timeout=wait, allowed_updates=list(UPDATES_WANTED))
        found: list[dict[str, Any]] = await self.bot(method, request_timeout=wait + POLL_PATIENCE_SECONDS)
        return found

    async def close(self) -> None:
        """Give the connections back."""
        await self.bot.session.close()
