"""For what and for how long a person's lists are kept: what they chose before, and what goes soon."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, QuerySet

from pult.core.privacy.values import ANNOUNCED, UNTIL_REMOVED
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import own_checks

MOST_PURPOSES = 12


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person chose for the latest list; None and "" while there is none."""

    purpose: str = ""
    keep_days: int | None = None


def last_wishes(person: Any) -> Wishes:
    """Purpose and number of days (UNTIL_REMOVED included) of the person's latest list that has a purpose."""
    latest = own_checks(person).exclude(purpose="").order_by("-created_at", "-pk")
    row = latest.values_list("purpose", "created_at", "erase_at").first()
    if row is None:
        return Wishes()
    purpose, created_at, erase_at = row
    days = (
        UNTIL_REMOVED if erase_at is None else max(1, round((erase_at - created_at).total_seconds() / 86_400))
    )
    return Wishes(purpose, days)


def own_purposes(person: Any) -> list[str]:
    """Purposes that the person has given before, the latest first."""
    named = own_checks(person).exclude(purpose="").values("purpose").annotate(last=Max("created_at"))
    return list(named.order_by("-last").values_list("purpose", flat=True)[:MOST_PURPOSES])


def soon_erased(person: Any, *, now: datetime) -> QuerySet[Check]:
    """The person's checks that are erased within the next days, the first one first."""
    return own_checks(person).filter(erase_at__lte=now + ANNOUNCED).order_by("erase_at", "pk")


def is_announced(check: Check, *, now: datetime) -> bool:
    """Whether the check is erased so soon that its owner is told."""
    return check.erase_at is not None and check.erase_at <= now + ANNOUNCED


def next_erasure() -> datetime | None:
    """When the next check has to be erased; None while none has an end."""
    kept = Check.objects.filter(erase_at__isnull=False).exclude(state=Check.State.REMOVED)
    end: datetime | None = kept.aggregate(end=Min("erase_at"))["end"]
    return end
