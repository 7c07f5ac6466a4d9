"""One update, handled: in one transaction with the deed, with what is remembered and with what is to be sent."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction

from pult.core.bots.models import Update
from pult.core.bots.operations import words
from pult.core.bots.operations.grounds import (
    conversation_of,
    ground,
    language_for,
    person_ground,
    remember,
    whose,
)
from pult.core.bots.operations.rendering import Target, parts_of, render
from pult.core.bots.operations.routing import Deed, Unfetched, Wanted, deed_of
from pult.core.bots.rules.callbacks import ForeignButton, ForgedButton, unpack
from pult.core.bots.rules.incoming import Incoming, SentFile, read
from pult.core.bots.screens import Answer, GivenFile, Refused, Screen, Toast
from pult.core.people.models import Person

log = structlog.get_logger(__name__)

LONGEST_ANSWERED_BY, LONGEST_PROBLEM = 80, 300
# A deadlock or the like is nobody's fault: the deed is done anew so often before it counts as an error.
TRIES = 3
_TRANSIENT = {"40001", "40P01"}
SHUT_OUT = "home.shut_out"
# Two taps on one button within this are one deed.
ONE_DEED = timedelta(seconds=1)


class Outcome(StrEnum):
    """How handling ended."""

    HANDLED = "handled"
    FAILED = "failed"
    # Somebody else had handled it.
    GONE = "gone"
    # Nothing has happened yet: a file must be fetched first.
    NEEDS_FILE = "needs_file"


@dataclass(frozen=True, slots=True)
class Handled:
    """How an update ended; `file` and `largest` (bytes) where it must be fetched first; how many messages wait."""

    outcome: Outcome
    answered_by: str = ""
    file: SentFile | None = None
    largest: int = 0
    to_send: int = 0


class HandedOutTooOften(Exception):
    """The process that handled this update ended each time."""


class _FileFirst(Exception):
    def __init__(self, file: SentFile, largest: int) -> None:
        super().__init__()
        self.file, self.largest = file, largest


@dataclass(slots=True)
class _Result:
    """What a deed wants: its answer, and what is remembered (None: as it was)."""

    name: str
    answer: Answer = ()
    expects: str | None = None
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)


def handle(*, update_pk: int, now: datetime, file: GivenFile | Unfetched | None = None) -> Handled:
    """Handle one stored update; an error of a room ends as FAILED with kind words.

    Raises OperationalError and InterfaceError where the database cannot be reached: the update then waits on.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return _handle(update_pk, now, file)
        except _FileFirst as wish:
            return Handled(Outcome.NEEDS_FILE, file=wish.file, largest=wish.largest)
        except (OperationalError, InterfaceError) as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in _TRANSIENT:
                raise
            if tries >= TRIES:
                return _fail(update_pk, error, now)
        except Exception as error:  # noqa: BLE001 - whatever a room does wrong, the person hears and the lane goes on
            return _fail(update_pk, error, now)


@transaction.atomic
def _handle(update_pk: int, now: datetime, file: GivenFile | Unfetched | None) -> Handled:
    update = Update.objects.select_for_update().filter(pk=update_pk, state=Update.State.WAITING).first()
    if update is None:
        return Handled(Outcome.GONE)
    incoming = dataclasses.replace(read(update.payload), bot_id=update.bot_id)
    result, rows = _answer(update, incoming, now, file)
    Update.objects.filter(pk=update_pk).update(
        state=Update.State.HANDLED, handled_at=now, answered_by=result.name[:LONGEST_ANSWERED_BY]
    )
    return Handled(Outcome.HANDLED, result.name, to_send=rows)


def _answer(
    update: Update, incoming: Incoming, now: datetime, file: GivenFile | Unfetched | None
) -> tuple[_Result, int]:
    if incoming.kind == "my_chat_member":
        from pult.core.bots.operations import chats

        chats.note_membership(bot_id=update.bot_id, incoming=incoming, now=now)
        return _Result("engine.membership"), 0
    if incoming.user_id is None or incoming.kind not in {"message", "callback_query"}:
        return _Result("engine.ignored"), 0
    if not incoming.private:
        # In groups a bot stays silent; a tap is answered all the same, or its wheel would turn on.
        rows = render((), target=_target(update, incoming, None), now=now) if incoming.query_id else []
        return _Result("engine.ignored"), len(rows)
    user_id = incoming.user_id
    person = whose(user_id)
    conversation = conversation_of(bot_id=update.bot_id, chat_id=incoming.chat_id, user_id=user_id)
    if conversation is not None:
        incoming = dataclasses.replace(incoming, expects=conversation.expects, notes=conversation.notes)
    with person_ground(person) if person else ground(language=incoming.language):
        result = _result(update, incoming, person, now, file)
        rows = render(result.answer, target=_target(update, incoming, person), now=now)
    if result.expects is not None and (conversation is not None or result.expects or result.notes):
        remember(
            bot_id=update.bot_id,
            chat_id=incoming.chat_id,
            user_id=user_id,
            expects=result.expects,
            notes=result.notes,
            now=now,
        )
    return result, len(rows)


