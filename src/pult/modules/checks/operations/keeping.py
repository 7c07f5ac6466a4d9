"""Purpose and end of a check: chosen at upload, changed by its owner, kept to by the worker."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pult.core.audit.operations import record
from pult.core.jobs import database_now, ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.privacy.queries import limits
from pult.core.privacy.values import UNTIL_REMOVED, Limits, end_of
from pult.modules.checks.models import Block, Check, Usage
from pult.modules.checks.operations.dispatch import send_to_erasing
from pult.modules.checks.operations.journal import topic_of
from pult.modules.checks.queries.keeping import next_erasure

LONGEST_PURPOSE = 200
# How many numbers somebody asked about on a day is of no use after a year.
USAGE_KEPT_FOR = timedelta(days=366)
State = Check.State


class UnableToKeep(Exception):
    """A list cannot be kept like that; `field` names what to correct ("purpose", "keep", "erase_on")."""

    def __init__(self, reason: "str | Promise", *, field: str) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.field = field


def end_chosen(keep_days: int | None, *, now: datetime) -> datetime | None:
    """When a list taken in now is erased: after `keep_days`, UNTIL_REMOVED for no end, None for the usual time.

    Raises UnableToKeep for a time that the policy of the installation does not allow.
    """
    allowed = limits()
    days = allowed.default_days if keep_days is None else keep_days
    if not allowed.allows(days):
        raise UnableToKeep(too_long(allowed), field="keep")
    return end_of(days, since=now)


def too_long(allowed: Limits) -> "str | Promise":
    """What is allowed here, for somebody who wanted something else."""
    words = ngettext_lazy(
        "Lists are kept here for 1 to %(days)s day.",
        "Lists are kept here for 1 to %(days)s days.",
        allowed.most_days,
    )
    return words % {"days": allowed.most_days}


@transaction.atomic
def change_keeping(
    *, actor: Person, check_id: int, purpose: str, erase_at: datetime | None, now: datetime
) -> Check:
    """Change what a check is for and when it is erased (None: its owner removes it); only the owner does that.

    The longest time of the policy counts from the upload. Raises UnableToKeep, Check.DoesNotExist.
    """
    check = (
        Check.objects.select_for_update(of=("self",))
        .exclude(state=State.REMOVED)
        .get(pk=check_id, owner=actor)
    )
    purpose = purpose.strip()
    if not purpose:
        raise UnableToKeep(_("Say in a few words what this list is for."), field="purpose")
    if erase_at != check.erase_at:
        _check_end(check, erase_at, now)
    before = check.erase_at
    check.purpose, check.erase_at = purpose[:LONGEST_PURPOSE], erase_at
    check.save(update_fields=["purpose", "erase_at"])
    record(
        action="check.keeping_changed",
        actor=actor,
        now=now,
        object_type="check",
        object_id=check.pk,
        before=before and before.date().isoformat(),
        after=erase_at and erase_at.date().isoformat(),
    )
    publish(topic_of(check.pk))
    ring_soon()
    return check


def _check_end(check: Check, erase_at: datetime | None, now: datetime) -> None:
    allowed = limits()
    if erase_at is None:
        if not allowed.allows(UNTIL_REMOVED):
            raise UnableToKeep(too_long(allowed), field="erase_on")
        return
    if erase_at <= now:
        raise UnableToKeep(_("Choose a day to come. To erase it now, remove the check."), field="erase_on")
    # A day is given, not a moment: the whole of the last day counts.
    if erase_at > check.created_at + timedelta(days=allowed.most_days + 1):
        raise UnableToKeep(too_long(allowed), field="erase_on")


def erase_due() -> None:
    """The alarm: checks whose end has come are gone from every page now, and erased by the worker.

    Whatever their state; a call under way is still recorded and goes with the rest.
    """
    now = database_now()
    due = Check.objects.filter(erase_at__lte=now).exclude(state=State.REMOVED).order_by("pk")
    for check_id in list(due.values_list("pk", flat=True)):
        _remove_due(check_id, now)


@transaction.atomic
def _remove_due(check_id: int, now: datetime) -> None:
    waiting = Check.objects.select_for_update(of=("self",)).filter(pk=check_id, erase_at__lte=now)
    check = waiting.exclude(state=State.REMOVED).first()
    if check is None:
        # Kept longer, or removed, since the look.
        return
    withdraw_check(check)
    record(action="check.erased_by_time", actor=None, now=now, object_type="check", object_id=check.pk)


def withdraw_check(check: Check) -> None:
    """Take a locked check out of everybody's sight, whatever its state, and send it to be erased."""
    open_states = [Block.State.WAITING, Block.State.WORKING]
    Block.objects.filter(check_ref=check, state__in=open_states).update(
        state=Block.State.CANCELLED, account_id=None, wait_until=None, wait_reason=""
    )
    check.state = State.REMOVED
    check.save(update_fields=["state"])
    send_to_erasing(check.pk)
    publish(topic_of(check.pk))
    publish(f"person:{check.owner_id}")


def next_to_erase() -> datetime | None:
    """For the alarm: when the next check has to go."""
    return next_erasure()


def forget_usage() -> None:
    """The alarm: days of more than a year ago are forgotten."""
    Usage.objects.filter(day__lt=(database_now() - USAGE_KEPT_FOR).date()).delete()


def next_usage_to_forget() -> datetime | None:
    """For the alarm: now, when there are such days."""
    now = database_now()
    old = Usage.objects.filter(day__lt=(now - USAGE_KEPT_FOR).date()).exists()
    return now if old else None
