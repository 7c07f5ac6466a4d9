"""Second factors: demanded of roles, and taken away from somebody who lost theirs."""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from pult.core.audit.operations import record
from pult.core.people.models import Person, SecondFactorDemand
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import current_standing, lock_for_decision
from pult.core.people.rules import why_not_demand, why_not_reset_second_factor
from pult.core.registry import Role


class UnableToDemand(Unable):
    """This actor may not decide what roles need."""


class UnableToResetSecondFactor(Unable):
    """This actor may not take that person's second factor away."""


@transaction.atomic
def demand_second_factor(*, actor: Person | None, roles: Iterable[Role], now: datetime) -> set[Role]:
    """Demand a second factor of exactly these roles; returns the roles for which that changed.

    People of such a role who have none are led to set one up, with their very next page; nothing else opens before.
    Raises UnableToDemand.
    """
    refusal = why_not_demand(current_standing(actor))
    if refusal is not None:
        raise UnableToDemand(refusal)
    before = {Role(row.role) for row in SecondFactorDemand.objects.select_for_update()}
    wanted = set(roles)
    SecondFactorDemand.objects.exclude(role__in=[role.value for role in wanted]).delete()
    for role in sorted(wanted ^ before):
        demanded = role in wanted
        if demanded:
            SecondFactorDemand.objects.get_or_create(role=role.value, defaults={"since": now})
        record(
            action="role.second_factor_demanded" if demanded else "role.second_factor_waived",
            actor=actor,
            now=now,
            object_type="role",
            object_id=role.value,
            role=role.value,
        )
    return wanted ^ before


@transaction.atomic
def reset_second_factor(*, actor: Person | None, person: Person, now: datetime) -> int:
    """Take every second factor of a person away, for somebody who lost them all; returns how many there were.

    Their password stays, and their pages tell them until they set a new one up. Raises UnableToResetSecondFactor.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_reset_second_factor(decision.actor, decision.standing)
    if refusal is not None:
        raise UnableToResetSecondFactor(refusal)
    factors = Authenticator.objects.filter(user_id=person.pk)
    count: int = factors.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    # Straight away: what cannot be opened any more must be removable, too.
    factors._raw_delete(factors.db)
    if count:
        Person.objects.filter(pk=person.pk).update(second_factor_reset_at=now)
        record(
            action="person.second_factor_reset",
            actor=actor,
            now=now,
            object_type="person",
            object_id=person.pk,
        )
    return count
