"""Reads about bots."""

from django.conf import settings
from django.db.models import QuerySet

from pult.core.bots.models import Bot


def bots_here() -> QuerySet[Bot]:
    """Bots of the Telegram in use, simulated or real, the longest here first."""
    return Bot.objects.filter(simulated=settings.TELEGRAM.simulated).order_by("added_at", "pk")


def running_bots() -> QuerySet[Bot]:
    """Bots that receive and send."""
    return bots_here().filter(state=Bot.State.RUNNING)


def main_bot() -> Bot | None:
    """The bot with which people register, sign in and get their notices, whatever its state."""
    return bots_here().filter(main=True).first()


def username_of_main_bot() -> str:
    """For links such as https://t.me/<username>; empty while there is none."""
    bot = main_bot()
    return "" if bot is None else bot.username
