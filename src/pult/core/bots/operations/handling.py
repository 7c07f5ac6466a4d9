"""Updates, handled: each in one transaction with its deed, with what is remembered and with what is to be sent."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from pult.core.bots.models import Outgoing, Update
from pult.core.bots.operations import outbox, words
from pult.core.bots.operations.deeds import FileFirst, NotNow, RefusedHere, Result, do, target_of
from pult.core.bots.operations.grounds import ground
from pult.core.bots.operations.in_hand import Claimed, Done, claim, let_go, savepoint_when_needed
from pult.core.bots.operations.rendering import Post, render
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.rules.pace import Paces
from pult.core.bots.screens import Answer, GivenFile, Toast

log = structlog.get_logger(__name__)

# A deadlock or the like is nobody's fault: the deed is done anew so often before it counts as an error.
TRIES = 3
_TRANSIENT = {"40001", "40P01"}
# Those who are handled together share a transaction for so many seconds at most.
TOGETHER_SECONDS = 0.05

paces = Paces()
"""What this process has learned about how long functions of rooms take."""


class Outcome(StrEnum):
    """How handling ended."""

    HANDLED = "handled"
    FAILED = "failed"
    # Somebody else had handled it.
    GONE = "gone"
    # Nothing has happened yet: a file must be fetched first, or it must be handled alone.
    NEEDS_FILE = "needs_file"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Handled:
    """How an update ended; `file` and `largest` (bytes) where it must be fetched first; whether messages wait."""

    outcome: Outcome
    answered_by: str = ""
    file: SentFile | None = None
    largest: int = 0
    to_send: bool = False


class HandedOutTooOften(Exception):
    """The process that handled this update ended each time."""


def handle(*, update_pk: int, now: datetime, file: GivenFile | Unfetched | None = None) -> Handled:
    """Handle one stored update; an error of a room ends as FAILED with kind words.

    Raises OperationalError and InterfaceError where the database cannot be reached: the update then waits on.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return _alone(update_pk, now, file)
        except FileFirst as wish:
            return Handled(Outcome.NEEDS_FILE, file=wish.file, largest=wish.largest)
        except RefusedHere as refusal:
            return _say(update_pk, refusal.name, Toast(refusal.reason, alert=True), now)
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in _TRANSIENT:
                raise
            if tries >= TRIES:
                return _fail(update_pk, error, now)
        except Exception as error:  # noqa: BLE001 - whatever a room does wrong, the person hears and the lane goes on
            return _fail(update_pk, error, now)


@transaction.atomic
def _alone(update_pk: int, now: datetime, file: GivenFile | Unfetched | None) -> Handled:
    claimed = claim([update_pk], wait=True).get(update_pk)
    if claimed is None:
        return Handled(Outcome.GONE)
    drafts: list[Outgoing] = []
    began = time.monotonic()
    result = do(claimed, now=now, file=file, post=_gathering(drafts))
    paces.note(result.name, time.monotonic() - began)
    outbox.enqueue_all(drafts)
    let_go([_done(claimed, result)], now=now)
    return Handled(Outcome.HANDLED, result.name, to_send=True)


def handle_together(*, update_pks: Sequence[int], now: datetime) -> list[Handled]:
    """Handle updates of different chats in one transaction, as they would be handled alone; one answer for each.

    Only functions that are known to be quick are run, nobody's lock is waited for, and after `TOGETHER_SECONDS` no
    other deed is begun: whatever does not fit into that is undone and comes back as ALONE, to be handled by itself.
    """
    try:
        return _together(update_pks, now)
    except DatabaseError as error:
        log.info("bots.not_together", updates=len(update_pks), error=type(error).__name__)
        return [Handled(Outcome.ALONE)] * len(update_pks)


@transaction.atomic
def _together(update_pks: Sequence[int], now: datetime) -> list[Handled]:
    until = time.monotonic() + TOGETHER_SECONDS
    claimed = claim(update_pks, wait=False)
    answers: list[Handled] = []
    drafts: list[Outgoing] = []
    done: list[Done] = []
    for pk in update_pks:
        one = claimed.get(pk)
        if one is None:
            answers.append(Handled(Outcome.GONE))
            continue
        result = _quickly(one, now, drafts) if time.monotonic() < until else None
        if result is None:
            answers.append(Handled(Outcome.ALONE))
        else:
            done.append(_done(one, result))
            answers.append(Handled(Outcome.HANDLED, result.name, to_send=True))
    outbox.enqueue_all(drafts)
    let_go(done, now=now)
    return answers


def _quickly(claimed: Claimed, now: datetime, drafts: list[Outgoing]) -> Result | None:
    """Do it beside others, with nothing left of it where that does not go well; why is found out when it is alone."""
    own: list[Outgoing] = []
    began = time.monotonic()
    try:
        with savepoint_when_needed():
            result = do(claimed, now=now, file=None, post=_gathering(own), may_run=paces.quick)
    except (NotNow, FileFirst, RefusedHere):
        return None
    except Exception as error:  # noqa: BLE001 - the same error comes again when it is handled alone, and is told there
        log.info("bots.not_together", update=claimed.pk, error=type(error).__name__)
        return None
    paces.note(result.name, time.monotonic() - began)
    drafts += own
    return result


def _gathering(drafts: list[Outgoing]) -> Post:
    def post(**call: object) -> Outgoing:
        row = outbox.draft(**call)  # type: ignore[arg-type]
        drafts.append(row)
        return row

    return post


def _done(claimed: Claimed, result: Result) -> Done:
    return Done(claimed, result.name, result.expects, result.notes)


@transaction.atomic
def _say(update_pk: int, name: str, answer: Answer, now: datetime) -> Handled:
    """Nothing of the deed stayed; the person hears why, and what was expected of them stays so."""
    claimed = claim([update_pk], wait=True).get(update_pk)
    if claimed is None:
        return Handled(Outcome.GONE)
    drafts: list[Outgoing] = []
    render(answer, target=target_of(claimed), now=now, post=_gathering(drafts))
    outbox.enqueue_all(drafts)
    let_go([Done(claimed, name, None, {})], now=now)
    return Handled(Outcome.HANDLED, name, to_send=True)


def give_up(*, update_pk: int, now: datetime) -> Handled:
    """End an update that was handed out too often and never finished: it ends the process each time."""
    return _fail(update_pk, HandedOutTooOften(), now)


@transaction.atomic
def _fail(update_pk: int, error: Exception, now: datetime) -> Handled:
    """Nothing of the deed stayed; the person is told with the number under which the log has it."""
    claimed = claim([update_pk], wait=True).get(update_pk)
    if claimed is None:
        return Handled(Outcome.GONE)
    incoming, person = claimed.incoming, claimed.person
    log.error(
        "bots.update_failed",
        report=update_pk,
        update_id=incoming.update_id,
        kind=incoming.kind,
        exc_info=error,
    )
    Update.objects.filter(pk=update_pk).update(
        state=Update.State.FAILED, handled_at=now, problem=type(error).__name__
    )
    if incoming.user_id is None or not (incoming.private or incoming.query_id):
        return Handled(Outcome.FAILED)
    with ground(language=(person.language if person else "") or incoming.language):
        drafts: list[Outgoing] = []
        render(words.our_fault(update_pk), target=target_of(claimed), now=now, post=_gathering(drafts))
        outbox.enqueue_all(drafts)
    return Handled(Outcome.FAILED, to_send=True)
