"""Earlier verdicts of a person's own that fit the numbers of a new list; never another person's."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from pult.modules.checks.kinds import KINDS
from pult.modules.checks.models import Check
from pult.modules.checks.queries.own_checks import own_checks

# Of the same kind, answered, and not too old; `n` is a number of the new list, `e` the same number in an earlier one.
EARLIER = """
    FROM checks_check old
    JOIN checks_block eb ON eb.check_id = old.id
    JOIN checks_number e ON e.block_id = eb.id
    JOIN checks_number n ON n.{column} = e.{column}
    JOIN checks_block b ON b.id = n.block_id
    WHERE b.check_id = %(check)s AND n.state = 'w'
      AND old.owner_id = %(owner)s AND old.id <> %(check)s AND old.kind = %(kind)s AND old.state <> 'removed'
      AND (old.finished_at IS NULL OR old.finished_at >= now() - %(days)s * interval '1 day')
      AND e.state IN ('f', 'n') AND e.answered_at >= now() - %(days)s * interval '1 day'
"""

CHOICES = (1, 7, 30)
MOST_DAYS = 3650
# So many numbers, new and earlier, are looked through while somebody waits for a page.
MOST_COUNTED = 200_000


def earlier_sql(kind: str) -> str:
    """EARLIER for a kind of check; its parameters are `earlier_parameters`."""
    return EARLIER.format(column=KINDS[kind].column)


def earlier_parameters(check: Check, days: int) -> dict[str, Any]:
    """What EARLIER needs: whose check, of which kind, how old a verdict may be."""
    return {"check": check.pk, "owner": check.owner_id, "kind": check.kind, "days": days}


def has_earlier(check: Check) -> bool:
    """Whether the owner has other checks of this kind that were ever started."""
    return _others(check).exists()


def reusable_counts(check: Check) -> dict[int, int] | None:
    """How many numbers of the list would be answered for each of CHOICES; None where counting would take long."""
    earlier: int = _others(check).aggregate(numbers=Sum("valid_count"))["numbers"] or 0
    if check.valid_count + earlier > MOST_COUNTED:
        return None
    counts = ", ".join(
        f"count(DISTINCT n.id) FILTER (WHERE e.answered_at >= now() - interval '{days} days')"
        for days in CHOICES
    )
    parameters = earlier_parameters(check, max(CHOICES))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts} {earlier_sql(check.kind)}", parameters)
        row = cursor.fetchone()
    return dict(zip(CHOICES, row or (), strict=True))


def _others(check: Check) -> QuerySet[Check]:
    return own_checks(check.owner).filter(kind=check.kind, started_at__isnull=False).exclude(pk=check.pk)
