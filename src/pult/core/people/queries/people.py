"""Reading about people: for the list, for an open link, for a decision."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, F, OrderBy, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from pult.core.people.models import EntryLink, Person, TelegramIdentity
from pult.core.people.rules import (
    Refusal,
    Standing,
    digest_of,
    why_not_change_role,
    why_not_end_sessions,
    why_not_invite,
    why_not_let_in,
    why_not_remove,
    why_not_reset_second_factor,
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
    *, search: str = "", role: str = "", state: str = "", way: str = "", sort: str = "name"
) -> QuerySet[Person]:
    """Everybody, each with their Telegram as `telegram_here` (a list of one or none).

    Narrowed by a piece of name, e-mail or Telegram name, a role, "active" or "off", and a way in: "telegram", "email"
    or "both"; unknown values are ignored.
    """
    here = TelegramIdentity.objects.filter(simulated=settings.TELEGRAM.simulated)
    people = Person.objects.order_by(*SORTS.get(sort, SORTS["name"])).prefetch_related(
        Prefetch("telegram_identities", queryset=here, to_attr="telegram_here")
    )
    linked = here.filter(person=OuterRef("pk"))
    if search:
        word = search.removeprefix("@")
        named = linked.filter(Q(username__icontains=word) | Q(name__icontains=word))
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search) | Exists(named))
    if way in {"telegram", "both"}:
        people = people.filter(Exists(linked))
    if way in {"email", "both"}:
        people = people.exclude(email="")
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
    return Standing(
        id=person.pk,
        role=Role(person.role),
        active=person.is_active,
        manages=person.may("people.manage"),
    )


@dataclass(frozen=True, slots=True)
class Possibilities:
    """What one person may do to another; where the answer is no, why."""

    roles: list[Role]
    switch_off: Refusal | None
    switch_on: Refusal | None
    let_in: Refusal | None
    reset_second_factor: Refusal | None
    end_sessions: Refusal | None
    remove: Refusal | None


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
        reset_second_factor=why_not_reset_second_factor(doer, target),
        end_sessions=why_not_end_sessions(doer, target),
        remove=why_not_remove(doer, target, active_owners=active_owners),
    )


def roles_to_give(actor: Person) -> list[Role]:
    """The roles that this person may put into an invitation."""
    return [role for role in Role if why_not_invite(standing_of(actor), role) is None]


def person_named(text: str) -> Person | None:
    """Who is meant at the terminal by an e-mail, "@username" of Telegram, or "#12"; None when nobody is."""
    word = text.strip()
    if not word:
        return None
    if word.startswith("@"):
        return Person.objects.filter(
            telegram_identities__username__iexact=word[1:],
            telegram_identities__simulated=settings.TELEGRAM.simulated,
        ).first()
    if word.startswith("#") and word[1:].isascii() and word[1:].isdecimal():
        return Person.objects.filter(pk=int(word[1:])).first()
    return Person.objects.filter(email__iexact=word).first()
