"""How long a running check will still take, from what the accounts that may work for it have learned."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, Subquery

from pult.core.telegram.models import Budget
from pult.core.telegram.queries import accounts_usable_by
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries.turns import MAY_TAKE_TURN, clock
from pult.modules.checks.rules.estimates import Share, seconds_left, share_of

# Everybody who waits for turns now, and with how many checks.
WAITING = f"""
    SELECT c.owner_id, count(*), bool_or(c.id = %(check)s) FROM checks_check c
    WHERE {MAY_TAKE_TURN} GROUP BY c.owner_id
"""  # noqa: S608 - made of constants


def time_left(check: Check, *, numbers: int, measured: float | None, now: datetime) -> timedelta | None:
    """How long `numbers` more take; None while that is unknown, or while the check may take no turns.

    `measured` is its speed of the last minutes (numbers a second), for what the accounts have not learned.
    """
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"check": check.pk, **clock()})
        waiting: dict[int, tuple[int, bool]] = {
            owner_id: (checks, mine) for owner_id, checks, mine in cursor.fetchall()
        }
    checks, takes_turns = waiting.get(check.owner_id, (0, False))
    if not takes_turns:
        return None
    shares = _shares(check, people=len(waiting), checks=checks, now=now)
    seconds = seconds_left(numbers, shares, measured=measured)
    return None if seconds is None else timedelta(seconds=seconds)


def _shares(check: Check, *, people: int, checks: int, now: datetime) -> list[Share]:
    """A shared account serves everybody who waits in turns, any other one its owner alone."""
    learned = Budget.objects.filter(account=OuterRef("pk"), request=kind_named(check.kind).request)
    accounts = (
        accounts_usable_by(check.owner)
        .annotate(per_hour=Subquery(learned.values("per_hour")))
        .values_list("shared", "resting_until", "per_hour")
    )
    return [
        share_of(
            per_hour,
            people=people if shared else 1,
            checks=checks,
            wakes_in=(resting_until - now).total_seconds() if resting_until else 0.0,
        )
        for shared, resting_until, per_hour in accounts
    ]
