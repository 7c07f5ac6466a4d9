"""Live screens drawn anew: what changes by itself is edited where it stands."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from pult.core.bots import rooms
from pult.core.bots.models import Chat, LiveScreen, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.operations.grounds import person_ground, whose
from pult.core.bots.operations.live_screens import edits_of
from pult.core.bots.operations.rendering import digest_of, message_of
from pult.core.bots.screens import Answer, Refused, Screen, Visit
from pult.core.people.models import Person

log = structlog.get_logger(__name__)

# Behind answers to people: they wait for those.
PRIORITY = 40
# Longer than the sender counts what was sent before.
EDITS_KEPT = timedelta(minutes=10)


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


def _is_gone(live: LiveScreen) -> bool:
    """Whether the message was deleted, or its chat cannot be reached: the last edit says so."""
    last = edits_of(live.bot_id, live.chat_id, live.message_id).order_by("-pk").first()
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


def _forget_edits(live: LiveScreen, now: datetime) -> None:
    """A check that works for a week changes every two seconds: what stood there before says nothing to anybody."""
    before = edits_of(live.bot_id, live.chat_id, live.message_id).filter(
        state=Outgoing.State.SENT, priority=PRIORITY, update=None, sent_at__lt=now - EDITS_KEPT
    )
    before.delete()
