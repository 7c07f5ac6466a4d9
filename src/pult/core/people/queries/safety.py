"""Reading how people are protected: their browsers, their second factors, what roles need."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from pult.core.people.models import BrowserSession, Person, SecondFactorDemand
from pult.core.registry import Role


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
