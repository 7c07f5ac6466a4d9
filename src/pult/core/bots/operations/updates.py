"""Updates as rows: stored before they are acknowledged, handed out to be handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from pult.core.bots.models import Update
from pult.core.bots.rules.incoming import Incoming, read, storable, update_id_of

# An update that was handed out so often and never finished ends the process each time: nobody tries it again.
MOST_ATTEMPTS = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored update that waits: its row, its lane, and how often it was handed out before."""

    pk: int
    chat_id: int
    attempts: int


_STORE = """
INSERT INTO bots_update (bot_id, update_id, kind, chat_id, user_id, payload, state, received_at, attempts, answered_by,
                         problem)
SELECT %s, given.update_id, given.kind, given.chat_id, given.user_id, given.payload::jsonb, 'waiting', %s, %s, '', ''
FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
     WITH ORDINALITY AS given (update_id, kind, chat_id, user_id, payload, place)
ORDER BY given.place
ON CONFLICT (bot_id, update_id) DO NOTHING
RETURNING id, chat_id, attempts
"""

_TAKE = """
UPDATE bots_update SET attempts = attempts + 1
WHERE id IN (
    SELECT id FROM bots_update
    WHERE bot_id = %s AND state = 'waiting' AND id <> ALL(%s)
    ORDER BY id LIMIT %s
    FOR UPDATE SKIP LOCKED
)
RETURNING id, chat_id, attempts - 1
"""

_HAND_OUT = """
UPDATE bots_update SET attempts = attempts + 1 WHERE id = %s AND state = 'waiting' RETURNING attempts
"""

_GIVE_BACK = """
UPDATE bots_update SET attempts = attempts - 1 WHERE id = ANY(%s) AND state = 'waiting' AND attempts > 0
"""


def _rows(updates: Sequence[Any]) -> list[tuple[Incoming, str]]:
    found = []
    for update in updates:
        try:
            text = storable(update)
        except ValueError as error:
            log.warning("bots.update_unreadable", error=str(error))
            continue
        if update_id_of(update) is None:
            log.warning("bots.update_without_id", kind=type(update).__name__)
            continue
        found.append((read(update), text))
    return found


def store_updates(*, bot_id: UUID, updates: Sequence[Any], now: datetime) -> list[int]:
    """Store what came, in its order; returns the ids of the new rows. What is known already is not stored again."""
    return [stored.pk for stored in store_for_handling(bot_id=bot_id, updates=updates, now=now, handed_out=0)]


def store_for_handling(
    *, bot_id: UUID, updates: Sequence[Any], now: datetime, handed_out: int = 1
) -> list[Stored]:
    """The same for the process that handles them at once: they count as handed out for the first time."""
    rows = _rows(updates)
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                bot_id,
                now,
                handed_out,
                [read.update_id for read, _ in rows],
                [read.kind for read, _ in rows],
                [read.chat_id for read, _ in rows],
                [read.user_id for read, _ in rows],
                [text for _, text in rows],
            ],
        )
        return [Stored(pk, chat_id, 0) for pk, chat_id, _ in cursor.fetchall()]


@transaction.atomic
def take_waiting(*, bot_id: UUID, limit: int, besides: Sequence[int] = ()) -> list[Stored]:
    """Hand out what waits, oldest first, without the rows named in `besides` (they are in hand already)."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [bot_id, list(besides), limit])
        return sorted((Stored(*row) for row in cursor.fetchall()), key=lambda stored: stored.pk)


def left_behind(bot_id: UUID) -> list[int]:
    """Rows that a former process had in hand and did not finish, oldest first."""
    open_rows = Update.objects.filter(bot=bot_id, state=Update.State.WAITING, attempts__gt=0)
    return list(open_rows.order_by("pk").values_list("pk", flat=True))


def hand_out(*, update_pk: int) -> int | None:
    """Count one more attempt of a waiting update; returns how many there are now, None where it waits no longer."""
    with connection.cursor() as cursor:
        cursor.execute(_HAND_OUT, [update_pk])
        row = cursor.fetchone()
    return row[0] if row else None


def give_back(*, update_pks: Sequence[int]) -> None:
    """Take back the count of rows with which nobody began."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [list(update_pks)])


def waiting(bot_id: UUID) -> int:
    """How many updates of a bot wait to be handled."""
    return Update.objects.filter(bot=bot_id, state=Update.State.WAITING).count()
