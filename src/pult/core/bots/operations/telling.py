"""Notices to people: a screen in their private chat with the main bot."""

from datetime import datetime

from django.conf import settings

from pult.core.bots.models import Chat, Outgoing
from pult.core.bots.operations.grounds import person_ground
from pult.core.bots.operations.rendering import PRIORITY_NOTICE, Target, render
from pult.core.bots.queries import main_bot
from pult.core.bots.screens import Screen
from pult.core.people.models import Person


def tell(*, person: Person, screen: Screen, now: datetime, key: str | None = None) -> Outgoing | None:
    """Send a notice through the main bot into the person's private chat, in their language.

    None where there is no main bot, where they are not linked with Telegram or have blocked the bot, and where `key`
    was used before.
    """
    bot = main_bot()
    identity = person.telegram_identities.filter(simulated=settings.TELEGRAM.simulated).first()
    if bot is None or identity is None or not person.is_active:
        return None
    chat_id = identity.user_id
    if Chat.objects.filter(bot=bot, chat_id=chat_id).exclude(unreachable="").exists():
        return None
    target = Target(
        bot_id=bot.pk, chat_id=chat_id, user_id=chat_id, person=person, priority=PRIORITY_NOTICE, key=key
    )
    with person_ground(person):
        rows = render(screen, target=target, now=now)
    return rows[0] if rows else None
