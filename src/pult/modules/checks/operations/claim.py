"""Claiming the next call of an account: one transaction, so that no number is ever in two calls.

Locks are taken in this order: the check, the allowances, the block, its numbers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from pult.core.live import publish
from pult.core.telegram.models import Account
from pult.core.telegram.operations.budgets import call_size
from pult.modules.checks.kinds import KINDS, Kind
from pult.modules.checks.models import LogEntry
from pult.modules.checks.operations.allowances import count_asked, lock_left
from pult.modules.checks.operations.blocks import (
    let_go_of_blocks,
    lock_check,
    lock_checks_of,
    settle_block,
)
from pult.modules.checks.operations.journal import note, topic_of
from pult.modules.checks.operations.sightings import MixedIn, mix_in, plan_trial
from pult.modules.checks.queries.canaries import in_use
from pult.modules.checks.queries.turns import ASKABLE_NUMBER, TAKEABLE_BLOCK, TURN, clock
from pult.modules.checks.queries.work import awake


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call that is written down and may be sent now; `numbers` are pairs of (id, value of this kind).

    The trial of an account with a canary alone belongs to no check and to no block (0), and has no numbers.
    """

    id: int
    check_id: int
    block_id: int
    kind: str
    numbers: list[tuple[int, Any]]
    canary: MixedIn | None = None

    @property
    def asked(self) -> list[tuple[int, Any]]:
        """What Telegram is asked: the numbers, and the canary among them."""
        if self.canary is None:
            return self.numbers
        return [*self.numbers, (self.canary.client_id, self.canary.phone)]


# Of the check whose turn it is a block that the account is at already, else the first one that may be taken. Numbers
# that stayed unanswered go first: where Telegram cuts the end of every call off, it must not be the same each time.
CLAIM = f"""
WITH block AS MATERIALIZED (
    SELECT b.id, b.ordinal, b.attempt, b.state = 'waiting' AS anew
    FROM checks_block b JOIN telegram_account a ON a.id = %(account)s
    WHERE b.check_id = %(check)s AND {TAKEABLE_BLOCK}
    ORDER BY b.state = 'working' DESC, b.ordinal
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED
), picked AS MATERIALIZED (
    SELECT n.id FROM checks_number n JOIN block ON n.block_id = block.id
    JOIN checks_block b ON b.id = block.id JOIN telegram_account a ON a.id = %(account)s
    WHERE {ASKABLE_NUMBER}
    ORDER BY n.tries DESC, n.id LIMIT %(size)s FOR UPDATE OF n SKIP LOCKED
), call AS (
    INSERT INTO checks_call (block_id, account_id, kind, state, size, added_contacts, outcome, sent_at)
    SELECT block.id, %(account)s, %(kind)s, 'planned', (SELECT count(*) FROM picked), '[]', '', clock_timestamp()
    FROM block WHERE EXISTS (SELECT FROM picked)
    RETURNING id
), asked AS (
    UPDATE checks_number n SET state = 'a', call_id = call.id, ask_after = NULL
    FROM picked, call WHERE n.id = picked.id
    RETURNING n.id, n.phone, n.subject, n.tries
), held AS (
    UPDATE checks_block b
    SET state = 'working', account_id = %(account)s, account_label = %(label)s, wait_until = NULL, wait_reason = '',
        attempt = b.attempt + block.anew::int, started_at = coalesce(b.started_at, now())
    FROM block, call WHERE b.id = block.id
), turned AS (
    UPDATE checks_check c SET last_turn_at = clock_timestamp() FROM call WHERE c.id = %(check)s
)
SELECT block.id, block.ordinal, block.attempt + 1, block.anew, (SELECT id FROM call),
       (SELECT array_agg(id ORDER BY tries DESC, id) FROM asked),
       (SELECT array_agg(phone ORDER BY tries DESC, id) FROM asked),
       (SELECT array_agg(subject ORDER BY tries DESC, id) FROM asked)
FROM block
"""  # noqa: S608 - made of constants

