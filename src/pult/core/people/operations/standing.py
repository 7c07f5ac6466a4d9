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

    @property
    def standing(self) -> Standing:
        """The target for the rules."""
        return standing_of(self.target)


def current_standing(actor: Person | None) -> Standing | None:
    """The actor as the database knows them now, locked: a role taken away a moment ago counts."""
    if actor is None:
        return None
    return standing_of(Person.objects.select_for_update().get(pk=actor.pk))


def lock_for_decision(*, actor: Person | None, person: Person) -> Decision:
    """Lock actor, target and every owner in ascending order, so that two owners cannot demote each other at once."""
    wanted = [person.pk] if actor is None else [person.pk, actor.pk]
    rows = {
        row.pk: row
        for row in Person.objects.select_for_update()
        .filter(Q(role=Role.OWNER.value) | Q(pk__in=wanted))
        .order_by("pk")
    }
    owners = sum(1 for row in rows.values() if row.is_active and row.role == Role.OWNER.value)
    return Decision(
        actor=None if actor is None else standing_of(rows[actor.pk]),
        target=rows[person.pk],
        active_owners=owners,
    )
