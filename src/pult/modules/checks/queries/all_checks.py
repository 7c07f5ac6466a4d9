"""The checks of everybody, for those who manage them: totals and states, never a number or a person found."""

from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from pult.core.people.models import Person
from pult.modules.checks.models import Block, Check
from pult.modules.checks.queries.own_checks import ORDERS as OWN_ORDERS
from pult.modules.checks.queries.own_checks import STATE_FILTERS

ORDERS: dict[str, tuple[Any, ...]] = {
    **OWN_ORDERS,
    "person": ("owner__name", "owner__email", "-pk"),
    "-person": ("-owner__name", "-owner__email", "-pk"),
    "started": (F("started_at").asc(nulls_last=True), "-pk"),
    "-started": (F("started_at").desc(nulls_last=True), "-pk"),
}
NEWEST_FIRST = "-created"


def checks_managed_by(viewer: Person) -> QuerySet[Check]:
    """Everybody's checks for whoever may manage them, else nothing."""
    if not viewer.may("checks.manage"):
        return Check.objects.none()
    return Check.objects.exclude(state=Check.State.REMOVED).select_related("owner")


def narrowed(
    checks: QuerySet[Check], *, search: str = "", state: str = "", person: str = ""
) -> QuerySet[Check]:
    """By a piece of the check's or the person's name, a key of STATE_FILTERS, and a person's id."""
    if search:
        checks = checks.filter(
            Q(name__icontains=search) | Q(owner__name__icontains=search) | Q(owner__email__icontains=search)
        )
    if state in STATE_FILTERS:
        checks = checks.filter(state__in=STATE_FILTERS[state])
    if person.isdecimal() and len(person) < 10:
        checks = checks.filter(owner=int(person))
    return checks


def with_totals(checks: QuerySet[Check]) -> QuerySet[Check]:
    """The checks with `found`, `not_found` and `unanswered`."""
    return checks.annotate(
        found=_sum_of_blocks("found_count"),
        not_found=_sum_of_blocks("not_found_count"),
        unanswered=_sum_of_blocks("unanswered_count"),
    )


def _sum_of_blocks(column: str) -> Coalesce:
    blocks = Block.objects.filter(check_ref=OuterRef("pk")).order_by().values("check_ref")
    return Coalesce(Subquery(blocks.annotate(total=Sum(column)).values("total")), 0)