LOCK = "SELECT xmin::text FROM checks_check WHERE id = %s FOR UPDATE"

# The turn may pass to another check between the look and the lock: somebody else called for it, paused it, or spent the
# last of its owner's allowance. Then all locks are let go of and the look is repeated.
MOST_LOOKS = 20


class _TurnPassed(Exception):
    """It is not this check's turn any more."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """The check whose turn it is, locked, and how many numbers of its owner's day are left (None: any number)."""

    check_id: int
    owner_id: int
    kind: str
    left: int | None


def claim_call(*, account_id: UUID, known: Collection[int] = ()) -> PlannedCall | None:
    """Plan the account's next call, of one block and of the size that it has learned; None: nothing to do now.

    The caller holds the lease of the account. The call and its numbers are marked before anything is sent. `known` are
    the phone numbers of the account's own contacts: none of them can be a canary.
    """
    for _ in range(MOST_LOOKS):
        try:
            return _claim(account_id, known)
        except _TurnPassed:
            continue
    return None


@transaction.atomic
def _claim(account_id: UUID, known: Collection[int]) -> PlannedCall | None:
    """Raises _TurnPassed, which undoes everything: no two checks are ever locked in the order of turns."""
    account = Account.objects.filter(awake(), pk=account_id, state=Account.State.CONNECTED).first()
    if account is None:
        return None
    turn = _lock_turn(account_id)
    if turn is None:
        # Whatever it held is held back, or its allowance is spent: nobody keeps a block that may not be worked on.
        lock_checks_of(account_id)
        let_go_of_blocks(account_id)
        return None
    kind = KINDS[turn.kind]
    watched = kind.takes_canaries and in_use()
    if watched and (trial := plan_trial(account, known=known)) is not None:
        return PlannedCall(trial[0], 0, 0, kind.name, [], trial[1])
    row = _plan(account, kind, turn, watched=watched)
    block_id, ordinal, attempt, anew, call_id, ids, phones, subjects = row
    if call_id is None:
        # Its counts did not say that nothing is due any more; settled, it cannot be taken again.
        settle_block(block_id, check=lock_check(turn.check_id), let_go=True)
        return None
    count_asked(turn.owner_id, len(ids), check_id=turn.check_id, left=turn.left)
    if anew:
        note(
            turn.check_id,
            LogEntry.Kind.BLOCK_STARTED,
            block_ordinal=ordinal,
            account_label=account.label[:100],
            attempt=attempt,
        )
    else:
        publish(topic_of(turn.check_id))
    values = phones if kind.column == "phone" else subjects
    canary = mix_in(account, call_id=call_id, phones=values, known=known) if watched else None
    numbers = list(zip(ids, values, strict=True))
    return PlannedCall(call_id, turn.check_id, block_id, kind.name, numbers, canary)


def _plan(account: Account, kind: Kind[Any], turn: _Turn, *, watched: bool) -> tuple[Any, ...]:
    """The call with its numbers in one statement; raises _TurnPassed when the last block went to somebody else."""
    size = min(call_size(account, kind.request), kind.most_per_call)
    if watched:
        size = max(1, min(size, account.numbers_per_call - 1, kind.most_per_call - 1))
    parameters: dict[str, Any] = {
        "account": account.pk,
        "label": account.label[:100],
        "check": turn.check_id,
        "kind": kind.name,
        "size": size if turn.left is None else min(size, turn.left),
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise _TurnPassed
    return row


def _lock_turn(account_id: UUID) -> _Turn | None:
    """The check whose turn it is, locked, and its owner's day. Raises _TurnPassed."""
    with connection.cursor() as cursor:
        cursor.execute(TURN, {"account": account_id, **clock()})
        row = cursor.fetchone()
        if row is None:
            return None
        check_id, owner_id, kind, version = row
        cursor.execute(LOCK, [check_id])
        if cursor.fetchone() != (version,):
            raise _TurnPassed
    left = lock_left(owner_id)
    if left == 0:
        raise _TurnPassed
    return _Turn(check_id, owner_id, kind, left)
