"""Naming canaries: numbers known to be on Telegram."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from pult.core.audit.operations import record
from pult.core.people.models import Person
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.kinds.by_phone import ByPhone
from pult.modules.checks.models import Canary
from pult.modules.checks.rules.canaries import MOST_CANARIES
from pult.modules.checks.rules.problems import Problem

LONGEST_LABEL = 100


class UnableToNameCanary(Exception):
    """The number cannot be one; the text says why and can be shown beside the field."""


@transaction.atomic
def add_canary(*, actor: Person, phone: str, label: str, now: datetime) -> Canary:
    """Name a number (in any international spelling) that is known to be on Telegram.

    Raises UnableToNameCanary, PermissionDenied.
    """
    _demand(actor)
    kind = kind_named(ByPhone.name)
    number = kind.parse([phone.strip()], None)[0]
    if isinstance(number, Problem):
        raise UnableToNameCanary(str(kind.problem_text(number)))
    if Canary.objects.filter(phone=number).exists():
        raise UnableToNameCanary(_("This number is a canary already."))
    if Canary.objects.count() >= MOST_CANARIES:
        raise UnableToNameCanary(
            _("%(count)s canaries are enough. Remove one before you add another.") % {"count": MOST_CANARIES}
        )
    canary = Canary.objects.create(
        phone=number, label=label.strip()[:LONGEST_LABEL], added_by=actor, created_at=now
    )
    _record("canary.added", canary, actor, now)
    return canary


@transaction.atomic
def remove_canary(*, actor: Person, canary_id: int, now: datetime) -> Canary:
    """Ask about it no more and forget its number here. Raises Canary.DoesNotExist, PermissionDenied."""
    _demand(actor)
    canary = Canary.objects.select_for_update(of=("self",)).get(pk=canary_id)
    _record("canary.removed", canary, actor, now)
    Canary.objects.filter(pk=canary_id).delete()
    return canary


@transaction.atomic
def use_canary_again(*, actor: Person, canary_id: int, now: datetime) -> Canary:
    """Its owner is on Telegram and may be found: end the doubt. Raises Canary.DoesNotExist, PermissionDenied."""
    _demand(actor)
    canary = Canary.objects.select_for_update(of=("self",)).get(pk=canary_id)
    if canary.suspended_at is not None:
        # Earlier misses were of a time when it could not be found: they speak against nobody any more.
        canary.suspended_at = None
        canary.save(update_fields=["suspended_at"])
        canary.calls.filter(canary_seen=False).update(canary_seen=None)
        _record("canary.used_again", canary, actor, now)
    return canary


def _demand(actor: Person) -> None:
    if not actor.may("checks.canaries"):
        raise PermissionDenied


def _record(action: str, canary: Canary, actor: Person, now: datetime) -> None:
    details = {"label": canary.label} if canary.label else {}
    record(action=action, actor=actor, now=now, object_type="canary", object_id=canary.pk, **details)
