"""What accounts hold about a phone number: their own last four digits, and nothing else in clear."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from pult.core.registry import Erased, PersonalData, PersonalRecord, Progress
from pult.core.telegram.models import Account


def stored_about(phone: int, progress: Progress) -> Iterator[PersonalRecord]:
    """Connected accounts whose number ends like this one; it may be another number that ends the same."""
    for account in Account.objects.filter(phone_hint=str(phone)[-4:]).select_related("owner"):
        yield PersonalRecord(
            "account_with_this_end",
            {"account": account.label, "person": str(account.owner), "connected_at": account.connected_at},
        )


def erase(phone: int, progress: Progress, force: bool) -> Erased:
    """Nothing: an account belongs to a colleague, who removes it; its number is not kept."""
    return Erased({})


def personal_data() -> PersonalData:
    """For the registry."""
    return PersonalData(
        stored_about=stored_about,
        erase=erase,
        words={
            "account_with_this_end": _("A connected account whose number ends the same; not erased here"),
            "account": _("Account"),
            "person": _("Connected by"),
            "connected_at": _("Connected"),
        },
    )
