"""What a person does with a check: start, pause, resume, cancel, ask again, remove. Each only with their own."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, LogEntry
from pult.modules.checks.operations.blocks import finish_if_over, settle_block
from pult.modules.checks.operations.dispatch import send_to_erasing
from pult.modules.checks.operations.journal import note

State = Check.State

# Those that come again by themselves keep their time. One statement, whatever the size of the list.
ASK_AGAIN = """
WITH again AS (
    UPDATE checks_number n SET state = 'w', tries = 0, unanswered_reason = ''
    FROM checks_block b
    WHERE n.block_id = b.id AND b.check_id = %s AND b.state <> 'cancelled' AND b.unanswered_count > 0
      AND n.state = 'u' AND n.ask_after IS NULL
    RETURNING n.block_id
), counted AS (
    SELECT block_id, count(*) AS numbers FROM again GROUP BY block_id
)
UPDATE checks_block b
SET unanswered_count = b.unanswered_count - counted.numbers, failures = 0, wait_until = NULL, wait_reason = '',
    state = CASE WHEN b.state = 'done' THEN 'waiting' ELSE b.state END, finished_at = NULL
FROM counted WHERE b.id = counted.block_id
RETURNING counted.numbers
"""


class UnableToChangeCheck(Exception):
    """The check is not in a state that allows this; `reason` is a sentence for the person."""

    def __init__(self, reason: "str | Promise") -> None:
        super().__init__(str(reason))
        self.reason = reason


@transaction.atomic
def start_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """Begin asking Telegram. Raises UnableToChangeCheck, and Check.DoesNotExist for somebody else's check."""
    check = _own(actor, check_id, {State.READY}, _("This check cannot be started now."))
    if not check.valid_count:
        raise UnableToChangeCheck(_("There is no valid number in this list, so there is nothing to ask."))
    check.state, check.started_at = State.RUNNING, now
    return _changed(check, "started_at", actor=actor, now=now, kind=LogEntry.Kind.STARTED)


@transaction.atomic
def pause_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """Make no further call; one that is under way is still recorded. Raises UnableToChangeCheck, DoesNotExist."""
    check = _own(actor, check_id, {State.RUNNING}, _("Only a running check can be paused."))
    check.state = State.PAUSED
    _changed(check, actor=actor, now=now, kind=LogEntry.Kind.PAUSED)
    _settle_working(check)
    return check


@transaction.atomic
def resume_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """Go on with a paused check. Raises UnableToChangeCheck, DoesNotExist."""
    check = _own(actor, check_id, {State.PAUSED}, _("Only a paused check can be resumed."))
    check.state = State.RUNNING
    _changed(check, actor=actor, now=now, kind=LogEntry.Kind.RESUMED)
    finish_if_over(check)
    return check


@transaction.atomic
def cancel_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """End a check for good; verdicts stay, a call under way is still recorded.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    check = _own(
        actor, check_id, {State.READY, State.RUNNING, State.PAUSED}, _("This check is over already.")
    )
    check.state, check.finished_at = State.CANCELLED, now
    Block.objects.filter(check_ref=check, state__in=[Block.State.WAITING, Block.State.WORKING]).update(
        state=Block.State.CANCELLED, account_id=None, wait_until=None, wait_reason=""
    )
    return _changed(check, "finished_at", actor=actor, now=now, kind=LogEntry.Kind.CANCELLED)


@transaction.atomic
def ask_again(*, actor: Person, check_id: int, now: datetime) -> int:
    """Ask once more for every number that stays unanswered; returns how many.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    check = _own(
        actor, check_id, {State.RUNNING, State.PAUSED, State.FINISHED}, _("This check cannot go on.")
    )
    with connection.cursor() as cursor:
        cursor.execute(ASK_AGAIN, [check.pk])
        count = sum(int(row[0]) for row in cursor.fetchall())
    if not count:
        raise UnableToChangeCheck(_("No number of this check is left unanswered."))
    if check.state == State.FINISHED:
        check.state, check.finished_at = State.RUNNING, None
    _changed(check, "finished_at", actor=actor, now=now, kind=LogEntry.Kind.ASKED_AGAIN, count=count)
    return count


@transaction.atomic
def remove_check(*, actor: Person, check_id: int, now: datetime) -> None:
    """Remove a check with its numbers and verdicts: gone from every page now, erased by the worker.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    over = {State.UPLOADED, State.UNREADABLE, State.READY, State.FINISHED, State.CANCELLED}
    check = _own(actor, check_id, over, _("Cancel this check before you remove it."))
    check.state = State.REMOVED
    check.save(update_fields=["state"])
    record(action="check.removed", actor=actor, now=now, object_type="check", object_id=check.pk)
    send_to_erasing(check.pk)
    publish(f"person:{actor.pk}")


def _own(actor: Person, check_id: int, allowed: set[Check.State], refusal: "str | Promise") -> Check:
    check = (
        Check.objects.select_for_update(of=("self",))
        .exclude(state=State.REMOVED)
        .get(pk=check_id, owner=actor)
    )
    if check.state not in allowed:
        raise UnableToChangeCheck(refusal)
    return check


def _changed(
    check: Check, *fields: str, actor: Person, now: datetime, kind: LogEntry.Kind, **details: Any
) -> Check:
    check.save(update_fields=["state", *fields])
    record(action=f"check.{kind.value}", actor=actor, now=now, object_type="check", object_id=check.pk)
    note(check.pk, kind, **details)
    publish(f"person:{actor.pk}")
    ring_soon()
    return check


def _settle_working(check: Check) -> None:
    working = Block.objects.filter(check_ref=check, state=Block.State.WORKING).order_by("pk")
    for block_id in working.values_list("pk", flat=True):
        settle_block(block_id, check=check)
