"""What people may know of the main bot when they sign in with it; the token stays in this room."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings

from pult.core.bots import queries
from pult.core.bots.models import Bot
from pult.core.people.telegram_sign_in import MainBot, signed_by
from pult.core.secrets import UnableToReveal, reveal


def address_of_bot(username: str, payload: str = "") -> str:
    """Opens the bot and offers Start with that payload: in Telegram, or on the simulator's page for playing."""
    if settings.TELEGRAM.simulated:
        start = {"start": payload} if payload else {}
        return f"{settings.TELEGRAM.control_url}/play/?{urlencode({'open': username, **start})}"
    return f"https://t.me/{username}" + (f"?{urlencode({'start': payload})}" if payload else "")


def main_bot_for_sign_in() -> MainBot | None:
    """The main bot while it runs; its token is opened only to check a signature."""
    bot = queries.main_bot()
    if bot is None or bot.state != Bot.State.RUNNING:
        return None

    def holds(data: Mapping[str, str]) -> bool:
        try:
            return signed_by(data, reveal(bot, "token"))
        except UnableToReveal:
            return False

    return MainBot(
        telegram_id=bot.telegram_id,
        username=bot.username,
        holds=holds,
        link=lambda payload: address_of_bot(bot.username, payload),
    )
