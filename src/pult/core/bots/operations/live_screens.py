"""Messages that show something which changes by itself: remembered, and forgotten in time (`redrawing` draws them)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from pult.core.bots.models import LiveScreen, Outgoing
from pult.core.live import publish


def remember(
    *,
    bot_id: UUID,
    chat_id: int,
    message_id: int,
    live: Mapping[str, Any],
    now: datetime,
    sent_as: int | None = None,
) -> bool:
    """Let the message live from now on; `live` stands in `when_sent` of the row (pk `sent_as`) that showed it.

    False where something newer is to stand in that message already: somebody was quicker than the answer of Telegram.
    """
    if sent_as is not None and edits_of(bot_id, chat_id, message_id).filter(pk__gt=sent_as).exists():
        return False
    LiveScreen.objects.update_or_create(
        bot_id=bot_id,
        chat_id=chat_id,
        message_id=message_id,
        defaults={
            "user_id": live["user_id"],
            "topic": live["topic"],
            "action": live["action"],
            "arguments": list(live["arguments"]),
            "shown_digest": bytes.fromhex(live["digest"]),
            "since": now,
        },
    )
    # What changed while this was drawn and sent was said too early for it: it is looked at once more.
    publish(live["topic"])
    return True


def forget(*, bot_id: UUID, chat_id: int, message_id: int) -> None:
    """The message shows something else from now on."""
    LiveScreen.objects.filter(bot_id=bot_id, chat_id=chat_id, message_id=message_id).delete()


def edits_of(bot_id: UUID, chat_id: int, message_id: int) -> QuerySet[Outgoing]:
    """What has changed that message, or is to."""
    return Outgoing.objects.filter(
        bot_id=bot_id, chat_id=chat_id, method="editMessageText", payload__message_id=message_id
    ).exclude(state=Outgoing.State.DROPPED)
