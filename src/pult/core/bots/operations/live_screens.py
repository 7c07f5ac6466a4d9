"""Messages that show something which changes by itself: remembered, drawn anew when it changes, forgotten in time."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from pult.core.bots import rooms
from pult.core.bots.models import Chat, LiveScreen, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.operations.grounds import person_ground, whose
from pult.core.bots.screens import Answer, Refused, Screen, Visit
from pult.core.live import publish
from pult.core.people.models import Person

log = structlog.get_logger(__name__)

# Behind answers to people: they wait for those.
PRIORITY = 40
# Longer than the sender counts what was sent before.
EDITS_KEPT = timedelta(minutes=10)


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
    if sent_as is not None and _edits(bot_id, chat_id, message_id).filter(pk__gt=sent_as).exists():
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


def redraw(*, bot_ids: Collection[UUID], topics: Collection[str] | None, now: datetime) -> int:
    """Draw the live screens of these topics anew (None: all of these bots); returns how many had changed."""
    wanted = LiveScreen.objects.filter(bot_id__in=bot_ids)
    if topics is not None:
        wanted = wanted.filter(topic__in=topics)
    return sum(_redraw(pk, now) for pk in wanted.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _redraw(pk: int, now: datetime) -> bool:
    # One that somebody else draws or replaces at this moment needs no second hand.
    live = LiveScreen.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if live is None:
        return False
    person = whose(live.user_id)
    if person is None or not person.is_active or person.held_back() or _is_gone(live):
        live.delete()
        return False
    with person_ground(person):
        screen = _drawn(live, person, now)
        if screen is None:
            return False
        try:
            with transaction.atomic():
                return _shown(live, screen, person, now)
        except ValueError:
            # Nothing that Telegram would take: a fault of its room, and the other screens go on.
            log.exception("bots.live_screen_failed", action=live.action)
            LiveScreen.objects.filter(pk=pk).delete()
            return False


def _edits(bot_id: UUID, chat_id: int, message_id: int) -> Any:
    return Outgoing.objects.filter(
        bot_id=bot_id, chat_id=chat_id, method="editMessageText", payload__message_id=message_id
    ).exclude(state=Outgoing.State.DROPPED)


def _forget_edits(live: LiveScreen, now: datetime) -> None:
    """A check that works for a week changes every two seconds: what stood there before says nothing to anybody."""
    before = _edits(live.bot_id, live.chat_id, live.message_id).filter(
        state=Outgoing.State.SENT, priority=PRIORITY, update=None, sent_at__lt=now - EDITS_KEPT
    )
    before.delete()


def _is_gone(live: LiveScreen) -> bool:
    """Whether the message was deleted, or its chat cannot be reached: the last edit says so."""
    last = _edits(live.bot_id, live.chat_id, live.message_id).order_by("-pk").first()
    if last is not None and last.state == Outgoing.State.FAILED:
        return True
    return Chat.objects.filter(bot_id=live.bot_id, chat_id=live.chat_id).exclude(unreachable="").exists()


def _drawn(live: LiveScreen, person: Person, now: datetime) -> Screen | None:
    """What the room shows there now; None (and forgotten) where it shows nothing to this person any more."""
    function = rooms.action(live.action)
    if function is None or (function.permission is not None and not person.may(function.permission)):
        live.delete()
        return None
    visit = Visit(person=person, bot_id=live.bot_id, chat_id=live.chat_id, user_id=live.user_id, now=now)
    answer: Answer = ()
    try:
        with transaction.atomic():
            answer = function.handler(visit, *live.arguments)
    except Refused:
        pass
    except Exception:  # whatever a room does wrong, the other screens go on
        log.exception("bots.live_screen_failed", action=live.action)
    parts = answer if isinstance(answer, tuple) else (answer,)
    screen = next((part for part in parts if isinstance(part, Screen)), None)
    if screen is None:
        live.delete()
    return screen


def _shown(live: LiveScreen, screen: Screen, person: Person, now: datetime) -> bool:
    from pult.core.bots.operations.rendering import digest_of, message_of

    message = message_of(screen, bot_id=live.bot_id, user_id=live.user_id)
    digest = digest_of(message)
    changed = digest != bytes(live.shown_digest or b"")
    if not screen.follows:
        live.delete()
    elif changed or screen.follows != live.topic:
        live.shown_digest, live.topic = digest, screen.follows
        live.action, live.arguments = screen.drawn_by, list(screen.arguments)
        live.save(update_fields=["shown_digest", "topic", "action", "arguments"])
    if changed:
        _forget_edits(live, now)
        outbox.enqueue(
            bot_id=live.bot_id,
            chat_id=live.chat_id,
            method="editMessageText",
            payload={"chat_id": live.chat_id, "message_id": live.message_id, **message},
            now=now,
            priority=PRIORITY,
            person=person,
        )
    return changed
