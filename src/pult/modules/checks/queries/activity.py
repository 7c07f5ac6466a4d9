"""What people do with checks: how much they asked, what came of it, and what they may still ask today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from pult.core.people.models import Person
from pult.core.telegram.models import Account
from pult.modules.checks.models import Allowance, Block, Check, Hold, Usage
from pult.modules.checks.queries.turns import TODAY, clock

DAYS_SHOWN = 30
ORDERS: dict[str, tuple[Any, ...]] = {
    "name": ("name", "email"),
    "-name": ("-name", "-email"),
    **{
        key: (F(column).asc(nulls_first=True), "pk")
        for key, column in (
            ("checks", "checks_made"),
            ("today", "today"),
            ("week", "week"),
            ("month", "month"),
        )
    },
    **{
        f"-{key}": (F(column).desc(nulls_last=True), "pk")
        for key, column in (
            ("checks", "checks_made"),
            ("today", "today"),
            ("week", "week"),
            ("month", "month"),
        )
    },
    "last": (F("last_activity").asc(nulls_first=True), "pk"),
    "-last": (F("last_activity").desc(nulls_last=True), "pk"),
}
BUSIEST_FIRST = "-month"


@dataclass(frozen=True, slots=True)
class Activity:
    """A person on the page of activity; `left` is what the day still allows (None: no allowance)."""

    person: Any
    verdicts: int
    accounts: int
    left: int | None
    series: tuple[int, ...]
    hold: Hold | None


def today() -> date:
    """The day of the installation's time zone, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {TODAY}", clock())
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM always gives a row
    day: date = row[0]
    return day


def people_listed(viewer: Person, *, search: str = "", order: str = BUSIEST_FIRST) -> QuerySet[Any]:
    """People with `checks_made`, `today`, `week`, `month` (numbers asked) and `last_activity`; only for managers."""
    if not viewer.may("checks.manage"):
        return Person.objects.none()
    day = today()
    made = Check.objects.filter(owner=OuterRef("pk")).exclude(state=Check.State.REMOVED).order_by()
    people = Person.objects.annotate(
        checks_made=Coalesce(_one(made.values("owner").annotate(value=Count("pk"))), 0),
        today=_asked_since(day),
        week=_asked_since(day - timedelta(days=6)),
        month=_asked_since(day - timedelta(days=DAYS_SHOWN - 1)),
        last_activity=Greatest(
            Subquery(made.values("owner").annotate(value=Max("created_at")).values("value")),
            Subquery(
                Usage.objects.filter(person=OuterRef("pk"))
                .order_by()
                .values("person")
                .annotate(value=Max("last_turn_at"))
                .values("value")
            ),
        ),
    ).filter(Q(is_active=True) | Q(checks_made__gt=0))
    if search:
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return people.order_by(*ORDERS.get(order, ORDERS[BUSIEST_FIRST]))


def activities(people: Sequence[Any]) -> list[Activity]:
    """What the page says about these people beyond their row; six queries whatever their number."""
    ids = [person.pk for person in people]
    day = today()
    verdicts = dict(
        Block.objects.filter(check_ref__owner__in=ids)
        .exclude(check_ref__state=Check.State.REMOVED)
        .values_list("check_ref__owner")
        .annotate(value=Sum(F("found_count") + F("not_found_count")))
        .order_by()
    )
    accounts = dict(
        Account.objects.filter(owner__in=ids, simulated=settings.TELEGRAM.simulated)
        .values_list("owner")
        .annotate(value=Count("pk"))
        .order_by()
    )
    holds = {hold.person_id: hold for hold in Hold.objects.filter(person__in=ids)}
    asked: dict[tuple[int, date], int] = {
        (person, when): count
        for person, when, count in Usage.objects.filter(
            person__in=ids, day__gt=day - timedelta(days=DAYS_SHOWN)
        ).values_list("person", "day", "asked")
    }
    allowances = allowed_per_day(ids)
    days = [day - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    return [
        Activity(
            person,
            verdicts.get(person.pk) or 0,
            accounts.get(person.pk, 0),
            None
            if allowances[person.pk] is None
            else max(0, (allowances[person.pk] or 0) - asked.get((person.pk, day), 0)),
            tuple(asked.get((person.pk, when), 0) for when in days),
            holds.get(person.pk),
        )
        for person in people
    ]


def allowed_per_day(person_ids: Sequence[int]) -> dict[int, int | None]:
    """Each person's daily allowance: their own, else that of each; None where there is no limit."""
    found = Allowance.objects.filter(Q(person__in=person_ids) | Q(scope=Allowance.Scope.EACH))
    own: dict[int | None, int | None] = dict(found.values_list("person", "numbers_per_day"))
    return {person: own.get(person, own.get(None)) for person in person_ids}


def asked_by_all(day: date) -> int:
    """How many numbers all people together asked on a day."""
    total: int | None = Usage.objects.filter(day=day).aggregate(total=Sum("asked"))["total"]
    return total or 0


def _asked_since(day: date) -> Coalesce:
    usage = Usage.objects.filter(person=OuterRef("pk"), day__gte=day).order_by().values("person")
    return Coalesce(_one(usage.annotate(value=Sum("asked"))), Value(0))


def _one(counted: QuerySet[Any, Any]) -> Subquery:
    return Subquery(counted.values("value"), output_field=IntegerField())
