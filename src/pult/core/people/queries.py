"""Reading about people: for the list, for an open link, for the terminal."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.functions import Lower

from pult.core.people.models import EntryLink, Person
from pult.core.people.rules import (
    Refusal,
    Standing,
    digest_of,
    why_not_change_role,
    why_not_invite,
    why_not_let_in,
    why_not_switch_off,
    why_not_switch_on,
)
from pult.core.registry import Role

SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    "name": (Lower("name").asc(), "email"),
    "-name": (Lower("name").desc(), "-email"),
    "last_login": (F("last_login").asc(nulls_first=True), "email"),
    "-last_login": (F("last_login").desc(nulls_last=True), "email"),
    "created_at": ("created_at", "email"),
    "-created_at": ("-created_at", "email"),
}


def people_listed(
    *, search: str = "", role: str = "", state: str = "", sort: str = "name"
) -> QuerySet[Person]:
    """Everybody, narrowed by a piece of name or e-mail, a role, and "active" or "off"; unknown values are ignored."""
    people = Person.objects.order_by(*SORTS.get(sort, SORTS["name"]))
    if search:
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if role in {known.value for known in Role}:
        people = people.filter(role=role)
    if state in {"active", "off"}:
        people = people.filter(is_active=state == "active")
    return people


def open_invitations(*, now: datetime) -> QuerySet[EntryLink]:
    """Invitations that still work, newest first, each with who gave it."""
    return (
        EntryLink.objects.filter(
            purpose=EntryLink.Purpose.INVITATION, used_at=None, revoked_at=None, expires_at__gt=now
        )
        .select_related("invited_by")
        .order_by("-created_at")
    )


def open_sign_in_link(*, person: Person, now: datetime) -> EntryLink | None:
    """The person's sign-in link that still works, if there is one."""
    return EntryLink.objects.filter(
        purpose=EntryLink.Purpose.SIGN_IN, person=person, used_at=None, revoked_at=None, expires_at__gt=now
    ).first()


def working_link(*, secret: str, now: datetime) -> EntryLink | None:
    """The link of that secret while it would let somebody in; looking at it does not use it up."""
    return (
        EntryLink.objects.filter(
            Q(person=None) | Q(person__is_active=True),
            secret_digest=digest_of(secret),
            used_at=None,
            revoked_at=None,
            expires_at__gt=now,
        )
        .select_related("person", "invited_by")
        .first()
    )


def standing_of(person: Person) -> Standing:
    """A person as the rules see them."""
    return Standing(id=person.pk, role=Role(person.role), active=person.is_active)


@dataclass(frozen=True, slots=True)
class Possibilities:
    """What one person may do to another; where the answer is no, why."""

    roles: list[Role]
    switch_off: Refusal | None
    switch_on: Refusal | None
    let_in: Refusal | None


def possibilities(*, actor: Person, person: Person) -> Possibilities:
    """For the page about a person: only what will work is offered. The operations decide again, under locks."""
    active_owners = Person.objects.filter(role=Role.OWNER.value, is_active=True).count()
    doer, target = standing_of(actor), standing_of(person)
    return Possibilities(
        roles=[
            role
            for role in Role
            if role is target.role
            or why_not_change_role(doer, target, role, active_owners=active_owners) is None
        ],
        switch_off=why_not_switch_off(doer, target, active_owners=active_owners),
        switch_on=why_not_switch_on(doer, target),
        let_in=why_not_let_in(doer, target),
    )


def roles_to_give(actor: Person) -> list[Role]:
    """The roles that this person may put into an invitation."""
    return [role for role in Role if why_not_invite(standing_of(actor), role) is None]
