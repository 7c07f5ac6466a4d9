"""Reading about Telegram users: who they are here, and what they asked."""

from django.conf import settings
from django.db.models import QuerySet

from pult.core.people.models import Application, Person, TelegramIdentity
from pult.core.people.queries.rights import roles_that_may


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


def applications_decided() -> QuerySet[Application]:
    """Those that somebody decided, the latest first, each with who did and whom it made."""
    return (
        Application.objects.exclude(state=Application.State.WAITING)
        .filter(simulated=settings.TELEGRAM.simulated)
        .select_related("decided_by", "person")
        .order_by("-decided_at")
    )


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
