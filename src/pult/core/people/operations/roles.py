"""Changing what a person may do, and whether they may come in at all."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from pult.core.audit.operations import record
from pult.core.live import publish, shut_out_topic
from pult.core.people.events import person_shut_out
from pult.core.people.models import EntryLink, Person
from pult.core.people.operations.links import void_sign_in_links
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import lock_for_decision
from pult.core.people.rules import RANK, why_not_change_role, why_not_switch_off, why_not_switch_on
from pult.core.registry import Role


class UnableToChangePerson(Unable):
    """This actor may not do that to this person."""


def _void_invitations_above(*, person: Person, rank: int, now: datetime) -> None:
    """Invitations that a person gave out and could not give any more must not let anybody in."""
    too_high = [role.value for role in Role if RANK[role] > rank]
    EntryLink.objects.filter(
        purpose=EntryLink.Purpose.INVITATION,
        invited_by=person,
        used_at=None,
        revoked_at=None,
        role__in=too_high,
    ).update(revoked_at=now)


@transaction.atomic
def change_role(*, actor: Person | None, person: Person, role: Role, now: datetime) -> Person:
    """Give a person another role; the same role again changes nothing.

    Open sign-in links of the person are void (they were made for the former role), and so are invitations
    by the person that the new role could not give. Raises UnableToChangePerson.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_change_role(
        decision.actor, decision.standing, role, active_owners=decision.active_owners
    )
    if refusal is not None:
        raise UnableToChangePerson(refusal)
    changed = decision.target
    former = changed.role
    if former == role.value:
        return changed
    changed.role = role.value
    changed.save(update_fields=["role"])
    void_sign_in_links(person=changed, now=now)
    _void_invitations_above(person=changed, rank=-1 if role is Role.OPERATOR else RANK[role], now=now)
    record(
        action="person.role_changed",
        actor=actor,
        now=now,
        object_type="person",
        object_id=changed.pk,
        before=former,
        after=role.value,
    )
    return changed


@transaction.atomic
def switch_off(*, actor: Person | None, person: Person, now: datetime) -> Person:
    """Shut a person out: every session ends at once, links and given invitations are void.

    What the person made stays. Raises UnableToChangePerson.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_switch_off(decision.actor, decision.standing, active_owners=decision.active_owners)
    if refusal is not None:
        raise UnableToChangePerson(refusal)
    target = decision.target
    if not target.is_active:
        return target
    Person.objects.filter(pk=target.pk).update(
        is_active=False, session_generation=F("session_generation") + 1
    )
    void_sign_in_links(person=target, now=now)
    _void_invitations_above(person=target, rank=-1, now=now)
    record(action="person.switched_off", actor=actor, now=now, object_type="person", object_id=target.pk)
    target.refresh_from_db()
    person_shut_out.send(sender=Person, person=target, actor=actor, now=now)
    publish(shut_out_topic(target.pk))
    return target


@transaction.atomic
def switch_on(*, actor: Person | None, person: Person, now: datetime) -> Person:
    """Let a person sign in again with the password they had; former sessions stay ended.

    Raises UnableToChangePerson.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_switch_on(decision.actor, decision.standing)
    if refusal is not None:
        raise UnableToChangePerson(refusal)
    target = decision.target
    if target.is_active:
        return target
    target.is_active = True
    target.save(update_fields=["is_active"])
    record(action="person.switched_on", actor=actor, now=now, object_type="person", object_id=target.pk)
    return target
