"""Who an update is from and on what ground a room stands: the person, their language and zone, their conversation."""

import functools
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation

from pult.core.bots.models import Conversation
from pult.core.people.models import Person


@functools.cache
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    return zoneinfo.ZoneInfo(name) if name and name in zoneinfo.available_timezones() else None


def language_for(wished: str) -> str:
    """The language of this installation that comes next to what somebody wishes ("ru-RU" is "ru")."""
    known = dict(settings.LANGUAGES)
    short = wished.partition("-")[0]
    return wished if wished in known else short if short in known else settings.LANGUAGE_CODE


@contextmanager
def ground(*, language: str, time_zone: str = "") -> Iterator[None]:
    """Speak this language and tell times in this zone, until the block ends."""
    with translation.override(language_for(language)), timezone.override(_zone(time_zone)):
        yield


@contextmanager
def person_ground(person: Person) -> Iterator[None]:
    """The language and zone that the person chose, or those of the installation."""
    with ground(language=person.language or settings.LANGUAGE_CODE, time_zone=person.time_zone):
        yield


def whose(user_id: int) -> Person | None:
    """The person of a Telegram user, with what `held_back()` and `may()` need; inactive people as well."""
    return (
        Person.objects.with_standing()
        .filter(
            telegram_identities__user_id=user_id, telegram_identities__simulated=settings.SIMULATED_TELEGRAM
        )
        .first()
    )


def conversation_of(*, bot_id: UUID, chat_id: int, user_id: int) -> Conversation | None:
    """Where somebody stands with a bot; None before their first screen."""
    return Conversation.objects.filter(bot_id=bot_id, chat_id=chat_id, user_id=user_id).first()
