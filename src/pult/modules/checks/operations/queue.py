"""What an administrator does with the queue: order, holds, and steering the checks of anybody; all of it recorded."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.modules.checks.models import Check, Hold, LogEntry
from pult.modules.checks.operations import steering
from pult.modules.checks.operations.journal import note, publish_queue

IN_QUEUE = (Check.State.RUNNING, Check.State.PAUSED)
# The column holds no more; whoever comes after that many moves shares the place.
FARTHEST = 32_000


class Place(StrEnum):
    """Where a check may be put: before everybody's turns, among them, or behind them."""

    FIRST = "first"
    NORMAL = "normal"
    LAST = "last"


class Verb(StrEnum):
    """What may be done with a check of anybody."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    ASK_AGAIN = "ask_again"


VERBS = {
    Verb.PAUSE: steering.pause,
    Verb.RESUME: steering.resume,
    Verb.CANCEL: steering.cancel,
    Verb.ASK_AGAIN: steering.ask_unanswered_again,
}


@transaction.atomic
def steer_check(*, actor: Person, check_id: int, verb: Verb, now: datetime) -> Check:
    """Pause, resume, cancel or ask again anybody's check.

    Raises UnableToChangeCheck, DoesNotExist, PermissionDenied.
    """
    check = _any_check(actor, check_id)
    VERBS[verb](check, actor=actor, now=now)
    return check


@transaction.atomic
def move_check(*, actor: Person, check_id: int, place: Place, now: datetime) -> Check:
    """Put a check first, last, or back among the turns. Raises UnableToChangeCheck, DoesNotExist, PermissionDenied."""
    check = _any_check(actor, check_id)
    steering.demand(check, set(IN_QUEUE), _("Only running and paused checks have a place in the queue."))
    edges = Check.objects.filter(state__in=IN_QUEUE).aggregate(
        first=Max("precedence"), last=Min("precedence")
    )
    places = {
        Place.FIRST: min(max(edges["first"], 0) + 1, FARTHEST),
        Place.NORMAL: 0,
        Place.LAST: max(min(edges["last"], 0) - 1, -FARTHEST),
    }
    check.precedence = places[place]
    check.save(update_fields=["precedence"])
    record(
        action="check.moved", actor=actor, now=now, object_type="check", object_id=check.pk, place=place.value
    )
    note(check.pk, LogEntry.Kind.MOVED, place=place.value)
    ring_soon()
    return check


@transaction.atomic
def hold_back(*, actor: Person, now: datetime, person: Person | None = None, reason: str = "") -> Hold:
    """Hold back the checks of a person, or all (no person): what is under way ends, nothing else begins.

    A hold that is there already gets the new reason. Raises PermissionDenied.
    """
    _demand_right(actor)
    hold, laid = Hold.objects.update_or_create(
        person=person,
        defaults={"reason": reason.strip()[:200]},
        create_defaults={"reason": reason.strip()[:200], "laid_by": actor, "laid_at": now},
    )
    if laid:
        _tell(actor, now, person, LogEntry.Kind.HELD, **({"reason": hold.reason} if hold.reason else {}))
    return hold


@transaction.atomic
def release(*, actor: Person, now: datetime, person: Person | None = None) -> bool:
    """Lift the hold of a person, or that of all (no person); False when there is none. Raises PermissionDenied."""
    _demand_right(actor)
    if not Hold.objects.filter(person=person).delete()[0]:
        return False
    _tell(actor, now, person, LogEntry.Kind.RELEASED)
    ring_soon()
    return True


def _tell(actor: Person, now: datetime, person: Person | None, kind: LogEntry.Kind, **details: Any) -> None:
    """Audit, and the log of each check that it concerns; in the order in which checks may be locked."""
    record(
        action=f"queue.{kind.value}",
        actor=actor,
        now=now,
        object_type="person" if person else "",
        object_id=person.pk if person else "",
    )
    checks = Check.objects.filter(state__in=IN_QUEUE).order_by("pk")
    if person is not None:
        checks = checks.filter(owner=person)
    for check_id, owner_id in checks.values_list("pk", "owner_id"):
        note(check_id, kind, of="person" if person else "all", **details)
        publish(f"person:{owner_id}")
    publish_queue()


def _any_check(actor: Person, check_id: int) -> Check:
    _demand_right(actor)
    return Check.objects.select_for_update(of=("self",)).exclude(state=Check.State.REMOVED).get(pk=check_id)


def _demand_right(actor: Person) -> None:
    if not actor.may("checks.manage"):
        raise PermissionDenied
