"""What accounts hold about somebody: their own username and the last four digits of their number."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from pult.core.registry import Erased, PersonalData, PersonalRecord, Progress, Subject
from pult.core.telegram.models import Account


def stored_about(subject: Subject, progress: Progress) -> Iterator[PersonalRecord]:
    """Connected accounts with this username, or whose number ends like this one: it may be another such number."""
    if isinstance(subject, int):
        kind, accounts = "account_with_this_end", Account.objects.filter(phone_hint=str(subject)[-4:])
    else:
        kind, accounts = "account_with_this_name", Account.objects.filter(username__iexact=subject)
    for account in accounts.select_related("owner"):
        yield PersonalRecord(
            kind,
            {"account": account.label, "person": str(account.owner), "connected_at": account.connected_at},
        )


def erase(subject: Subject, progress: Progress, force: bool) -> Erased:
    """Nothing: an account belongs to a colleague, who removes it; its number is not kept."""
    return Erased({})


def personal_data() -> PersonalData:
    """For the registry."""
    return PersonalData(
        stored_about=stored_about,
        erase=erase,
        words={
            "account_with_this_end": _("A connected account whose number ends the same; not erased here"),
            "account_with_this_name": _("A connected account with this username; not erased here"),
            "account": _("Account"),
            "person": _("Connected by"),
            "connected_at": _("Connected"),
        },
    )
