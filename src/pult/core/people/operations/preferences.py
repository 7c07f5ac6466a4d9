"""What people decide about themselves: name, password, language, time zone."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.people.models import PLACEHOLDER_EMAIL, Person
from pult.core.people.operations.links import void_sign_in_links
from pult.core.people.operations.refusals import Unable


class UnableToSettleIn(Unable):
    """The e-mail given belongs to somebody else."""


@transaction.atomic
def choose_password(*, person: Person, password: str, now: datetime) -> None:
    """Set the person's password: other sessions end, open sign-in links are void.

    Raises Django's ValidationError for a password too weak.
    """
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    void_sign_in_links(person=person, now=now)
    record(action="person.password_changed", actor=person, now=now, object_type="person", object_id=person.pk)


@transaction.atomic
def settle_in(
    *, person: Person, name: str, password: str, language: str, time_zone: str, now: datetime, email: str = ""
) -> Person:
    """Name and password after a one-time link, and the e-mail of an owner who has none yet.

    `email` counts only while there is none but the placeholder of the first start, or none at all. Raises
    UnableToSettleIn when somebody else has that e-mail, and Django's ValidationError for a password too weak.
    """
    settled = Person.objects.select_for_update().get(pk=person.pk)
    if email and settled.email in {"", PLACEHOLDER_EMAIL}:
        settled.email = email.strip().lower()
    settled.name, settled.language, settled.time_zone = name.strip(), language, time_zone
    try:
        with transaction.atomic():
            settled.save(update_fields=["email", "name", "language", "time_zone"])
    except IntegrityError as error:
        raise UnableToSettleIn(_("Somebody with this e-mail is here already.")) from error
    choose_password(person=settled, password=password, now=now)
    return settled


@transaction.atomic
def change_profile(*, person: Person, name: str, language: str, time_zone: str, now: datetime) -> Person:
    """Change one's own name, language and time zone."""
    person.name, person.language, person.time_zone = name.strip(), language, time_zone
    person.save(update_fields=["name", "language", "time_zone"])
    record(action="person.profile_changed", actor=person, now=now, object_type="person", object_id=person.pk)
    return person


class UnableToChangeEmail(Unable):
    """The e-mail stays; `field` names what was wrong: "password" or "email"."""

    def __init__(self, reason: str | Promise, *, field: str) -> None:
        super().__init__(reason)
        self.field = field


@transaction.atomic
def change_email(*, person: Person, email: str, password: str, now: datetime) -> Person:
    """Change one's own e-mail, confirmed by the present password; open sign-in links are void.

    No letter is needed: who mistypes it still has this session and the password, and a manager can make a one-time
    link. Raises UnableToChangeEmail.
    """
    changed = Person.objects.select_for_update().get(pk=person.pk)
    if not changed.check_password(password):
        raise UnableToChangeEmail(_("This is not your present password."), field="password")
    address = email.strip().lower()
    if address == changed.email:
        return changed
    changed.email = address
    try:
        with transaction.atomic():
            changed.save(update_fields=["email"])
    except IntegrityError as error:
        raise UnableToChangeEmail(_("Somebody with this e-mail is here already."), field="email") from error
    void_sign_in_links(person=changed, now=now)
    record(action="person.email_changed", actor=changed, now=now, object_type="person", object_id=changed.pk)
    return changed


def change_language(*, person: Person, language: str) -> None:
    """Remember the language that a person has just switched to; not worth an audit entry."""
    Person.objects.filter(pk=person.pk).update(language=language)
