"""What a bot tells Telegram when it begins: its commands, and how updates are to come."""

import asyncio
import secrets
from typing import Any
from uuid import UUID

import structlog
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from pult.core.bots import rooms
from pult.core.bots.engine.client import UPDATES_WANTED, Client
from pult.core.bots.engine.polling import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, SILENT, TokenDead
from pult.core.bots.models import Bot
from pult.core.bots.operations import standing
from pult.core.jobs.database import in_database
from pult.core.secrets import UnableToReveal, reveal, seal

MOST_CONNECTIONS = 20

log = structlog.get_logger(__name__)


async def set_up(bot_id: UUID, client: Client) -> None:
    """Tell Telegram; tries until it listens. Raises TokenDead."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            profile = await _profile(client)
            await in_database(standing.note_profile, bot_id=bot_id, **_names(profile))
            await _choose_the_way(bot_id, client)
            await _name_commands(client)
        except AiogramError as error:
            log.warning("bots.telegram_silent", bot=str(bot_id), error=type(error).__name__, pause=pause)
            await in_database(standing.note_problem, bot_id=bot_id, problem=SILENT)
        else:
            await in_database(standing.note_heard, bot_id=bot_id, now=timezone.now())
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _profile(client: Client) -> Any:
    try:
        return await client.call("getMe", {})
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise TokenDead from error


def _names(profile: Any) -> dict[str, str]:
    said = profile if isinstance(profile, dict) else {}
    return {"name": str(said.get("first_name", ""))[:130], "username": str(said.get("username", ""))[:64]}


async def _choose_the_way(bot_id: UUID, client: Client) -> None:
    """Never drops what waits at Telegram."""
    if settings.BOT_UPDATES == "polling":
        await client.call("deleteWebhook", {})
        return
    await client.call(
        "setWebhook",
        {
            "url": f"{settings.PULT_ADDRESS}/telegram/webhook/{bot_id}/",
            "secret_token": await in_database(webhook_secret, bot_id),
            "allowed_updates": list(UPDATES_WANTED),
            "max_connections": MOST_CONNECTIONS,
        },
    )


@transaction.atomic
def webhook_secret(bot_id: UUID) -> str:
    """What Telegram must send along; made once for each bot."""
    bot = Bot.objects.select_for_update().get(pk=bot_id)
    try:
        return reveal(bot, "webhook_secret")
    except UnableToReveal:
        secret = secrets.token_urlsafe(32)
        seal(bot, "webhook_secret", secret)
        bot.save(update_fields=["webhook_secret"])
        return secret


async def _name_commands(client: Client) -> None:
    """In every language, and in that of the installation for everybody else."""
    for language in dict(settings.LANGUAGES):
        with translation.override(language):
            named = [{"command": one.name, "description": str(one.title)[:256]} for one in rooms.commands()]
        code = {} if language == settings.LANGUAGE_CODE else {"language_code": language}
        if named:
            await client.call("setMyCommands", {"commands": named, **code})
