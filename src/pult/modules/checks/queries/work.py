"""What is to be done, when, and by which accounts: read by claiming and by dispatching. The clock is the database's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from pult.core.telegram.gateway import SESSION_LOCK_KEY
from pult.core.telegram.values import ContactRef
from pult.modules.checks.kinds import KINDS
from pult.modules.checks.models import Call
from pult.modules.checks.queries.turns import (
    HAS_TURN_FOR_ACCOUNT,
    MAY_TAKE_TURN,
    MIDNIGHT,
    SERVED_BY_ACCOUNT,
    SPENT,
    WANTS_TURN,
    clock,
)

# Who is connected right now, in any process of the installation: the session locks of the gateway. Reading them,
# unlike trying them, never gets in anybody's way.
LEASED = f"""EXISTS (
    SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((l.classid::bigint << 32) | l.objid::bigint) = {SESSION_LOCK_KEY}
)"""  # noqa: S608 - made of constants

# A job of the account waits, or has started a moment ago and is just about to connect.
ATTENDED = """EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.queueing_lock = 'checks.work_account:' || a.id
      AND (j.status = 'todo' OR (j.status = 'doing' AND EXISTS (
        SELECT FROM procrastinate_events e
        WHERE e.job_id = j.id AND e.type = 'started' AND e.at > clock_timestamp() - interval '2 seconds'
      )))
)"""

# A call that its account still has to tidy up after; of an unknown kind, it waits for the version that knows how.
TO_TIDY = "(k.state IN ('planned', 'answered', 'lost') AND k.kind = ANY(%(kinds)s))"

# Accounts with something to do now: contacts of earlier calls to be removed, or a block to be worked on.
WITH_WORK = f"""
    SELECT a.id FROM telegram_account a
    WHERE a.state = 'connected' AND a.simulated = %(simulated)s
      AND (a.resting_until IS NULL OR a.resting_until <= now())
      AND (
        EXISTS (SELECT FROM checks_call k WHERE k.account_id = a.id AND {TO_TIDY})
        OR EXISTS (SELECT FROM checks_check c WHERE {HAS_TURN_FOR_ACCOUNT})
      )
      AND NOT {LEASED} AND NOT {ATTENDED}
"""  # noqa: S608 - made of constants

MISSED = """
    SELECT n.phone, n.subject FROM checks_call k JOIN checks_number n ON n.block_id = k.block_id
    WHERE k.id = %(call)s AND n.call_id = k.id AND n.state = 'n'
"""

LEFT_PHONES = """
    SELECT n.phone FROM checks_call k JOIN checks_number n ON n.block_id = k.block_id AND n.call_id = k.id
    WHERE k.account_id = %(account)s AND k.state IN ('planned', 'answered') AND n.state <> 'f'
      AND n.phone IS NOT NULL
    UNION SELECT asked::bigint FROM checks_call k, jsonb_array_elements(k.asked_phones) asked
    WHERE k.account_id = %(account)s AND k.state IN ('planned', 'answered', 'lost') AND jsonb_typeof(asked) = 'number'
"""

ABANDONED = f"""
    SELECT a.id FROM (
        SELECT account_id AS id FROM checks_call WHERE state = 'planned'
        UNION SELECT account_id FROM checks_block WHERE state = 'working' AND account_id IS NOT NULL
    ) a
    WHERE NOT {LEASED} AND NOT {ATTENDED}
"""  # noqa: S608 - made of constants

NEXT_WAIT = f"""
    SELECT min(moment) FROM (
        SELECT min(a.resting_until) AS moment FROM telegram_account a
        WHERE a.state = 'connected' AND a.simulated = %(simulated)s AND a.resting_until > now()
          AND (
            EXISTS (SELECT FROM checks_call k WHERE k.account_id = a.id AND {TO_TIDY})
            OR EXISTS (SELECT FROM checks_check c WHERE {MAY_TAKE_TURN} AND {SERVED_BY_ACCOUNT})
          )
        UNION ALL
        SELECT min({MIDNIGHT}) FROM checks_check c WHERE {WANTS_TURN} AND {SPENT}
        UNION ALL
        SELECT min(b.wait_until) FROM checks_block b JOIN checks_check c ON c.id = b.check_id
        WHERE {MAY_TAKE_TURN} AND b.state = 'waiting' AND b.wait_until > now()
          AND b.wait_reason <> 'account_rests'
    ) waits
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call whose traces are not removed yet."""

    id: int
    kind: str
    state: Call.State
    added: list[ContactRef]
    asked: list[Any]


def awake() -> Q:
    """Accounts that do not rest."""
    return Q(resting_until__isnull=True) | Q(resting_until__lte=Now())


def open_calls(account_id: UUID) -> list[OpenCall]:
    """The account's calls that still need something and are of a known kind, oldest first."""
    states = [Call.State.PLANNED, Call.State.ANSWERED, Call.State.LOST]
    calls = Call.objects.filter(account_id=account_id, state__in=states, kind__in=KINDS).order_by("pk")
    return [
        OpenCall(
            call.pk,
            call.kind,
            Call.State(call.state),
            [ContactRef(*pair) for pair in call.added_contacts],
            call.asked_phones,
        )
        for call in calls
    ]


def missed_values(call_id: int) -> list[Any]:
    """What the call asked about and found nobody behind: the kind tidies it up (numbers stay in the phone book)."""
    return [subject if phone is None else phone for phone, subject in _rows(MISSED, call=call_id)]


def left_phones(account_id: UUID) -> list[int]:
    """Numbers that the account's calls may have left in its phone book, found people apart."""
    return [row[0] for row in _rows(LEFT_PHONES, account=account_id)]


def accounts_with_work() -> list[UUID]:
    """Usable accounts that have something to do now and that nobody is connected with or about to be."""
    return [row[0] for row in _rows(WITH_WORK)]


def abandoned_accounts() -> list[UUID]:
    """Accounts with a block or a call under way that nobody is connected with or about to be: a worker died."""
    return [row[0] for row in _rows(ABANDONED)]


def next_wait_over() -> datetime | None:
    """When the next wait ends: of a resting account that could work then, or of a block of a running check."""
    rows = _rows(NEXT_WAIT)
    moment: datetime | None = rows[0][0]
    return moment


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"simulated": settings.TELEGRAM.simulated, **clock(), **parameters})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
