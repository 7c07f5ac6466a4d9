"""A person's own checks: nobody reads another's, so every read of a page begins here."""

from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from pult.modules.checks.kinds import KINDS
from pult.modules.checks.models import Block, Check

ORDERS: dict[str, tuple[Any, ...]] = {
    "created": ("created_at", "pk"),
    "-created": ("-created_at", "-pk"),
    "name": ("name", "-pk"),
    "-name": ("-name", "-pk"),
    "numbers": ("valid_count", "-pk"),
    "-numbers": ("-valid_count", "-pk"),
}
NEWEST_FIRST = "-created"

# What a person looks for in the list: several states of the row are one thing to them.
STATE_FILTERS: dict[str, tuple[Check.State, ...]] = {
    "preparing": (Check.State.UPLOADED, Check.State.READING, Check.State.UNREADABLE, Check.State.READY),
    "running": (Check.State.RUNNING,),
    "paused": (Check.State.PAUSED,),
    "finished": (Check.State.FINISHED,),
    "cancelled": (Check.State.CANCELLED,),
}


def own_checks(person: Any) -> QuerySet[Check]:
    """All checks of the person, except those being removed."""
    return Check.objects.filter(owner=person).exclude(state=Check.State.REMOVED)


def may_follow(person: Any, check_id: str) -> bool:
    """Whether the live topic `check:<id>` is the person's own."""
    return (
        check_id.isdecimal() and len(check_id) < 19 and own_checks(person).filter(pk=int(check_id)).exists()
    )


def checks_listed(
    person: Any, *, search: str = "", state: str = "", kind: str = "", order: str = NEWEST_FIRST
) -> QuerySet[Check]:
    """The history, narrowed by a piece of the name and a key of STATE_FILTERS and a kind; unknown values are ignored.

    Each check carries `found`, `not_found` and `unanswered`.
    """
    checks = own_checks(person).order_by(*ORDERS.get(order, ORDERS[NEWEST_FIRST]))
    if search:
        checks = checks.filter(Q(name__icontains=search) | Q(purpose__icontains=search))
    if state in STATE_FILTERS:
        checks = checks.filter(state__in=STATE_FILTERS[state])
    if kind in KINDS:
        checks = checks.filter(kind=kind)
    return checks.annotate(
        found=_sum_of_blocks("found_count"),
        not_found=_sum_of_blocks("not_found_count"),
        unanswered=_sum_of_blocks("unanswered_count"),
    )


def kind_counts(person: Any) -> list[tuple[str, int]]:
    """How many checks there are of each kind, in the order of kinds."""
    counts = dict(own_checks(person).values_list("kind").annotate(count=Count("pk")).order_by())
    return [(kind, counts[kind]) for kind in KINDS if kind in counts]


def last_region(person: Any) -> str:
    """The country that the person chose last for a list; "" when none."""
    national = [kind.name for kind in KINDS.values() if kind.national]
    checks = own_checks(person).filter(kind__in=national).order_by("-created_at")
    return checks.values_list("region", flat=True).first() or ""


def last_purposes(person: Any, most: int = 3) -> list[tuple[int, str]]:
    """What the person's latest lists were for: (id of the check, purpose), each purpose once, the latest first."""
    latest = own_checks(person).exclude(purpose="").order_by("-created_at").values_list("pk", "purpose")[:30]
    once: dict[str, int] = {}
    for check_id, purpose in latest:
        once.setdefault(purpose, check_id)
    return [(check_id, purpose) for purpose, check_id in once.items()][:most]


def numbers_of(check: Check) -> dict[str, int]:
    """Sums over the blocks of a check: blocks, size, found, not_found, unanswered, and `final`, whose verdict stays.

    Numbers that are unanswered for now and come again are in `unanswered` but not in `final`.
    """
    over = Case(When(state=Block.State.DONE, then=F("unanswered_count")), default=Value(0))
    sums = Block.objects.filter(check_ref=check).aggregate(
        size=Coalesce(Sum("size"), 0),
        found=Coalesce(Sum("found_count"), 0),
        not_found=Coalesce(Sum("not_found_count"), 0),
        unanswered=Coalesce(Sum("unanswered_count"), 0),
        unanswered_for_good=Coalesce(Sum(over), 0),
    )
    return {**sums, "final": sums["found"] + sums["not_found"] + sums["unanswered_for_good"]}


def _sum_of_blocks(column: str) -> Coalesce:
    blocks = Block.objects.filter(check_ref=OuterRef("pk")).order_by().values("check_ref")
    return Coalesce(Subquery(blocks.annotate(total=Sum(column)).values("total")), 0)


def state_counts(person: Any) -> dict[str, int]:
    """How many checks each key of STATE_FILTERS would show."""
    counts = dict(own_checks(person).values_list("state").annotate(count=Count("pk")).order_by())
    return {key: sum(counts.get(state, 0) for state in states) for key, states in STATE_FILTERS.items()}
