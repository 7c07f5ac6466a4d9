"""Which Telegram user a person is: linked by a one-time link or by signing in, and unlinked again."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.live import publish
from pult.core.people.models import EntryLink, Person, SignInCode, TelegramIdentity
from pult.core.people.nicknames import tidy_telegram_name
from pult.core.people.operations.links import IssuedLink, UnableToEnter, claim_link, make_link
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import lock_for_decision
from pult.core.people.rules import TELEGRAM_LINK_LIFE, why_not_unlink


class UnableToLink(Unable):
    """This Telegram user cannot become that person."""


class UnableToUnlink(Unable):
    """The Telegram of this person stays."""


@transaction.atomic
def link_telegram(
    *, person: Person, user_id: int, name: str, username: str, now: datetime
) -> TelegramIdentity:
    """From now on that Telegram user is this person; the same again only refreshes name and username.

    Raises UnableToLink when the user is somebody else here, or the person has another Telegram.
    """
    here = settings.TELEGRAM.simulated
    # Locked, so that two links of one person follow each other.
    linked = Person.objects.select_for_update().get(pk=person.pk)
    shown = {"name": tidy_telegram_name(name), "username": tidy_telegram_name(username, 64)}
    known = TelegramIdentity.objects.filter(user_id=user_id, simulated=here).first()
    if known is not None and known.person_id == linked.pk:
        TelegramIdentity.objects.filter(pk=known.pk).update(**shown)
        known.refresh_from_db()
        return known
    if known is not None:
        raise UnableToLink(
            _("This Telegram belongs to another person here. An administrator can merge the two.")
        )
    if TelegramIdentity.objects.filter(person=linked, simulated=here).exists():
        raise UnableToLink(_("Another Telegram is linked already. Unlink that one first."))
    try:
        with transaction.atomic():
            identity = TelegramIdentity.objects.create(
                person=linked, user_id=user_id, simulated=here, linked_at=now, **shown
            )
    except IntegrityError as error:
        raise UnableToLink(
            _("This Telegram was linked with somebody else a moment ago. Look again.")
        ) from error
    record(
        action="person.telegram_linked",
        actor=linked,
        now=now,
        object_type="person",
        object_id=linked.pk,
    )
    publish(f"person:{linked.pk}")
    return identity


@transaction.atomic
def unlink_telegram(*, person: Person, now: datetime) -> bool:
    """Somebody takes their own Telegram off; False when none was linked.

    Raises UnableToUnlink when nothing else would let them in.
    """
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not (locked.email and locked.has_usable_password()):
        raise UnableToUnlink(
            _("Without Telegram you could not sign in any more. Choose an e-mail and a password first.")
        )
    return _unlinked(person=locked, actor=locked, now=now)


@transaction.atomic
def take_telegram_away(*, actor: Person | None, person: Person, now: datetime) -> bool:
    """A manager takes the Telegram of a person off (a lost phone, a sold account); False when none was linked.

    Who had nothing else comes in again by a one-time link. Raises UnableToUnlink.
    """
    decision = lock_for_decision(actor=actor, person=person)
    refusal = why_not_unlink(decision.actor, decision.standing)
    if refusal is not None:
        raise UnableToUnlink(refusal)
    return _unlinked(person=decision.target, actor=actor, now=now)


def _unlinked(*, person: Person, actor: Person | None, now: datetime) -> bool:
    count, _rows = TelegramIdentity.objects.filter(
        person=person, simulated=settings.TELEGRAM.simulated
    ).delete()
    if count:
        # Whoever has the telephone may have asked the bot for one a moment ago.
        SignInCode.objects.filter(person=person).delete()
        record(
            action="person.telegram_unlinked",
            actor=actor,
            now=now,
            object_type="person",
            object_id=person.pk,
        )
        publish(f"person:{person.pk}")
    return bool(count)


@transaction.atomic
def create_telegram_link(*, person: Person, now: datetime) -> IssuedLink:
    """A link for /start of the main bot that makes whoever opens it in Telegram this person; earlier ones are void."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    EntryLink.objects.filter(
        purpose=EntryLink.Purpose.TELEGRAM, person=locked, used_at=None, revoked_at=None
    ).update(revoked_at=now)
    return make_link(
        now=now,
        life=TELEGRAM_LINK_LIFE,
        purpose=EntryLink.Purpose.TELEGRAM,
        person=locked,
        role=locked.role,
        invited_by=locked,
    )


@transaction.atomic
def use_telegram_link(*, secret: str, user_id: int, name: str, username: str, now: datetime) -> Person:
    """Use such a link up. Raises UnableToEnter for the link and UnableToLink for the user; it is then still good."""
    link = claim_link(purpose=EntryLink.Purpose.TELEGRAM, secret=secret, now=now)
    if link.person is None or not link.person.is_active:
        raise UnableToEnter
    link_telegram(person=link.person, user_id=user_id, name=name, username=username, now=now)
    return link.person
