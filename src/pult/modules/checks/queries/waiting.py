"""What keeps running and paused checks from going on, in the order in which their turns come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection

from pult.core.telegram.models import Account
from pult.modules.checks.models import Block, Check
from pult.modules.checks.queries.turns import (
    ALL_SPENT,
    MIDNIGHT,
    OWNER_ACTIVE,
    PERSON_SPENT,
    PERSON_TURN,
    clock,
)

# Turns come round: every person's first check, then every person's second one. Paused checks stand at the end.
STANDINGS = f"""
SELECT c.id, c.owner_id, c.state = 'paused', c.reuse_pending, {OWNER_ACTIVE},
       EXISTS (SELECT FROM checks_hold h WHERE h.person_id IS NULL),
       EXISTS (SELECT FROM checks_hold h WHERE h.person_id = c.owner_id),
       {PERSON_SPENT}, {ALL_SPENT}, {MIDNIGHT},
       EXISTS (
           SELECT FROM checks_block b WHERE b.check_id = c.id AND b.state = 'waiting'
             AND (b.wait_until IS NULL OR b.wait_until <= now() OR b.wait_reason = 'account_rests')
       ),
       (
           SELECT min(b.wait_until) FROM checks_block b
           WHERE b.check_id = c.id AND b.state = 'waiting' AND b.wait_until > now()
       )
FROM checks_check c
WHERE c.state IN ('running', 'paused') AND (%(all)s OR c.id = ANY(%(ids)s))
ORDER BY c.state = 'paused', c.precedence DESC,
         row_number() OVER (
            PARTITION BY c.state, c.precedence, c.owner_id ORDER BY c.last_turn_at NULLS FIRST, c.id
         ),
         {PERSON_TURN} NULLS FIRST, c.id
"""  # noqa: S608 - made of constants


class Waits(StrEnum):
    """Why a check makes no call just now; WORKING: it does, TURN: it comes when it is its turn."""

    WORKING = "working"
    TURN = "turn"
    PAUSED = "paused"
    HELD_ALL = "held_all"
    HELD_PERSON = "held_person"
    OWNER_OFF = "owner_off"
    REUSE = "reuse"
    SPENT = "spent"
    SPENT_ALL = "spent_all"
    NO_ACCOUNT = "no_account"
    RESTS = "rests"
    LATER = "later"


# What an administrator laid upon it, or the day: neither accounts nor turns will change it.
HELD_BACK = frozenset({Waits.HELD_ALL, Waits.HELD_PERSON, Waits.OWNER_OFF, Waits.SPENT, Waits.SPENT_ALL})


@dataclass(frozen=True, slots=True)
class Standing:
    """A check in the queue: what it waits for, until when if that is known, and the accounts at work for it."""

    check_id: int
    waits: Waits
    until: datetime | None = None
    accounts: tuple[str, ...] = ()

    @property
    def held_back(self) -> bool:
        """Whether neither accounts nor turns will let it go on."""
        return self.waits in HELD_BACK


def queue_standings(check_ids: Collection[int] | None = None) -> list[Standing]:
    """Running and paused checks (only these, if named) in the order in which their turns come."""
    parameters = {"all": check_ids is None, "ids": list(check_ids or ()), **clock()}
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, parameters)
        rows = cursor.fetchall()
    working = _working([row[0] for row in rows])
    accounts = list(
        Account.objects.filter(state=Account.State.CONNECTED, simulated=settings.TELEGRAM.simulated)
        .only("owner_id", "shared", "resting_until")
        .order_by()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now = (cursor.fetchone() or (None,))[0]
    return [_standing(row, working.get(row[0], ()), accounts, now) for row in rows]


def standing_of(check: Check) -> Standing | None:
    """How one check stands in the queue; None while it is not in it."""
    if check.state not in {Check.State.RUNNING, Check.State.PAUSED}:
        return None
    return next(iter(queue_standings([check.pk])), None)


def _working(check_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    held = Block.objects.filter(check_ref__in=check_ids, state=Block.State.WORKING)
    labels: dict[int, tuple[str, ...]] = {}
    for check_id, label in held.order_by("pk").values_list("check_ref_id", "account_label"):
        if label not in labels.get(check_id, ()):
            labels[check_id] = (*labels.get(check_id, ()), label)
    return labels


def _standing(
    row: tuple[Any, ...], working: tuple[str, ...], accounts: Sequence[Account], now: Any
) -> Standing:
    check_id, owner_id, paused, reuse, active, held_all, held, spent, all_spent, midnight, free, later = row
    fixed = [
        (paused, Waits.PAUSED, None),
        (held_all, Waits.HELD_ALL, None),
        (held, Waits.HELD_PERSON, None),
        (not active, Waits.OWNER_OFF, None),
        (reuse, Waits.REUSE, None),
    ]
    for applies, waits, until in fixed:
        if applies:
            return Standing(check_id, waits, until, working)
    if working:
        return Standing(check_id, Waits.WORKING, None, working)
    if all_spent or spent:
        return Standing(check_id, Waits.SPENT_ALL if all_spent else Waits.SPENT, midnight)
    usable = [account for account in accounts if account.shared or account.owner_id == owner_id]
    if not usable:
        return Standing(check_id, Waits.NO_ACCOUNT)
    rests = [
        account.resting_until for account in usable if account.resting_until and account.resting_until > now
    ]
    if len(rests) == len(usable):
        return Standing(check_id, Waits.RESTS, min(rests))
    return Standing(check_id, Waits.TURN) if free else Standing(check_id, Waits.LATER, later)
