"""Inviting a colleague, and the colleague accepting: on the web with a password, or in the bot with Telegram."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.live import publish
from pult.core.people.events import application_decided
from pult.core.people.models import Application, EntryLink, Person
from pult.core.people.operations.applications import TOPIC, checked_nickname, new_person_of_telegram
from pult.core.people.operations.links import IssuedLink, UnableToEnter, claim_link, make_link
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import current_standing
from pult.core.people.queries import person_of_telegram, waiting_application
from pult.core.people.rules import INVITATION_LIFE, INVITATION_LIVES, why_not_invite
from pult.core.registry import Role


class UnableToInvite(Unable):
    """No invitation to this address with this role."""


class UnableToJoin(Unable):
    """The invitation is good, but not with this e-mail or this Telegram; it stays good."""


@transaction.atomic
def invite_colleague(
    *,
    actor: Person | None,
    role: Role,
    now: datetime,
    email: str = "",
    life: timedelta = INVITATION_LIFE,
) -> IssuedLink:
    """Make an invitation, for an e-mail address or for whoever gets the link; one use, within `life`.

    An earlier open one to the same address is void. Raises UnableToInvite when the actor may not give that role, or
    somebody with that address is here already.
    """
    refusal = why_not_invite(current_standing(actor), role)
    if refusal is not None:
        raise UnableToInvite(refusal)
    if not INVITATION_LIVES[0] <= life <= INVITATION_LIVES[-1]:
        raise UnableToInvite(_("An invitation works between an hour and 30 days."))
    address = _free_address(email, now=now)
    try:
        with transaction.atomic():
            issued = make_link(
                now=now,
                life=life,
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


def _free_address(email: str, *, now: datetime) -> str:
    """The address as it is stored, earlier invitations to it taken back; "" for a link without one."""
    address = email.strip().lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError as error:
        raise UnableToInvite(_("This is not an e-mail address.")) from error
    if Person.objects.filter(email__iexact=address).exists():
        raise UnableToInvite(_("Somebody with this e-mail is here already."))
    EntryLink.objects.filter(
        purpose=EntryLink.Purpose.INVITATION, email__iexact=address, used_at=None, revoked_at=None
    ).update(revoked_at=now)
    return address


def _joined(*, link: EntryLink, person: Person, now: datetime) -> Person:
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


@transaction.atomic
def accept_invitation(
    *,
    secret: str,
    name: str,
    password: str,
    language: str,
    time_zone: str = "",
    email: str = "",
    now: datetime,
) -> Person:
    """Use an invitation up and store the person it was for; `email` counts where the invitation names none.

    Raises UnableToEnter, UnableToJoin (somebody has that e-mail), and Django's ValidationError for a password too
    weak; the invitation is then still good.
    """
    link = claim_link(purpose=EntryLink.Purpose.INVITATION, secret=secret, now=now)
    address = link.email or email.strip().lower()
    if not address:
        raise UnableToJoin(_("Give an e-mail: you will sign in with it."))
    person = Person(email=address, name=name.strip(), role=link.role, language=language, time_zone=time_zone)
    validate_password(password, person)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if link.email:
            raise UnableToEnter from error
        raise UnableToJoin(_("Somebody with this e-mail is here already.")) from error
    return _joined(link=link, person=person, now=now)


@transaction.atomic
def accept_invitation_by_telegram(
    *,
    secret: str,
    user_id: int,
    nickname: str,
    telegram_name: str,
    username: str,
    language: str,
    now: datetime,
) -> Person:
    """Use an invitation up in the bot: no password, the Telegram user is the person.

    An e-mail that the invitation names becomes theirs. Raises UnableToEnter for the link, UnableToJoin when the
    Telegram user is somebody here already, UnableToApply for the nickname; the invitation is then still good.
    """
    link = claim_link(purpose=EntryLink.Purpose.INVITATION, secret=secret, now=now)
    name = checked_nickname_of(nickname, user_id=user_id)
    if person_of_telegram(user_id) is not None:
        raise UnableToJoin(_("You are known here already."))
    try:
        with transaction.atomic():
            person = new_person_of_telegram(
                user_id=user_id,
                name=name,
                role=Role(link.role),
                telegram_name=telegram_name,
                username=username,
                language=language if language in dict(settings.LANGUAGES) else "",
                email=link.email,
                now=now,
            )
    except IntegrityError as error:
        raise UnableToEnter from error
    _close_application(user_id=user_id, person=person, link=link, now=now)
    return _joined(link=link, person=person, now=now)


def checked_nickname_of(nickname: str, *, user_id: int) -> str:
    """As `checked_nickname`, but the nickname of one's own waiting application is free."""
    own = waiting_application(user_id)
    if own is not None and own.nickname.lower() == nickname.strip().lower():
        return own.nickname
    return checked_nickname(nickname)


def _close_application(*, user_id: int, person: Person, link: EntryLink, now: datetime) -> None:
    """Whoever had asked and now comes by a link waits no longer: who invited has decided."""
    waiting = waiting_application(user_id)
    if waiting is None:
        return
    waiting.state, waiting.person = Application.State.APPROVED, person
    waiting.decided_at, waiting.decided_by = now, link.invited_by
    waiting.save(update_fields=["state", "person", "decided_at", "decided_by"])
    application_decided.send(sender=Application, application=waiting, actor=link.invited_by, now=now)
    publish(TOPIC)
