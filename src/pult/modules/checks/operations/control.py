"""What a person does with a check: start, pause, resume, cancel, ask again, remove. Each only with their own."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.live import publish
from pult.core.people.models import Person
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.operations import steering
from pult.modules.checks.operations.dispatch import send_to_erasing, send_to_reusing
from pult.modules.checks.operations.steering import UnableToChangeCheck

__all__ = [
    "UnableToChangeCheck",
    "ask_again",
    "cancel_check",
    "pause_check",
    "remove_check",
    "resume_check",
    "start_check",
]

State = Check.State


@transaction.atomic
def start_check(*, actor: Person, check_id: int, now: datetime, reuse_days: int | None = None) -> Check:
    """Begin asking Telegram. Raises UnableToChangeCheck, and Check.DoesNotExist for somebody else's check.

    With `reuse_days` (1 to 3650) the person's own verdicts that are at most so old are taken over first, in the
    worker; nothing is asked before that is done.
    """
    check = _own(actor, check_id)
    steering.demand(check, {State.READY}, _("This check cannot be started now."))
    if not check.valid_count:
        raise UnableToChangeCheck(_("There is no valid number in this list, so there is nothing to ask."))
    check.state, check.started_at = State.RUNNING, now
    check.reuse_days, check.reuse_pending = reuse_days, reuse_days is not None
    if check.reuse_pending:
        send_to_reusing(check.pk)
    return steering.changed(
        check, "started_at", "reuse_days", "reuse_pending", actor=actor, now=now, kind=LogEntry.Kind.STARTED
    )


@transaction.atomic
def pause_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """Make no further call; one that is under way is still recorded. Raises UnableToChangeCheck, DoesNotExist."""
    return steering.pause(_own(actor, check_id), actor=actor, now=now)


@transaction.atomic
def resume_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """Go on with a paused check. Raises UnableToChangeCheck, DoesNotExist."""
    return steering.resume(_own(actor, check_id), actor=actor, now=now)


@transaction.atomic
def cancel_check(*, actor: Person, check_id: int, now: datetime) -> Check:
    """End a check for good; verdicts stay, a call under way is still recorded.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    return steering.cancel(_own(actor, check_id), actor=actor, now=now)


@transaction.atomic
def ask_again(*, actor: Person, check_id: int, now: datetime) -> int:
    """Ask once more for every number that stays unanswered; returns how many.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    return steering.ask_unanswered_again(_own(actor, check_id), actor=actor, now=now)


@transaction.atomic
def remove_check(*, actor: Person, check_id: int, now: datetime) -> None:
    """Remove a check with its numbers and verdicts: gone from every page now, erased by the worker.

    Raises UnableToChangeCheck, DoesNotExist.
    """
    over = {State.UPLOADED, State.UNREADABLE, State.READY, State.FINISHED, State.CANCELLED}
    check = _own(actor, check_id)
    steering.demand(check, over, _("Cancel this check before you remove it."))
    check.state = State.REMOVED
    check.save(update_fields=["state"])
    record(action="check.removed", actor=actor, now=now, object_type="check", object_id=check.pk)
    send_to_erasing(check.pk)
    publish(f"person:{actor.pk}")


def _own(actor: Person, check_id: int) -> Check:
    return (
        Check.objects.select_for_update(of=("self",))
        .exclude(state=State.REMOVED)
        .get(pk=check_id, owner=actor)
    )
