"""Strangers who ask to be let in: a nickname in the bot, and one decision by whoever manages people."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import database_now
from pult.core.live import publish
from pult.core.people.events import application_decided, application_made
from pult.core.people.models import Application, Person, TelegramIdentity
from pult.core.people.nicknames import (
    LONGEST_NICKNAME,
    SHORTEST_NICKNAME,
    is_plain,
    tidy_nickname,
    tidy_telegram_name,
)
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.standing import current_standing
from pult.core.people.queries import person_of_telegram, waiting_application
from pult.core.people.rules import APPLY_AGAIN_AFTER, DECLINED_KEPT, MOST_WAITING, why_not_invite
from pult.core.registry import Role

TOPIC = "applications:all"
"""The live topic of the page on which applications wait."""
# Nicknames are compared one after another; the number is this room's own.
LOCK = 731_442_001


class UnableToApply(Unable):
    """This cannot be asked, or not now; `field` is "nickname" where another nickname would do."""

    def __init__(self, reason: object, *, field: str = "") -> None:
        super().__init__(reason)  # type: ignore[arg-type]  # a text or a lazy one
        self.field = field


class UnableToDecide(Unable):
    """The application is decided already, or this actor may not decide it so; `application` is as it stands."""

    def __init__(self, reason: object, *, application: Application | None = None) -> None:
        super().__init__(reason)  # type: ignore[arg-type]  # a refusal, a text or a lazy one
        self.application = application


def checked_nickname(text: str) -> str:
    """A nickname as it will stand in lists. Raises UnableToApply when it is odd or somebody else's."""
    nickname = tidy_nickname(text)
    if not SHORTEST_NICKNAME <= len(nickname) <= LONGEST_NICKNAME:
        words = _("A nickname has %(shortest)d to %(longest)d characters.")
        limits = {"shortest": SHORTEST_NICKNAME, "longest": LONGEST_NICKNAME}
        raise UnableToApply(words % limits, field="nickname")
    if not is_plain(nickname):
        raise UnableToApply(_("Use letters, digits, spaces, dots and dashes only."), field="nickname")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    taken = (
        Person.objects.filter(name__iexact=nickname).exists()
        or Application.objects.filter(
            nickname__iexact=nickname,
            state=Application.State.WAITING,
            simulated=settings.TELEGRAM.simulated,
        ).exists()
    )
    if taken:
        raise UnableToApply(
            _("Somebody here has this nickname already. Choose another one."), field="nickname"
        )
    return nickname


def why_not_apply(*, user_id: int, now: datetime) -> Unable | None:
    """What stands against an application before a nickname is even asked for: None when it may be made."""
    person = person_of_telegram(user_id)
    if person is not None:
        return UnableToApply(
            _("You are known here already.")
            if person.is_active
            else _("Your access is closed. Ask an administrator.")
        )
    if waiting_application(user_id) is not None:
        return UnableToApply(_("You have asked already. You will hear as soon as somebody decides."))
    lately = Application.objects.filter(
        user_id=user_id,
        simulated=settings.TELEGRAM.simulated,
        state=Application.State.DECLINED,
        decided_at__gt=now - APPLY_AGAIN_AFTER,
    )
    if lately.exists():
        return UnableToApply(_("You were declined a short while ago. You may ask again after a day."))
    waiting = Application.objects.filter(
        state=Application.State.WAITING, simulated=settings.TELEGRAM.simulated
    )
    if waiting.count() >= MOST_WAITING:
        return UnableToApply(_("Too many people wait to be let in. Try again later."))
    return None


@transaction.atomic
def apply_for_access(
    *, user_id: int, nickname: str, telegram_name: str, username: str, language: str, now: datetime
) -> Application:
    """Store that a Telegram user wants to be let in; whoever manages people hears of it. Raises UnableToApply."""
    name = checked_nickname(nickname)
    against = why_not_apply(user_id=user_id, now=now)
    if against is not None:
        raise against
    application = Application.objects.create(
        user_id=user_id,
        simulated=settings.TELEGRAM.simulated,
        nickname=name,
        telegram_name=tidy_telegram_name(telegram_name),
        username=tidy_telegram_name(username, 64),
        language=language if language in dict(settings.LANGUAGES) else "",
        created_at=now,
    )
    application_made.send(sender=Application, application=application, now=now)
    publish(TOPIC)
    return application


@transaction.atomic
def decide_application(
    *,
    actor: Person | None,
    application_id: UUID,
    approve: bool,
    role: Role = Role.OPERATOR,
    now: datetime,
) -> Application:
    """Let somebody in with a role, or decline; the first decision stands.

    Raises UnableToDecide (with who decided already), Application.DoesNotExist for an unknown id.
    """
    refusal = why_not_invite(current_standing(actor), role if approve else Role.OPERATOR)
    if refusal is not None:
        raise UnableToDecide(refusal)
    application = Application.objects.select_for_update(of=("self",)).get(pk=application_id)
    if application.state != Application.State.WAITING:
        raise UnableToDecide(already_decided(application), application=application)
    if approve:
        application.person = _let_in(application, role=role, now=now)
    application.state = Application.State.APPROVED if approve else Application.State.DECLINED
    application.decided_at, application.decided_by = now, actor
    application.save(update_fields=["state", "decided_at", "decided_by", "person"])
    record(
        action="application.approved" if approve else "application.declined",
        actor=actor,
        now=now,
        object_type="person" if application.person else "application",
        object_id=application.person.pk if application.person else application.pk,
        **({"role": role.value} if approve else {}),
    )
    application_decided.send(sender=Application, application=application, actor=actor, now=now)
    publish(TOPIC)
    return application


def already_decided(application: Application) -> object:
    """By whom, as a sentence."""
    who = application.decided_by
    if application.state == Application.State.APPROVED:
        words, nobody = _("%(name)s has approved this already."), _("This is approved already.")
    else:
        words, nobody = _("%(name)s has declined this already."), _("This is declined already.")
    return words % {"name": who} if who is not None else nobody


def _let_in(application: Application, *, role: Role, now: datetime) -> Person:
    """The person of an application; somebody whom a link has let in meanwhile stays who they are."""
    known = person_of_telegram(application.user_id)
    if known is not None:
        return known
    return new_person_of_telegram(
        user_id=application.user_id,
        name=application.nickname,
        role=role,
        telegram_name=application.telegram_name,
        username=application.username,
        language=application.language,
        now=now,
    )


def next_declined_to_forget() -> datetime | None:
    """When it has been remembered long enough who was declined."""
    oldest: datetime | None = _declined().aggregate(at=Min("decided_at"))["at"]
    return None if oldest is None else oldest + DECLINED_KEPT


def forget_declined() -> None:
    """Names of strangers go; the trail keeps that somebody was declined."""
    _declined().filter(decided_at__lte=database_now() - DECLINED_KEPT).delete()


def _declined() -> "QuerySet[Application]":
    return Application.objects.filter(state=Application.State.DECLINED)


def new_person_of_telegram(
    *,
    user_id: int,
    name: str,
    role: Role,
    telegram_name: str,
    username: str,
    language: str,
    now: datetime,
    email: str = "",
) -> Person:
    """Store a person whom Telegram names; without a password, which they may choose later."""
    person = Person.objects.create_user(email=email, name=name, role=role.value, language=language)
    TelegramIdentity.objects.create(
        person=person,
        user_id=user_id,
        simulated=settings.TELEGRAM.simulated,
        name=tidy_telegram_name(telegram_name),
        username=tidy_telegram_name(username, 64),
        linked_at=now,
    )
    return person
