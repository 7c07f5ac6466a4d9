"""What calls do with canaries: mixing one in, trying a doubted account with one alone, and what follows from a miss.

A miss voids every "not found" that the account gave since it last saw a canary, in unfinished and in finished checks;
hits stay, because Telegram itself named those people (decision 10).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from pult.core.audit.operations import record
from pult.core.jobs import database_now
from pult.core.live import publish
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import wake_account
from pult.modules.checks.models import Block, Call, Canary, Check, LogEntry
from pult.modules.checks.operations.allowances import give_back
from pult.modules.checks.operations.blocks import settle_block
from pult.modules.checks.operations.journal import note
from pult.modules.checks.queries.canaries import (
    accounts_against,
    missed_it_alone,
    next_canary,
    trust_in,
)
from pult.modules.checks.rules.canaries import HORIZON, is_doubtful, is_due, rest_after

# Checks with verdicts that would become void. Erased ones are left alone.
TOUCHED = """
SELECT DISTINCT b.check_id FROM checks_call k JOIN checks_block b ON b.id = k.block_id
JOIN checks_check c ON c.id = b.check_id
WHERE k.account_id = %(account)s AND k.kind = 'phone' AND c.state <> 'removed'
  AND (k.id = %(call)s OR (k.id > %(after)s AND k.outcome = 'answered' AND k.answered_at > now() - %(horizon)s))
"""

# A number keeps the last call that asked about it: what another account answered since is not touched. What the phone
# book still has to forget is written into the call, because another account may ask about the number before that.
VOID = """
WITH void AS (
    UPDATE checks_number n
    SET state = 'w', tries = 0, answered_at = NULL
    FROM checks_call k
    WHERE k.account_id = %(account)s AND k.kind = 'phone' AND n.block_id = k.block_id AND n.call_id = k.id
      AND n.state = 'n' AND n.block_id IN (SELECT id FROM checks_block WHERE check_id = ANY(%(checks)s))
      AND (k.id = %(call)s OR (k.id > %(after)s AND k.outcome = 'answered' AND k.answered_at > now() - %(horizon)s))
    RETURNING n.block_id, n.phone, k.id AS call_id
), kept AS (
    UPDATE checks_call k SET asked_phones = k.asked_phones || left_over.phones
    FROM (SELECT call_id, jsonb_agg(phone) AS phones FROM void GROUP BY call_id) left_over
    WHERE k.id = left_over.call_id AND k.state = 'answered'
)
SELECT b.check_id, void.block_id, void.call_id, count(*) FROM void JOIN checks_block b ON b.id = void.block_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

# Verdicts that a later check of the same person took over from the void ones.
VOID_TAKEN_OVER = """
WITH void AS (
    UPDATE checks_number n
    SET state = 'w', tries = 0, answered_at = NULL, reused = false
    FROM checks_block b JOIN checks_check c ON c.id = b.check_id, (
        SELECT void.phone, void.answered_at, source.owner_id
        FROM checks_number void JOIN checks_block vb ON vb.id = void.block_id
        JOIN checks_check source ON source.id = vb.check_id
        JOIN checks_call k ON k.id = void.call_id AND k.block_id = void.block_id
        WHERE k.account_id = %(account)s AND k.kind = 'phone' AND void.state = 'n'
          AND k.id > %(after)s AND k.outcome = 'answered' AND k.answered_at > now() - %(horizon)s
    ) origin
    WHERE n.block_id = b.id AND c.reused_count > 0 AND c.state <> 'removed' AND c.id = ANY(%(checks)s)
      AND n.reused AND n.state = 'n' AND n.phone = origin.phone AND n.answered_at = origin.answered_at
      AND c.owner_id = origin.owner_id
    RETURNING n.block_id
)
SELECT b.check_id, void.block_id, NULL::bigint, count(*) FROM void JOIN checks_block b ON b.id = void.block_id
GROUP BY 1, 2 ORDER BY 1, 2
"""

# Checks that took verdicts over from others since then.
TOOK_OVER = """
SELECT id FROM checks_check WHERE reused_count > 0 AND state <> 'removed' AND started_at > now() - %(horizon)s
"""


@dataclass(frozen=True, slots=True)
class MixedIn:
    """The canary of a call; `client_id` is its name in the call, which no number has."""

    canary_id: int
    phone: int

    @property
    def client_id(self) -> int:
        """Numbers have positive ids."""
        return -self.canary_id


def mix_in(
    account: Account, *, call_id: int, phones: Collection[int], known: Collection[int]
) -> MixedIn | None:
    """Add a canary to a planned call about `phones` when one is due; `known` are the account's own contacts.

    Its number is written into the call at once, so that it is forgotten also after a kill. The caller left room for it.
    """
    judged = trust_in(account.pk)
    if not is_due(size=len(phones), asked_since=judged.asked_since):
        return None
    # A number twice in one call would be answered once.
    found = next_canary(account, excepted=[*known, *phones])
    if found is None:
        return None
    Call.objects.filter(pk=call_id).update(canary_id=found[0], asked_phones=[found[1]])
    return MixedIn(*found)


