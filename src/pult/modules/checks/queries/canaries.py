"""Reads about canaries: how far an account may be believed, which canary comes next, the list of all."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from pult.core.jobs import database_now
from pult.core.telegram.models import Account
from pult.modules.checks.models import Canary
from pult.modules.checks.rules.canaries import Told, Trust, trust

# What an account's answered calls said, the newest first. A miss of a canary that is removed or suspended says nothing.
# Accounts rest for a day at the most after a miss, so what is older than three days judges nobody any more.
TOLD = """
    SELECT k.id, k.size,
           CASE WHEN k.canary_seen OR (c.id IS NOT NULL AND c.suspended_at IS NULL) THEN k.canary_seen END,
           k.answered_at
    FROM checks_call k LEFT JOIN checks_canary c ON c.id = k.canary_id
    WHERE k.account_id = %(account)s AND k.kind = 'phone' AND k.outcome = 'answered'
      AND k.answered_at > now() - interval '3 days'
    ORDER BY k.id DESC LIMIT 500
"""

# The canary that this account was asked about longest ago, of those the one that anybody saw longest ago.
NEXT = """
    SELECT c.id, c.phone FROM checks_canary c
    LEFT JOIN (
        SELECT latest.canary_id, max(latest.id) AS call_id
        FROM (
            SELECT id, canary_id FROM checks_call WHERE account_id = %(account)s ORDER BY id DESC LIMIT 500
        ) latest
        GROUP BY latest.canary_id
    ) used ON used.canary_id = c.id
    WHERE c.suspended_at IS NULL AND c.phone <> ALL(%(excepted)s::bigint[])
      AND (%(own_end)s = '' OR right(c.phone::text, 4) <> %(own_end)s)
    ORDER BY used.call_id NULLS FIRST, c.last_seen_at NULLS FIRST, c.id
    LIMIT 1
"""

# Accounts that have missed a canary since anybody saw it.
AGAINST = """
    SELECT DISTINCT k.account_id FROM checks_call k JOIN checks_canary c ON c.id = k.canary_id
    WHERE c.id = %(canary)s AND NOT k.canary_seen AND (c.last_seen_at IS NULL OR k.answered_at > c.last_seen_at)
"""

# The account has missed this canary before, and another one it has seen after that.
MISSED_IT_ALONE = """
    SELECT EXISTS (
        SELECT FROM checks_call missed JOIN checks_call seen
          ON seen.account_id = missed.account_id AND seen.id > missed.id AND seen.canary_seen
        WHERE missed.canary_id = %(canary)s AND missed.account_id = %(account)s AND NOT missed.canary_seen
          AND missed.answered_at > coalesce(
            (SELECT last_seen_at FROM checks_canary WHERE id = %(canary)s), '-infinity'::timestamptz
          )
    )
"""

SORTS = {
    "label": F("label").asc(),
    "-label": F("label").desc(),
    "seen": F("last_seen_at").asc(nulls_first=True),
    "-seen": F("last_seen_at").desc(nulls_last=True),
    "missed": F("last_missed_at").asc(nulls_first=True),
    "-missed": F("last_missed_at").desc(nulls_last=True),
}


def in_use() -> bool:
    """Whether any canary is mixed in at all; where none is named, nothing is different."""
    return Canary.objects.filter(suspended_at=None).exists()


def trust_in(account_id: UUID) -> Trust:
    """How far the account may be believed."""
    return trust((Told(*row) for row in _rows(TOLD, account=account_id)), now=database_now())


def next_canary(account: Account, *, excepted: Collection[int] = ()) -> tuple[int, int] | None:
    """Id and phone of the canary that comes next for the account; None when none is usable.

    `excepted` are numbers that cannot be one: the account's own contacts, which are never imported. Its own number is
    left out, too, by its last digits: one canary less in ten thousand.
    """
    rows = _rows(NEXT, account=account.pk, excepted=list(excepted), own_end=account.phone_hint)
    return (rows[0][0], rows[0][1]) if rows else None


def accounts_against(canary_id: int) -> list[UUID]:
    """The accounts that have missed the canary since anybody saw it."""
    return [row[0] for row in _rows(AGAINST, canary=canary_id)]


def missed_it_alone(canary_id: int, account_id: UUID) -> bool:
    """Whether the account missed this canary earlier, since it was seen last, and saw another one after that."""
    return bool(_rows(MISSED_IT_ALONE, canary=canary_id, account=account_id)[0][0])


def canaries_listed(*, search: str = "", state: str = "", sort: str = "") -> QuerySet[Canary]:
    """All canaries with `asked_count` and `missed_count`; `state` is "", "used" or "suspended"."""
    told = Canary.objects.select_related("added_by").annotate(
        asked_count=Count("calls", filter=Q(calls__canary_seen__isnull=False)),
        missed_count=Count("calls", filter=Q(calls__canary_seen=False)),
    )
    if words := search.replace("\0", "").strip():
        digits = "".join(character for character in words if character.isdecimal())
        told = told.filter(
            Q(label__icontains=words)
            | (Q(phone__contains=int(digits)) if 0 < len(digits) <= 15 else Q(pk=None))
        )
    if state in {"used", "suspended"}:
        told = told.filter(suspended_at__isnull=state == "used")
    return told.order_by(SORTS.get(sort, F("label").asc()), "pk")


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
