"""Inviting a colleague, and the colleague accepting."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.people.models import EntryLink, Person
from pult.core.people.operations.links import IssuedLink, UnableToEnter, claim_link, make_link
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import current_standing
from pult.core.people.rules import INVITATION_LIFE, why_not_invite
from pult.core.registry import Role


class UnableToInvite(Unable):
    """No invitation to this address with this role."""


@transaction.atomic
def invite_colleague(*, actor: Person | None, email: str, role: Role, now: datetime) -> IssuedLink:
    """Make an invitation for an e-mail address; an earlier open one to the same address is void.

    Raises UnableToInvite when the actor may not give that role, or somebody with that address is here already.
    """
    refusal = why_not_invite(current_standing(actor), role)
    if refusal is not None:
        raise UnableToInvite(refusal)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise UnableToInvite(_("This is not an e-mail address.")) from error
    if Person.objects.filter(email__iexact=address).exists():
        raise UnableToInvite(_("Somebody with this e-mail is here already."))
    EntryLink.objects.filter(
        purpose=EntryLink.Purpose.INVITATION, email__iexact=address, used_at=None, revoked_at=None
    ).update(revoked_at=now)
    try:
        with transaction.atomic():
            issued = make_link(
                now=now,
                life=INVITATION_LIFE,
                purpose=EntryLink.Purpose.INVITATION,
                email=address,
                role=role.value,
                invited_by=actor,
            )
    except IntegrityError as error:
        raise UnableToInvite(_("A colleague has invited this address a moment ago.")) from error
    record(
        action="person.invited",
        actor=actor,
        now=now,
        object_type="entry_link",
        object_id=issued.link.pk,
        role=role.value,
    )
    return issued


@transaction.atomic
def accept_invitation(
    *, secret: str, name: str, password: str, language: str, time_zone: str = "", now: datetime
) -> Person:
    """Use an invitation up and store the person it was for.

    Raises UnableToEnter, and Django's ValidationError for a password too weak; the invitation is then still good.
    """
    link = claim_link(purpose=EntryLink.Purpose.INVITATION, secret=secret, now=now)
    person = Person(
        email=link.email, name=name.strip(), role=link.role, language=language, time_zone=time_zone
    )
    validate_password(password, person)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise UnableToEnter from error
    EntryLink.objects.filter(pk=link.pk).update(person=person)
    record(
        action="person.joined",
        actor=person,
        now=now,
        object_type="person",
        object_id=person.pk,
        role=link.role,
    )
    return person
