"""Claiming the next call of an account: one statement, so that no number is ever in two calls."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from pult.core.live import publish
from pult.core.telegram.models import Account
from pult.modules.checks.kinds import KINDS
from pult.modules.checks.models import LogEntry
from pult.modules.checks.operations.blocks import lock_check, settle_block
from pult.modules.checks.operations.journal import note, topic_of
from pult.modules.checks.queries.turns import TAKEABLE_BLOCK, TURN
from pult.modules.checks.queries.work import awake, latest_calls
from pult.modules.checks.rules.asking import call_size
from pult.modules.checks.rules.blocks import BLOCK_SIZE


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call that is written down and may be sent now; `numbers` are pairs of (id, value of this kind)."""

    id: int
    check_id: int
    block_id: int
    kind: str
    numbers: list[tuple[int, Any]]


# Whose turn it is says `turns`; then a block of that check that the account is at already, else the first one that may
# be taken. Numbers that stayed unanswered go first: where Telegram cuts the end of every call off, it must not be the
# same ones each time.
CLAIM = f"""
WITH turn AS MATERIALIZED (
    {TURN}
), asked_kind AS MATERIALIZED (
    SELECT c.kind FROM checks_check c JOIN turn ON turn.id = c.id
), block AS MATERIALIZED (
    SELECT b.id, b.ordinal, b.attempt, b.state = 'waiting' AS anew
    FROM checks_block b JOIN turn ON b.check_id = turn.id JOIN telegram_account a ON a.id = %(account)s
    WHERE {TAKEABLE_BLOCK}
    ORDER BY b.state = 'working' DESC, b.ordinal
    LIMIT 1 FOR UPDATE OF b SKIP LOCKED
), picked AS MATERIALIZED (
    SELECT n.id FROM checks_number n JOIN block ON n.block_id = block.id
    WHERE n.state = 'w' OR (n.state = 'u' AND n.ask_after <= now())
    ORDER BY n.tries DESC, n.id
    LIMIT (SELECT coalesce((%(sizes)s::jsonb ->> asked_kind.kind)::int, 0) FROM asked_kind) FOR UPDATE OF n SKIP LOCKED
), call AS (
    INSERT INTO checks_call (block_id, account_id, kind, state, size, added_contacts, outcome, sent_at)
    SELECT block.id, %(account)s, asked_kind.kind, 'planned', (SELECT count(*) FROM picked), '[]', '',
           clock_timestamp()
    FROM block, asked_kind WHERE EXISTS (SELECT FROM picked)
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
    UPDATE checks_check c SET last_turn_at = clock_timestamp() FROM turn, call WHERE c.id = turn.id
)
SELECT turn.id, block.id, block.ordinal, block.attempt + 1, block.anew, (SELECT id FROM call),
       (SELECT array_agg(id ORDER BY tries DESC, id) FROM asked),
       (SELECT array_agg(phone ORDER BY tries DESC, id) FROM asked),
       (SELECT array_agg(subject ORDER BY tries DESC, id) FROM asked),
       (SELECT kind FROM asked_kind)
FROM turn JOIN block ON true
"""  # noqa: S608 - made of constants


@transaction.atomic
def claim_call(*, account_id: UUID) -> PlannedCall | None:
    """Plan the account's next call: up to its numbers per call, of one block; None when it has nothing to do now.

    The caller holds the lease of the account. The call and its numbers are marked before anything is sent.
    """
    account = Account.objects.filter(awake(), pk=account_id, state=Account.State.CONNECTED).first()
    if account is None:
        return None
    label = account.label[:100]
    parameters: dict[str, Any] = {
        "account": account.pk,
        "label": label,
        "sizes": json.dumps(
            {
                kind.name: call_size(
                    min(account.numbers_per_call, kind.most_per_call, BLOCK_SIZE),
                    latest_calls(account.pk, kind=kind.name),
                )
                for kind in KINDS.values()
            }
        ),
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    check_id, block_id, ordinal, attempt, anew, call_id, ids, phones, subjects, kind = row
    if call_id is None:
        # Its counts did not say that nothing is due any more; settled, it cannot be taken again.
        settle_block(block_id, check=lock_check(check_id), let_go=True)
        return None
    if anew:
        note(
            check_id,
            LogEntry.Kind.BLOCK_STARTED,
            block_ordinal=ordinal,
            account_label=label,
            attempt=attempt,
        )
    else:
        publish(topic_of(check_id))
    values = phones if KINDS[kind].column == "phone" else subjects
    return PlannedCall(call_id, check_id, block_id, kind, list(zip(ids, values, strict=True)))
