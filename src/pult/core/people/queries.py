"""Reading about people: for the list, for an open link, for the terminal."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, F, OrderBy, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from pult.core.people.models import (
    Application,
    BrowserSession,
    EntryLink,
    PermissionChoice,
    Person,
    SecondFactorDemand,
    TelegramIdentity,
)
from pult.core.people.rules import (
    Refusal,
    Standing,
    digest_of,
    role_holds,
    why_not_change_role,
    why_not_end_sessions,
    why_not_invite,
    why_not_let_in,
    why_not_remove,
    why_not_reset_second_factor,
    why_not_switch_off,
    why_not_switch_on,
)
from pult.core.registry import Role, registry

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


def browser_sessions_of(person: Person, *, now: datetime) -> QuerySet[BrowserSession]:
    """Where a person is signed in now, the latest seen first."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return BrowserSession.objects.filter(Exists(alive), person=person).order_by("-seen_at", "-began_at")


@dataclass(frozen=True, slots=True)
class Factors:
    """The second factors of one person: an app, so many keys, recovery codes."""

    app: bool
    keys: int
    codes: bool

    def __bool__(self) -> bool:
        return self.app or bool(self.keys)


def factors_of(person: Person) -> Factors:
    """Without opening any secret: also for people whose secrets no longer open."""
    types = list(Authenticator.objects.filter(user_id=person.pk).values_list("type", flat=True))
    return Factors(
        app=Authenticator.Type.TOTP in types,
        keys=types.count(Authenticator.Type.WEBAUTHN),
        codes=Authenticator.Type.RECOVERY_CODES in types,
    )


@dataclass(frozen=True, slots=True)
class RoleSafety:
    """A role: how many active people it has, how many of them a second factor, and whether it is demanded."""

    role: Role
    people: int
    protected: int
    demanded: bool


def safety_of_roles() -> list[RoleSafety]:
    """For the page on which owners demand second factors; two queries."""
    factors = Authenticator.objects.filter(
        user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    counted: dict[str, dict[str, int]] = {
        row["role"]: {"all": row["all"], "with_factor": row["with_factor"]}
        for row in Person.objects.filter(is_active=True)
        .annotate(protected=Exists(factors))
        .values("role")
        .annotate(all=Count("pk"), with_factor=Count("pk", filter=Q(protected=True)))
    }
    demanded = set(SecondFactorDemand.objects.values_list("role", flat=True))
    return [
        RoleSafety(
            role=role,
            people=counted.get(role.value, {}).get("all", 0),
            protected=counted.get(role.value, {}).get("with_factor", 0),
            demanded=role.value in demanded,
        )
        for role in Role
    ]


def person_of_telegram(user_id: int) -> Person | None:
    """Who that Telegram user is here, also while their access is closed; None for a stranger.

    Of this installation's Telegram: a simulated user and a real one of the same number are two.
    """
    return (
        Person.objects.with_standing()
        .filter(
            telegram_identities__user_id=user_id,
            telegram_identities__simulated=settings.TELEGRAM.simulated,
        )
        .first()
    )


def telegram_of(person: Person) -> TelegramIdentity | None:
    """The Telegram of a person, in the Telegram that this installation talks to."""
    return TelegramIdentity.objects.filter(person=person, simulated=settings.TELEGRAM.simulated).first()


def waiting_application(user_id: int) -> Application | None:
    """What that Telegram user asked and nobody has decided yet."""
    return Application.objects.filter(
        user_id=user_id, simulated=settings.TELEGRAM.simulated, state=Application.State.WAITING
    ).first()


def applications_waiting() -> QuerySet[Application]:
    """Who waits to be let in, whoever waits longest first."""
    return Application.objects.filter(
        state=Application.State.WAITING, simulated=settings.TELEGRAM.simulated
    ).order_by("created_at")


def roles_that_may(permission: str) -> list[Role]:
    """The roles that hold a permission at this moment."""
    chosen = dict(PermissionChoice.objects.filter(permission=permission).values_list("role", "allowed"))
    known = registry.permission(permission)
    return [role for role in Role if role_holds(role, known, chosen.get(role.value))]


def administrators_in_telegram() -> list[tuple[Person, int]]:
    """[(person, Telegram user id)] of everybody who may decide about applications and can be reached by a bot."""
    roles = [role.value for role in roles_that_may("people.manage")]
    identities = (
        TelegramIdentity.objects.filter(
            simulated=settings.TELEGRAM.simulated, person__is_active=True, person__role__in=roles
        )
        .select_related("person")
        .order_by("person_id")
    )
    return [(identity.person, identity.user_id) for identity in identities]
