"""One person out of two records: everything of the one goes to the other, and nothing is lost on the way."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ForeignObjectRel
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import hand_over, record
from pult.core.live import publish, shut_out_topic
from pult.core.people.events import people_merge
from pult.core.people.models import (
    Application,
    BrowserSession,
    EntryLink,
    PermissionChoice,
    Person,
    SignInCode,
    TelegramIdentity,
)
from pult.core.people.operations.links import void_sign_in_links
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import lock_for_decision
from pult.core.people.queries import standing_of, two_telegrams
from pult.core.people.rules import Refusal, why_not_merge
from pult.core.people.second_factor import SEALED, open_factor, seal_factor
from pult.core.secrets import UnableToReveal


class UnableToMerge(Unable):
    """These two records do not become one."""


class LeftBehind(RuntimeError):
    """A room did not hand over what belongs to the merged person: a fault of the programme; nothing was changed."""


@transaction.atomic
def merge_people(*, actor: Person | None, kept: Person, merged: Person, now: datetime) -> Person:
    """Make one person of two records of the same human: everything of `merged` goes to `kept`, then its row goes.

    `kept` keeps role, name, preferences, and e-mail with password where there is one; else those of `merged` come
    along, as do its Telegram and its second factors. Browsers signed in as `merged` are signed out.
    Raises UnableToMerge; LeftBehind rolls everything back.
    """
    decision = lock_for_decision(actor=actor, person=kept, also=merged)
    target, source = decision.target, decision.other
    if source is None:
        raise UnableToMerge(Refusal.SAME_PERSON)
    refusal = why_not_merge(
        decision.actor, decision.standing, standing_of(source), active_owners=decision.active_owners
    )
    if refusal is not None:
        raise UnableToMerge(refusal)
    _join_telegrams(kept=target, merged=source)
    _hand_over_second_factors(kept=target, merged=source)
    _end_ways_in(source, now=now)
    _hand_over_own_rows(kept=target, merged=source)
    people_merge.send(sender=Person, kept=target, merged=source, actor=actor, now=now)
    hand_over(former_id=source.pk, to_id=target.pk)
    name, former_id = str(source), source.pk
    left = rows_of(source)
    if left:
        raise LeftBehind(f"still of the merged person: {', '.join(sorted(left))}")
    email, password, login = source.email, source.password, source.last_login
    source.delete()
    _take_credentials(target, email=email, password=password, last_login=login)
    record(
        action="person.merged",
        actor=actor,
        now=now,
        object_type="person",
        object_id=target.pk,
        person=name,
        former=former_id,
    )
    publish(f"person:{target.pk}")
    publish(shut_out_topic(former_id))
    return target


def rows_of(person: Person) -> dict[str, int]:
    """{"checks.Check.owner": 3, …}: everything in the database that names this person."""
    found = {}
    for relation in relations():
        model: Any = relation.related_model
        count = model._default_manager.filter(**{relation.field.name: person.pk}).count()
        if count:
            found[f"{model._meta.label}.{relation.field.name}"] = count
    return found


def relations() -> Iterable[ForeignObjectRel]:
    """Every column of every room that points to people."""
    return Person._meta.related_objects


def _join_telegrams(*, kept: Person, merged: Person) -> None:
    """Of each Telegram (the real one, the simulated one) a person has one user at most, and none is thrown away."""
    if two_telegrams(kept, merged):
        raise UnableToMerge(Refusal.TWO_TELEGRAMS)
    TelegramIdentity.objects.filter(person=merged).update(person=kept)


def _hand_over_second_factors(*, kept: Person, merged: Person) -> None:
    """What the kept person has stays; keys, and an app or recovery codes that they lack, come along, sealed anew."""
    present = set(Authenticator.objects.filter(user_id=kept.pk).values_list("type", flat=True))
    coming = Authenticator.objects.filter(user_id=merged.pk).values_list("pk", "type", "data")
    for pk, kind, data in coming:
        row = Authenticator.objects.filter(pk=pk)
        if kind != Authenticator.Type.WEBAUTHN and kind in present:
            row._raw_delete(row.db)
            continue
        try:
            fresh = {
                name: seal_factor(open_factor(data[name]), person_id=kept.pk)
                for name in SEALED
                if name in data
            }
        except UnableToReveal as error:
            raise UnableToMerge(
                _("The second factor of %(name)s cannot be opened. Take it away first.") % {"name": merged}
            ) from error
        row.update(user_id=kept.pk, data={**data, **fresh})


def _end_ways_in(merged: Person, *, now: datetime) -> None:
    """Sessions, codes and open links of the merged record let nobody in any more."""
    keys = list(BrowserSession.objects.filter(person=merged).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    BrowserSession.objects.filter(person=merged).delete()
    SignInCode.objects.filter(person=merged).delete()
    void_sign_in_links(person=merged, now=now)
    EntryLink.objects.filter(
        purpose=EntryLink.Purpose.TELEGRAM, person=merged, used_at=None, revoked_at=None
    ).update(revoked_at=now)


def _hand_over_own_rows(*, kept: Person, merged: Person) -> None:
    EntryLink.objects.filter(person=merged).update(person=kept)
    EntryLink.objects.filter(invited_by=merged).update(invited_by=kept)
    Application.objects.filter(person=merged).update(person=kept)
    Application.objects.filter(decided_by=merged).update(decided_by=kept)
    PermissionChoice.objects.filter(changed_by=merged).update(changed_by=kept)
    # allauth's own list of addresses, where it keeps one: signing in goes by the person's row.
    EmailAddress.objects.filter(user_id=merged.pk).delete()
    for relation in relations():
        model: Any = relation.related_model
        # Rows of libraries (Django's admin, allauth's sign-ins elsewhere) have nobody who hears of a merging.
        if not model._meta.app_config.name.startswith("pult."):
            column = relation.field.name
            model._default_manager.filter(**{column: merged.pk}).update(**{column: kept.pk})


def _take_credentials(kept: Person, *, email: str, password: str, last_login: datetime | None) -> None:
    """E-mail and password of the merged record, where the kept one has no e-mail; the later of the two sign-ins."""
    if email and not kept.email:
        kept.email = email
        if not kept.has_usable_password():
            kept.password = password
    kept.last_login = max(filter(None, (kept.last_login, last_login)), default=None)
    kept.save(update_fields=["email", "password", "last_login"])