def plan_trial(account: Account, *, known: Collection[int]) -> tuple[int, MixedIn] | None:
    """For an account that missed its latest canary: a call about another canary alone, before it asks about anybody.

    None for an account that is believed, and where no canary is usable: then nothing more speaks against it.
    """
    if not trust_in(account.pk).distrusted:
        return None
    found = next_canary(account, excepted=known)
    if found is None:
        return None
    call = Call.objects.create(
        account_id=account.pk,
        kind="phone",
        size=0,
        canary_id=found[0],
        asked_phones=[found[1]],
        sent_at=Now(),
    )
    return call.pk, MixedIn(*found)


def touched_checks(account_id: UUID, *, call_id: int) -> list[int]:
    """Checks that a miss in this call may change, in the order in which they are to be locked."""
    parameters = _since(account_id, call_id)
    rows = {row[0] for row in _rows(TOUCHED, parameters)} | {row[0] for row in _rows(TOOK_OVER, parameters)}
    return sorted(rows)


def note_sighting(call: Call, *, seen: bool, checks: list[Check]) -> timedelta | None:
    """Record whether Telegram named the call's canary, in the transaction that records its answer.

    `checks` are the touched checks, locked. Returns how long the account rests after a miss; None when nothing follows.
    """
    if call.canary_id is None:
        return None
    # Not against those who only name it in a call: they may hold a row that is needed here.
    canary = Canary.objects.select_for_update(no_key=True).filter(pk=call.canary_id).first()
    if canary is None or canary.suspended_at is not None:
        return None
    if seen:
        Call.objects.filter(pk=call.pk).update(canary_seen=True)
        Canary.objects.filter(pk=canary.pk).update(last_seen_at=Now())
        return None
    alone = missed_it_alone(canary.pk, call.account_id)
    since = _since(call.account_id, call.pk)
    Call.objects.filter(pk=call.pk).update(canary_seen=False)
    Canary.objects.filter(pk=canary.pk).update(last_missed_at=Now())
    against = accounts_against(canary.pk)
    if alone or is_doubtful(len({*against, call.account_id})):
        _suspend(canary, against)
        return None
    _take_back(call, canary, checks, since)
    return rest_after(trust_in(call.account_id).misses)


def _suspend(canary: Canary, accounts: Collection[UUID]) -> None:
    """Nothing more becomes void because of this canary, and who rested because of it goes on."""
    now = database_now()
    # Whoever is just being sent to rest because of it waits for this, or is woken below.
    list(Account.objects.select_for_update(of=("self",)).filter(pk__in=accounts).order_by("pk"))
    Canary.objects.filter(pk=canary.pk).update(suspended_at=now)
    record(
        action="canary.suspended",
        actor=None,
        now=now,
        object_type="canary",
        object_id=canary.pk,
        accounts=str(len(accounts)),
    )
    for account_id in accounts:
        if not trust_in(account_id).distrusted:
            wake_account(account_id=account_id, reason="canary_missed")


def _take_back(call: Call, canary: Canary, checks: list[Check], since: dict[str, Any]) -> None:
    """Void what the account called "not found" since it last saw a canary; finished checks go on."""
    # Removed while they were waited for: somebody erases their rows right now.
    by_id = {check.pk: check for check in checks if check.state != Check.State.REMOVED}
    parameters = {**since, "checks": list(by_id)}
    # First what was taken over: it is found by the verdicts that are void afterwards.
    voided = _rows(VOID_TAKEN_OVER, parameters) if by_id else []
    voided += _rows(VOID, parameters) if by_id else []
    label = Account.objects.get(pk=call.account_id).label[:100]
    counts: dict[int, int] = {}
    for check_id, _block_id, _call_id, count in voided:
        counts[check_id] = counts.get(check_id, 0) + count
    for check_id in sorted(counts):
        _go_on(by_id[check_id])
        blocks = sorted({row[1] for row in voided if row[0] == check_id})
        Block.objects.filter(pk__in=blocks).update(finished_at=None)
        for block_id in blocks:
            settle_block(block_id, check=by_id[check_id])
        note(check_id, LogEntry.Kind.CANARY_MISSED, account_label=label, count=counts[check_id])
    # Person after person: two accounts that miss at the same moment never wait for each other.
    returned = [(by_id[row[0]].owner_id, row[2], row[3]) for row in voided if row[2] is not None]
    for owner_id, call_id, count in sorted(returned):
        give_back(owner_id, call_id, count)
    record(
        action="account.canary_missed",
        actor=None,
        now=database_now(),
        object_type="account",
        object_id=call.account_id,
        canary=canary.label or f"…{canary.phone % 10_000:04d}",
        numbers=str(sum(counts.values())),
    )


def _go_on(check: Check) -> None:
    if check.state != Check.State.FINISHED:
        return
    check.state, check.finished_at = Check.State.RUNNING, None
    check.save(update_fields=["state", "finished_at"])
    publish(f"person:{check.owner_id}")


def _since(account_id: UUID, call_id: int) -> dict[str, Any]:
    return {
        "account": account_id,
        "call": call_id,
        "after": trust_in(account_id).since_call,
        "horizon": HORIZON,
    }


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
