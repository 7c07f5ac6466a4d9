"""Reads about bots."""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from pult.core.bots.models import Bot, Chat, Outgoing, Update


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


@dataclass(frozen=True, slots=True)
class Traffic:
    """What waits for a bot and what went wrong lately: updates and messages that are kept still."""

    updates_waiting: int
    updates_failed: int
    messages_waiting: int
    messages_failed: int
    messages_unknown: int
    unreachable: int


def bots_with_traffic(*, bot_id: UUID | None = None) -> list[tuple[Bot, Traffic]]:
    """Every bot (or one) with its traffic; three small queries however many bots there are."""
    bots = list(bots_here() if bot_id is None else bots_here().filter(pk=bot_id))
    keys = [bot.pk for bot in bots]
    waiting = [Outgoing.State.WAITING, Outgoing.State.SENDING]
    updates = _sums(
        Update.objects.filter(bot__in=keys, state__in=[Update.State.WAITING, Update.State.FAILED]),
        updates_waiting=Q(state=Update.State.WAITING),
        updates_failed=Q(state=Update.State.FAILED),
    )
    messages = _sums(
        Outgoing.objects.filter(
            bot__in=keys, state__in=[*waiting, Outgoing.State.FAILED, Outgoing.State.UNKNOWN]
        ),
        messages_waiting=Q(state__in=waiting),
        messages_failed=Q(state=Outgoing.State.FAILED),
        messages_unknown=Q(state=Outgoing.State.UNKNOWN),
    )
    chats = _sums(Chat.objects.filter(bot__in=keys), unreachable=~Q(unreachable=""))
    nothing = dict.fromkeys((field.name for field in fields(Traffic)), 0)
    found = (
        {**nothing, **updates.get(key, {}), **messages.get(key, {}), **chats.get(key, {})} for key in keys
    )
    return [(bot, Traffic(**sums)) for bot, sums in zip(bots, found, strict=True)]


def _sums(rows: QuerySet[Any], **conditions: Q) -> dict[UUID, dict[str, int]]:
    counted = rows.order_by().values("bot_id")
    counted = counted.annotate(**{name: Count("pk", filter=one) for name, one in conditions.items()})
    return {row["bot_id"]: {name: row[name] for name in conditions} for row in counted}


def state_counts(rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows there are in each state."""
    return dict(rows.order_by().values_list("state").annotate(count=Count("pk")))


def in_chat(rows: QuerySet[Any], number: str) -> QuerySet[Any]:
    """Only those of one chat, by its number; anything else than a number leaves nothing."""
    if not number:
        return rows
    bare = number.removeprefix("-")
    # Beyond eight bytes there is no chat.
    return rows.filter(chat_id=int(number)) if bare.isdecimal() and len(bare) < 19 else rows.none()
