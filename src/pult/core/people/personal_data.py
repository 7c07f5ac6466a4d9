"""What people hold about a username: the Telegram of a colleague, and strangers who asked to be let in."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Application, TelegramIdentity
from pult.core.registry import Erased, PersonalData, PersonalRecord, Progress, Subject


def _applications(subject: Subject) -> "QuerySet[Application]":
    # Phone numbers are not asked of anybody here.
    found = Application.objects.exclude(username="")
    return found.none() if isinstance(subject, int) else found.filter(username__iexact=subject)


def stored_about(subject: Subject, progress: Progress) -> Iterator[PersonalRecord]:
    """Whoever has this username in Telegram, as a colleague or as somebody who asked."""
    if isinstance(subject, str):
        known = TelegramIdentity.objects.filter(username__iexact=subject).select_related("person")
        for identity in known.order_by("pk"):
            yield PersonalRecord("colleague", {"person": str(identity.person), "at": identity.linked_at})
    for application in _applications(subject).order_by("created_at"):
        yield PersonalRecord("application", {"nickname": application.nickname, "at": application.created_at})


def erase(subject: Subject, progress: Progress, force: bool) -> Erased:
    """Applications go, but for those that made a colleague: these lose the name only. A colleague is removed as such.

    One that nobody has decided yet is waited for, unless `force`.
    """
    found = _applications(subject)
    approved = found.filter(state=Application.State.APPROVED)
    waiting = found.filter(state=Application.State.WAITING)
    going = found.filter(state=Application.State.DECLINED) | (waiting if force else waiting.none())
    count = going.delete()[0] + approved.update(username="", telegram_name="")
    return Erased({"application": count} if count else {}, waits=not force and waiting.exists())


def personal_data() -> PersonalData:
    """For the registry."""
    return PersonalData(
        stored_about=stored_about,
        erase=erase,
        words={
            "colleague": _("A colleague with this username in Telegram; not erased here"),
            "application": _("Asked to be let in"),
            "person": _("Person"),
            "nickname": _("Nickname"),
            "at": _("At"),
        },
    )
