"""What an answer of Telegram, or its absence, makes of the row that was sent."""

import random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from pult.core.bots.models import Bot, Chat, LiveScreen, Outgoing
from pult.core.bots.operations import chats
from pult.core.bots.operations.places import forget_outgoing
from pult.core.bots.rules.faults import unreachable_word
from pult.core.bots.rules.methods import EDITS, is_harmless
from pult.core.bots.rules.pauses import MOST_TRIES, pause_of_call
from pult.core.bots.values import Fault, Result

log = structlog.get_logger(__name__)

# An answer may come when the row was given up as unknown already: knowing is better.
_ON_ITS_WAY = (Outgoing.State.SENDING, Outgoing.State.UNKNOWN)
_SENT = """
UPDATE bots_outgoing o SET state = 'sent', sent_at = given.at, message_id = given.message_id, fault = '', problem = ''
FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS given (id, at, message_id)
WHERE o.id = given.id AND o.state IN ('sending', 'unknown')
RETURNING o.id
"""


@transaction.atomic
def settle(*, bot_id: UUID, results: Sequence[Result], now: datetime) -> None:
    """Write down how calls ended, all or none of them, with everything that follows from each."""
    done = [result for result in results if result.fault is None or result.fault is Fault.DONE]
    _note_sent(bot_id, done, now)
    for result in results:
        if result.fault is not None and result.fault is not Fault.DONE:
            row = (
                Outgoing.objects.select_for_update().filter(pk=result.call.id, state__in=_ON_ITS_WAY).first()
            )
            if row is not None:
                _note_fault(bot_id, row, result, now)


def _note_sent(bot_id: UUID, done: Sequence[Result], now: datetime) -> None:
    if not done:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SENT,
            [
                [result.call.id for result in done],
                [result.at for result in done],
                [result.message_id for result in done],
            ],
        )
        noted = {pk for (pk,) in cursor.fetchall()}
    arrived = {result.call.chat_id for result in done if result.call.limited and result.fault is None}
    chats.mark_reachable(bot_id=bot_id, chat_ids=list(arrived))
    for row in Outgoing.objects.filter(pk__in=noted).exclude(when_sent={}, file=""):
        _follow(row, now)
        forget_outgoing(row.file)


def _follow(row: Outgoing, now: datetime) -> None:
    """What the row wanted to happen once it is sent."""
    message_id = row.message_id if row.message_id is not None else row.payload.get("message_id")
    if message_id is None:
        return
    live = row.when_sent.get("live")
    if live:
        from pult.core.bots.operations import live_screens

        live_screens.remember(
            bot_id=row.bot_id, chat_id=row.chat_id, message_id=message_id, live=live, now=now, sent_as=row.pk
        )


def _note_fault(bot_id: UUID, row: Outgoing, result: Result, now: datetime) -> None:
    fault = result.fault
    assert fault is not None  # noqa: S101 - the caller has looked
    row.fault, row.problem = fault, result.problem[:300]
    if fault is Fault.UNKNOWN and not is_harmless(row.method):
        row.state, row.sent_at = Outgoing.State.UNKNOWN, result.at
    elif fault in {Fault.AGAIN, Fault.UNKNOWN}:
        _try_again(row, result)
    elif fault in {Fault.TOKEN, Fault.WAIT}:
        row.state, row.attempts = Outgoing.State.WAITING, max(0, row.attempts - 1)
    elif fault is Fault.MIGRATED and result.migrated_to is not None:
        _migrate(bot_id, row, result.migrated_to)
    elif fault is Fault.GONE and row.when_sent.get("anew") and row.method in EDITS:
        _send_anew(row)
    elif fault is Fault.LATE:
        row.state = Outgoing.State.DROPPED
    else:
        row.state = Outgoing.State.FAILED
    row.save(
        update_fields=[
            "state", "fault", "problem", "attempts", "sent_at", "not_before", "chat_id", "method", "payload",
            "when_sent", "message_id",
        ]
    )  # fmt: skip
    _after_fault(bot_id, row, result, now)


def _after_fault(bot_id: UUID, row: Outgoing, result: Result, now: datetime) -> None:
    """What a fault says about others than the row."""
    if row.state == Outgoing.State.FAILED:
        forget_outgoing(row.file)
        log.warning("bots.not_sent", row=row.pk, method=row.method, fault=row.fault, problem=row.problem)
    if result.fault is Fault.RECIPIENT:
        word = unreachable_word(result.problem)
        dropped = chats.mark_unreachable(bot_id=bot_id, chat_id=row.chat_id, word=word, now=now)
        log.info("bots.chat_unreachable", chat=row.chat_id, why=word, dropped=dropped)
    elif result.fault is Fault.GONE:
        message_id = int(result.call.payload.get("message_id") or 0)
        LiveScreen.objects.filter(bot=bot_id, chat_id=row.chat_id, message_id=message_id).delete()
    elif result.fault is Fault.UNKNOWN and row.state == Outgoing.State.UNKNOWN:
        log.warning("bots.answer_lost", row=row.pk, method=row.method, problem=row.problem)


def _try_again(row: Outgoing, result: Result) -> None:
    row.state = Outgoing.State.WAITING
    if not result.counts:
        # Nothing gets through at present: the bot pauses as a whole, and this call is not to blame.
        row.attempts = max(0, row.attempts - 1)
    elif row.attempts >= MOST_TRIES:
        row.state = Outgoing.State.FAILED
    else:
        row.not_before = result.at + pause_of_call(row.attempts, random.random())  # noqa: S311 - spreads load


def _migrate(bot_id: UUID, row: Outgoing, new: int) -> None:
    if row.when_sent.get("migrated"):
        # Sent to the new id already, and told to go on again: that leads nowhere.
        row.state = Outgoing.State.FAILED
        return
    chats.rewrite(bot_id=bot_id, old=row.chat_id, new=new)
    row.state, row.chat_id, row.attempts = Outgoing.State.WAITING, new, max(0, row.attempts - 1)
    row.when_sent = {**row.when_sent, "migrated": True}


def _send_anew(row: Outgoing) -> None:
    """The message that was to be edited is gone: the screen comes as a new one."""
    row.state, row.attempts = Outgoing.State.WAITING, 0
    row.payload = {
        key: value for key, value in row.payload.items() if key not in {"message_id", "inline_message_id"}
    }
    row.when_sent = {key: value for key, value in row.when_sent.items() if key != "anew"}
    if row.method == "editMessageText":
        row.method = "sendMessage"
    else:
        # The text or picture above the new keyboard is not known any more.
        row.state = Outgoing.State.FAILED


def note_rest(*, bot_id: UUID, chat_id: int | None, until: datetime, per_second: float | None = None) -> None:
    """Telegram told a chat (or, with None, the whole bot) to be left alone until then; a restart keeps to it."""
    if chat_id is None:
        Bot.objects.filter(pk=bot_id).update(
            resting_until=Greatest(F("resting_until"), until), per_second=per_second or F("per_second")
        )
        return
    Chat.objects.update_or_create(
        bot_id=bot_id,
        chat_id=chat_id,
        defaults={"resting_until": until},
        create_defaults={"resting_until": until, "kind": chats.kind_of(chat_id)},
    )


def note_rate(*, bot_id: UUID, per_second: float) -> None:
    """What the bot has learned it may send in a second."""
    Bot.objects.filter(pk=bot_id).update(per_second=per_second)
