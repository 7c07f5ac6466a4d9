"""How a bot stands with Telegram: heard, in trouble, its token dead."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from pult.core.bots.models import Bot

log = structlog.get_logger(__name__)


def note_heard(*, bot_id: UUID, now: datetime) -> None:
    """Telegram answered: whatever was the matter is over."""
    Bot.objects.filter(pk=bot_id).update(heard_at=now, problem="")


def note_problem(*, bot_id: UUID, problem: str) -> None:
    """Telegram does not get through to the bot, for a reason that is a word of `reasons`; it is tried on."""
    Bot.objects.filter(pk=bot_id, state=Bot.State.RUNNING).exclude(problem=problem).update(problem=problem)


@transaction.atomic
def note_dead_token(*, bot_id: UUID) -> bool:
    """Telegram refuses the token: the bot rests until it gets another one. False where it rested already."""
    marked = Bot.objects.filter(pk=bot_id, state=Bot.State.RUNNING).update(
        state=Bot.State.TOKEN_DEAD, problem="token_dead"
    )
    if marked:
        log.warning("bots.token_dead", bot=str(bot_id))
    return bool(marked)


def note_profile(*, bot_id: UUID, name: str, username: str) -> None:
    """What Telegram calls the bot now."""
    Bot.objects.filter(pk=bot_id).exclude(name=name, username=username).update(name=name, username=username)
