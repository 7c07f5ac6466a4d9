"""Pausing, resuming, cancelling, asking again: what happens to a check, whoever is allowed to want it.

The callers (`control` for owners, `queue` for administrators) hold the lock of the check and know that they may.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check, LogEntry
from pult.modules.checks.operations.blocks import finish_if_over, settle_block
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


def pause(check: Check, *, actor: Person, now: datetime) -> Check:
    """Make no further call; one that is under way is still recorded. Raises UnableToChangeCheck."""
    demand(check, {State.RUNNING}, _("Only a running check can be paused."))
    check.state = State.PAUSED
    changed(check, actor=actor, now=now, kind=LogEntry.Kind.PAUSED)
    working = Block.objects.filter(check_ref=check, state=Block.State.WORKING).order_by("pk")
    for block_id in working.values_list("pk", flat=True):
        settle_block(block_id, check=check)
    return check


def resume(check: Check, *, actor: Person, now: datetime) -> Check:
    """Go on with a paused check. Raises UnableToChangeCheck."""
    demand(check, {State.PAUSED}, _("Only a paused check can be resumed."))
    check.state = State.RUNNING
    changed(check, actor=actor, now=now, kind=LogEntry.Kind.RESUMED)
    if not check.reuse_pending:
        finish_if_over(check)
    return check


def cancel(check: Check, *, actor: Person, now: datetime) -> Check:
    """End a check for good; verdicts stay, a call under way is still recorded. Raises UnableToChangeCheck."""
    demand(check, {State.READY, State.RUNNING, State.PAUSED}, _("This check is over already."))
    check.state, check.finished_at, check.reuse_pending = State.CANCELLED, now, False
    Block.objects.filter(check_ref=check, state__in=[Block.State.WAITING, Block.State.WORKING]).update(
        state=Block.State.CANCELLED, account_id=None, wait_until=None, wait_reason=""
    )
    return changed(check, "finished_at", "reuse_pending", actor=actor, now=now, kind=LogEntry.Kind.CANCELLED)


def ask_unanswered_again(check: Check, *, actor: Person, now: datetime) -> int:
    """Ask once more for every number that stays unanswered; returns how many. Raises UnableToChangeCheck."""
    demand(check, {State.RUNNING, State.PAUSED, State.FINISHED}, _("This check cannot go on."))
    with connection.cursor() as cursor:
        cursor.execute(ASK_AGAIN, [check.pk])
        count = sum(int(row[0]) for row in cursor.fetchall())
    if not count:
        raise UnableToChangeCheck(_("No number of this check is left unanswered."))
    if check.state == State.FINISHED:
        check.state, check.finished_at = State.RUNNING, None
    changed(check, "finished_at", actor=actor, now=now, kind=LogEntry.Kind.ASKED_AGAIN, count=count)
    return count


def demand(check: Check, allowed: set[Check.State], refusal: "str | Promise") -> None:
    """Raise UnableToChangeCheck where the check is in none of these states."""
    if check.state not in allowed:
        raise UnableToChangeCheck(refusal)


def changed(
    check: Check, *fields: str, actor: Person, now: datetime, kind: LogEntry.Kind, **details: Any
) -> Check:
    """Save the state and these; audit, log and open pages learn of it; the log says when an administrator did it."""
    check.save(update_fields=["state", *fields])
    record(action=f"check.{kind.value}", actor=actor, now=now, object_type="check", object_id=check.pk)
    if actor.pk != check.owner_id:
        details["by"] = "administrator"
    note(check.pk, kind, **details)
    publish(f"person:{check.owner_id}")
    ring_soon()
    return check
