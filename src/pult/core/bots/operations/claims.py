"""Rows of what waits, for the process that sends them: found in their order, taken, given back."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Greatest

from pult.core.bots.models import Bot, Chat, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.rules.methods import is_harmless, is_limited, messages_in
from pult.core.bots.values import Call, Fault

# What was sent before that does not count against any limit any more.
REMEMBERED = timedelta(seconds=60)

# As `rules.methods.is_limited`, for PostgreSQL.
_LIMITED = "o.method ~ '^(send|copy|forward|edit)' AND o.method <> 'sendChatAction'"

# Notices for a chat that cannot be reached are not even tried; whoever has just written or tapped there is answered.
_WAITING = """
SELECT o.id, o.chat_id, o.method, o.payload, o.file, o.file_name, o.file_parameter, o.attempts,
       coalesce(o.expires_at <= %(now)s, false)
       OR (o.update_id IS NULL AND coalesce(c.unreachable, '') <> '') AS outdated
FROM bots_outgoing o LEFT JOIN bots_chat c ON c.bot_id = o.bot_id AND c.chat_id = o.chat_id
WHERE o.bot_id = %(bot)s AND o.state = 'waiting' AND (o.not_before IS NULL OR o.not_before <= %(now)s)
  AND {which}
ORDER BY o.priority, o.id
LIMIT %(limit)s
"""

_OPEN = f"(NOT ({_LIMITED}) OR o.chat_id <> ALL(%(closed)s))"
# While the limit over all is used up, only answers to taps can go: those are found at once behind any backlog.
_SHUT = f"NOT ({_LIMITED}) AND o.priority < 10"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a process finds when it begins to send for a bot: what was learned, who rests, what was sent lately."""

    per_second: float
    resting_until: datetime | None
    resting_chats: list[tuple[int, datetime]]
    # (chat, moment, messages), oldest first
    sent: list[tuple[int, datetime, int]]
    unknown: int


@transaction.atomic
def begin(*, bot_id: UUID, now: datetime) -> Beginning:
    """Settle what a killed process left: calls on their way are unknown, unless they may be repeated without harm.

    Raises Bot.DoesNotExist.
    """
    bot = Bot.objects.get(pk=bot_id)
    left = list(Outgoing.objects.select_for_update().filter(bot=bot_id, state=Outgoing.State.SENDING))
    again = [row.pk for row in left if is_harmless(row.method)]
    Outgoing.objects.filter(pk__in=again).update(state=Outgoing.State.WAITING)
    Outgoing.objects.filter(pk__in=[row.pk for row in left if row.pk not in set(again)]).update(
        state=Outgoing.State.UNKNOWN,
        fault=Fault.UNKNOWN,
        problem="the process ended before the answer came",
        sent_at=now,
    )
    chats = Chat.objects.filter(bot=bot_id, resting_until__gt=now)
    sent = Outgoing.objects.filter(bot=bot_id, sent_at__gt=now - REMEMBERED).order_by("sent_at")
    limited = [
        (row.chat_id, row.sent_at, messages_in(row.method, row.payload))
        for row in sent.only("chat_id", "sent_at", "method", "payload")
        if row.sent_at is not None and is_limited(row.method)
    ]
    return Beginning(
        per_second=bot.per_second,
        resting_until=bot.resting_until,
        resting_chats=[(chat.chat_id, chat.resting_until) for chat in chats if chat.resting_until],
        sent=limited,
        unknown=len(left) - len(again),
    )


def waiting_calls(
    *, bot_id: UUID, now: datetime, open_at_all: bool, closed: Collection[int], limit: int
) -> list[Call]:
    """What may be sent now, the most urgent first; what is limited: not to `closed` chats, only if `open_at_all`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING.format(which=_OPEN if open_at_all else _SHUT),
            {"bot": bot_id, "now": now, "closed": list(closed), "limit": limit},
        )
        return [_call(*row) for row in cursor.fetchall()]


def _call(  # noqa: PLR0917 (as the statement names them)
    pk: int, chat_id: int, method: str, payload: Any, file: str, file_name: str, parameter: str, attempts: int,
    outdated: bool,
) -> Call:  # fmt: skip
    known = json.loads(payload) if isinstance(payload, str) else payload
    return Call(
        id=pk,
        chat_id=chat_id,
        method=method,
        payload=known,
        file=file,
        file_name=file_name,
        file_parameter=parameter,
        attempts=attempts,
        limited=is_limited(method),
        amount=messages_in(method, known),
        outdated=outdated,
    )


def claim(ids: Collection[int]) -> set[int]:
    """Take rows for sending; returns those that still waited."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bots_outgoing SET state = 'sending', attempts = attempts + 1"
            " WHERE id = ANY(%s) AND state = 'waiting' RETURNING id",
            [list(ids)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def drop(ids: Collection[int]) -> int:
    """End rows that nobody waits for any more."""
    return outbox.drop(Outgoing.objects.filter(pk__in=ids))


def release(*, bot_id: UUID, besides: Collection[int]) -> int:
    """Give back rows that were taken and never sent: all on their way but those that this process really sends."""
    taken = Outgoing.objects.filter(bot=bot_id, state=Outgoing.State.SENDING).exclude(pk__in=besides)
    return taken.update(state=Outgoing.State.WAITING, attempts=Greatest(F("attempts") - 1, 0))


def next_not_before(*, bot_id: UUID, now: datetime) -> datetime | None:
    """When the next row may be sent that must not be sent yet."""
    later = Outgoing.objects.filter(bot=bot_id, state=Outgoing.State.WAITING, not_before__gt=now)
    found: datetime | None = later.aggregate(at=Min("not_before"))["at"]
    return found
