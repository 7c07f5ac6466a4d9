"""People locked for a decision about roles, as the rules see them."""

from dataclasses import dataclass

from django.db.models import Q

from pult.core.people.models import Person
from pult.core.people.queries import standing_of
from pult.core.people.rules import Standing
from pult.core.registry import Role


@dataclass(frozen=True, slots=True)
class Decision:
    """Actor and target as they stand now, their rows locked together with those of all owners."""

    actor: Standing | None
    target: Person
    active_owners: int
    other: Person | None = None

    @property
    def standing(self) -> Standing:
        """The target for the rules."""
        return standing_of(self.target)


def current_standing(actor: Person | None) -> Standing | None:
    """The actor as the database knows them now, locked: a role taken away a moment ago counts."""
    if actor is None:
        return None
    return standing_of(Person.objects.select_for_update().get(pk=actor.pk))


def lock_for_decision(*, actor: Person | None, person: Person, also: Person | None = None) -> Decision:
    """Lock actor, target and every owner in ascending order, so that two owners cannot demote each other at once.

    `also` is a second person whom the decision is about; None in its place when that is the same one.
    Raises Person.DoesNotExist when one of them has gone meanwhile.
    """
    wanted = [one.pk for one in (person, actor, also) if one is not None]
    rows = {
        row.pk: row
        for row in Person.objects.select_for_update()
        .filter(Q(role=Role.OWNER.value) | Q(pk__in=wanted))
        .order_by("pk")
    }
    if not rows.keys() >= set(wanted):
        raise Person.DoesNotExist
    owners = sum(1 for row in rows.values() if row.is_active and row.role == Role.OWNER.value)
    return Decision(
        actor=None if actor is None else standing_of(rows[actor.pk]),
        target=rows[person.pk],
        active_owners=owners,
        other=None if also is None or also.pk == person.pk else rows[also.pk],
    )
