"""Reading what making one person of two records would do."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from pult.core.audit.models import AuditEntry
from pult.core.people.events import merge_asked
from pult.core.people.models import Person, TelegramIdentity
from pult.core.people.queries.people import standing_of
from pult.core.people.rules import Refusal, why_not_merge
from pult.core.registry import Role, Text


@dataclass(frozen=True, slots=True)
class Moves:
    """So many things of one kind that go to the kept person."""

    title: Text
    count: int


def what_moves(merged: Person) -> list[Moves]:
    """What every room would hand over, where there is something; the entries of the trail last."""
    answers: list[Any] = [answer for _room, answer in merge_asked.send(sender=Person, merged=merged)]
    moves = [Moves(title, count) for answer in answers for title, count in answer if count]
    trail = AuditEntry.objects.filter(actor=merged).count()
    return [*moves, Moves(_("Entries of the audit trail"), trail)] if trail else moves


def why_not_one(*, actor: Person, kept: Person, merged: Person) -> Refusal | None:
    """What stands against it, before it is tried; the operation decides again, under locks."""
    owners = Person.objects.filter(role=Role.OWNER.value, is_active=True).count()
    refusal = why_not_merge(standing_of(actor), standing_of(kept), standing_of(merged), active_owners=owners)
    if refusal is None and two_telegrams(kept, merged):
        return Refusal.TWO_TELEGRAMS
    return refusal


def two_telegrams(kept: Person, merged: Person) -> bool:
    """Whether both have a user of the same Telegram: a person has one of each at most."""
    theirs = TelegramIdentity.objects.filter(person=kept).values("simulated")
    return TelegramIdentity.objects.filter(person=merged, simulated__in=theirs).exists()