def _target(update: Update, incoming: Incoming, person: Person | None) -> Target:
    return Target(
        bot_id=update.bot_id,
        chat_id=incoming.chat_id,
        user_id=incoming.user_id or 0,
        person=person,
        update_pk=update.pk,
        edits=incoming.message_id if incoming.editable else None,
        query_id=incoming.query_id,
    )


def _repeated(update: Update, incoming: Incoming) -> bool:
    """Whether it is the second of two quick taps on one button, whose screen is on its way already."""
    before = (
        Update.objects.filter(bot=update.bot_id, chat_id=update.chat_id, pk__lt=update.pk)
        .order_by("-pk")
        .only("payload", "received_at", "state")
        .first()
    )
    if before is None or before.state != Update.State.HANDLED:
        return False
    first = read(before.payload)
    same = (first.kind, first.message_id, first.data) == (incoming.kind, incoming.message_id, incoming.data)
    return same and update.received_at - before.received_at <= ONE_DEED


def _result(
    update: Update,
    incoming: Incoming,
    person: Person | None,
    now: datetime,
    file: GivenFile | Unfetched | None,
) -> _Result:
    if incoming.query_id and incoming.bot_id and incoming.user_id:
        try:
            action, arguments = unpack(incoming.data, bot_id=incoming.bot_id, user_id=incoming.user_id)
        except ForeignButton:
            return _Result("engine.foreign_button", words.foreign_button())
        except ForgedButton:
            return _Result("engine.forged_button", words.outdated_button())
        if _repeated(update, incoming):
            return _Result("engine.repeated")
        incoming = dataclasses.replace(incoming, action=action, arguments=arguments)
    if person is None:
        from pult.core.bots.reception.newcomer import newcomer

        return _ended("home.newcomer", newcomer(incoming, now))
    if not person.is_active:
        return _shut_out(incoming, person, now)
    deed = deed_of(incoming, person, now=now, file=file)
    if isinstance(deed, Wanted):
        assert incoming.file is not None  # noqa: S101 - only a file can be wanted
        raise _FileFirst(incoming.file, deed.largest)
    return _run(deed)


def _shut_out(incoming: Incoming, person: Person, now: datetime) -> _Result:
    """Told once; after that a bot is silent for them (a tap is still answered, with nothing)."""
    if incoming.expects == SHUT_OUT:
        return _Result(SHUT_OUT)
    from pult.core.bots.reception.newcomer import shut_out

    return _Result(SHUT_OUT, shut_out(incoming, now), expects=SHUT_OUT)


def _run(deed: Deed) -> _Result:
    try:
        with transaction.atomic():
            answer = deed.run()
    except Refused as refusal:
        return _Result(deed.name, Toast(refusal.reason, alert=True))
    return _ended(deed.name, answer, consumes=deed.consumes)


def _ended(name: str, answer: Answer, *, consumes: bool = False) -> _Result:
    """The last screen says what is expected next; a toast or a file alone leaves that as it was."""
    screens = [part for part in parts_of(answer) if isinstance(part, Screen)]
    if screens:
        return _Result(name, answer, screens[-1].expects, dict(screens[-1].notes))
    return _Result(name, answer, "" if consumes else None)


def give_up(*, update_pk: int, now: datetime) -> Handled:
    """End an update that was handed out too often and never finished: it ends the process each time."""
    return _fail(update_pk, HandedOutTooOften(), now)


@transaction.atomic
def _fail(update_pk: int, error: Exception, now: datetime) -> Handled:
    """Nothing of the deed stayed; the person is told with the number under which the log has it."""
    update = Update.objects.select_for_update().filter(pk=update_pk, state=Update.State.WAITING).first()
    if update is None:
        return Handled(Outcome.GONE)
    incoming = read(update.payload)
    log.error(
        "bots.update_failed", report=update.pk, update_id=update.update_id, kind=update.kind, exc_info=error
    )
    update.state, update.handled_at = Update.State.FAILED, now
    update.problem = type(error).__name__[:LONGEST_PROBLEM]
    update.save(update_fields=["state", "handled_at", "problem"])
    rows = 0
    if incoming.user_id is not None and (incoming.private or incoming.query_id):
        person = whose(incoming.user_id)
        language = (person.language if person else "") or incoming.language
        with ground(language=language_for(language)):
            rows = len(render(words.our_fault(update.pk), target=_target(update, incoming, person), now=now))
    return Handled(Outcome.FAILED, to_send=rows)
