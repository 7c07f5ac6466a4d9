"""One-time links: made, shown once, used once, taken back."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.people.models import PLACEHOLDER_EMAIL, EntryLink, Person
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import current_standing, lock_for_decision
from pult.core.people.rules import SIGN_IN_LINK_LIFE, digest_of, why_not_invite, why_not_let_in
from pult.core.registry import Role


class UnableToIssueLink(Unable):
    """No sign-in link for this person."""


class UnableToEnter(Unable):
    """The link does not let anybody in: unknown, used, revoked or too old."""

    def __init__(self) -> None:
        super().__init__(_("This link no longer works. Ask for a new one."))


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A link at the only moment when its secret is known."""

    link: EntryLink
    secret: str = field(repr=False)

    def path(self) -> str:
        """The address without host: /enter/<secret>/."""
        return reverse("entry:enter", args=[self.secret])


def make_link(*, now: datetime, life: timedelta, **fields: Any) -> IssuedLink:
    """Store a link with a fresh secret of 256 bits."""
    secret = secrets.token_urlsafe(32)
    link = EntryLink.objects.create(
        secret_digest=digest_of(secret), created_at=now, expires_at=now + life, **fields
    )
    return IssuedLink(link=link, secret=secret)


def void_sign_in_links(*, person: Person, now: datetime) -> int:
    """Take back every unused sign-in link of a person; returns how many there were."""
    return EntryLink.objects.filter(
        purpose=EntryLink.Purpose.SIGN_IN, person=person, used_at=None, revoked_at=None
    ).update(revoked_at=now)


def _issue_sign_in_link(*, person: Person, actor: Person | None, now: datetime) -> IssuedLink:
    """The person's row is locked by the caller, so one open link at most is left."""
    void_sign_in_links(person=person, now=now)
    issued = make_link(
        now=now,
        life=SIGN_IN_LINK_LIFE,
        purpose=EntryLink.Purpose.SIGN_IN,
        person=person,
        role=person.role,
        invited_by=actor,
    )
    record(action="person.link_made", actor=actor, now=now, object_type="person", object_id=person.pk)
    return issued


@transaction.atomic
def create_owner_link(*, now: datetime, even_with_password: bool = False) -> IssuedLink | None:
    """The link of the first start: lets the first owner in, who is made if there is none.

    None once an active owner has a password, unless asked for even then (by who sits at the server). A link made
    before and not used is void.
    """
    owners = Person.objects.filter(role=Role.OWNER.value, is_active=True).order_by("pk")
    if not owners.exists():
        nobody_knows = make_password(None)
        Person.objects.get_or_create(
            email=PLACEHOLDER_EMAIL, defaults={"role": Role.OWNER.value, "password": nobody_knows}
        )
    locked = list(owners.select_for_update())
    if not even_with_password and any(owner.has_usable_password() for owner in locked):
        return None
    return _issue_sign_in_link(person=locked[0], actor=None, now=now)


@transaction.atomic
def create_sign_in_link(*, actor: Person | None, person: Person, now: datetime) -> IssuedLink:
    """A link for somebody who forgot the password; an earlier unused one is void.

    Raises UnableToIssueLink when the actor may not let this person in.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_let_in(decision.actor, decision.standing)
    if refusal is not None:
        raise UnableToIssueLink(refusal)
    return _issue_sign_in_link(person=decision.target, actor=actor, now=now)


def claim_link(*, purpose: EntryLink.Purpose, secret: str, now: datetime) -> EntryLink:
    """Use a link up, in one statement, so that of any number of simultaneous visitors one gets in.

    Raises UnableToEnter for a link that is unknown, used, revoked or too old: the visitor learns no more than that.
    """
    digest = digest_of(secret)
    claimed = EntryLink.objects.filter(
        secret_digest=digest, purpose=purpose, used_at=None, revoked_at=None, expires_at__gt=now
    ).update(used_at=now)
    if not claimed:
        raise UnableToEnter
    return EntryLink.objects.select_related("person").get(secret_digest=digest)


@transaction.atomic
def use_sign_in_link(*, secret: str, now: datetime) -> Person:
    """Use a sign-in link up and say whom it lets in. Raises UnableToEnter."""
    link = claim_link(purpose=EntryLink.Purpose.SIGN_IN, secret=secret, now=now)
    person = link.person
    if person is None or not person.is_active:
        raise UnableToEnter
    record(action="person.entered_by_link", actor=person, now=now, object_type="person", object_id=person.pk)
    return person


@transaction.atomic
def revoke_link(*, actor: Person | None, link_id: UUID, now: datetime) -> bool:
    """Take an open link back; False when it was used or revoked already.

    Raises UnableToIssueLink when the actor may not give such a link either, EntryLink.DoesNotExist for an unknown id.
    """
    link = EntryLink.objects.get(pk=link_id)
    refusal = why_not_invite(current_standing(actor), Role(link.role))
    if refusal is not None:
        raise UnableToIssueLink(refusal)
    revoked = EntryLink.objects.filter(pk=link_id, used_at=None, revoked_at=None).update(revoked_at=now)
    if revoked:
        record(action="link.revoked", actor=actor, now=now, object_type="entry_link", object_id=link_id)
    return bool(revoked)
