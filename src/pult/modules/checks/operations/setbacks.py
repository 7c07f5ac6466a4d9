"""When a call brings no answers: refused by Telegram, without any answer, cut short by a crash or by an error of ours.

None of these ever makes a verdict. What nobody can know (were the contacts added?) is left open in the call's state.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from pult.core.jobs import database_now, ring_soon
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import lose_account, rest_account
from pult.modules.checks.models import Block, Call, Check, LogEntry
from pult.modules.checks.operations.allowances import give_back
from pult.modules.checks.operations.answers import delays
from pult.modules.checks.operations.blocks import (
    let_go_of_blocks,
    lock_check_of,
    lock_checks_of,
    settle_block,
)
from pult.modules.checks.operations.journal import note
from pult.modules.checks.operations.lessons import learn_from_loss, learn_from_refusal
from pult.modules.checks.queries.canaries import trust_in
from pult.modules.checks.queries.work import left_phones
from pult.modules.checks.rules.asking import Unanswered, delay_after_failure
from pult.modules.checks.rules.settling import Wait

# The other states (switched off, removed) were set by a person and stand in the row already.
LOSSES = frozenset({Account.State.NEEDS_SIGN_IN, Account.State.RESTRICTED, Account.State.BANNED})

# Back to where they were before the call; those asked again before are due at once, since their wait was over.
RETURN_NUMBERS = """
UPDATE checks_number SET
    state = CASE WHEN tries > 0 THEN 'u' ELSE 'w' END,
    ask_after = CASE WHEN tries > 0 THEN now() END
WHERE block_id = %(block)s AND call_id = %(call)s AND state = 'a'
"""

LEAVE_UNANSWERED = """
UPDATE checks_number SET
    state = 'u', tries = tries + 1, unanswered_reason = %(reason)s,
    ask_after = now() + (%(delays)s::interval[])[tries + 1]
WHERE block_id = %(block)s AND call_id = %(call)s AND state = 'a'
"""

# A number remembers its latest call only, and another account may ask about it before this one has tidied up.
KEEP_ASKED = """
UPDATE checks_call SET asked_phones = asked_phones || coalesce((
    SELECT jsonb_agg(coalesce(to_jsonb(phone), to_jsonb(subject))) FROM checks_number WHERE
        block_id = %(block)s AND call_id = %(call)s AND state = 'a'
), '[]') WHERE id = %(call)s
"""

GIVE_UP_NUMBERS = """
UPDATE checks_number SET state = 'u', unanswered_reason = %(reason)s, ask_after = NULL
WHERE block_id = %(block)s AND state IN ('w', 'u')
"""


@transaction.atomic
def pause_account(*, account_id: UUID, rest: timedelta, reason: str, call_id: int | None = None) -> datetime:
    """The account rests (a flood wait, say) and gives its blocks back; returns until when.

    `call_id` names the call that Telegram refused, if any: nothing of it was carried out, no try is consumed.
    """
    lock_checks_of(account_id)
    until = rest_account(
        account_id=account_id, seconds=rest.total_seconds(), reason=reason, now=database_now()
    )
    if call_id is not None and (ended := _end_call(call_id, Call.State.REFUSED, outcome=reason)):
        _refused(ended)
        learn_from_refusal(ended.call, wait=rest)
        ended.note(LogEntry.Kind.CALL_REFUSED, reason=reason, until=until.isoformat())
    let_go_of_blocks(account_id, wait=Wait(until, Block.WaitReason.ACCOUNT_RESTS))
    ring_soon()
    return until


@transaction.atomic
def pause_distrusted(*, account_id: UUID, rest: timedelta) -> None:
    """The account missed a canary and rests, unless that canary has come into doubt meanwhile."""
    lock_checks_of(account_id)
    list(Account.objects.select_for_update(of=("self",)).filter(pk=account_id))
    if trust_in(account_id).distrusted:
        pause_account(account_id=account_id, rest=rest, reason="canary_missed")


@transaction.atomic
def give_up_account(*, account_id: UUID, state: str, reason: str, call_id: int | None = None) -> None:
    """The account is lost or restricted: it gives its blocks back to others. Its contacts wait for its return."""
    lock_checks_of(account_id)
    if state in LOSSES:
        lose_account(account_id=account_id, state=state, reason=reason, now=database_now())
    if call_id is not None and (ended := _end_call(call_id, Call.State.LOST, outcome=reason)):
        _refused(ended)
        ended.note(LogEntry.Kind.ACCOUNT_LOST, state=state, reason=reason)
    let_go_of_blocks(account_id)
    ring_soon()


@transaction.atomic
def leave_unanswered(*, call_id: int, reason: str) -> None:
    """No answer came ("timeout", "network", "server"): nobody knows what happened, its numbers are asked again."""
    ended = _end_call(call_id, Call.State.LOST, outcome=reason)
    if ended is None:
        return
    _numbers(ended, LEAVE_UNANSWERED, reason=Unanswered.NO_ANSWER.value, delays=delays(Unanswered.NO_ANSWER))
    ended.note(LogEntry.Kind.CALL_LOST, reason=reason)
    settle_block(ended.block.pk, check=ended.check)
    ring_soon()


@transaction.atomic
def set_block_aside(*, call_id: int, error: str) -> None:
    """An error of ours: this block waits, longer each time, and is given up in the end; the others go on."""
    ended = _end_call(call_id, Call.State.LOST, outcome=f"failed: {error}"[:60])
    if ended is None:
        return
    _numbers(ended, RETURN_NUMBERS)
    Block.objects.filter(pk=ended.block.pk).update(failures=F("failures") + 1)
    failures = ended.block.failures + 1
    delay = delay_after_failure(failures)
    wait = None if delay is None else Wait(database_now() + delay, Block.WaitReason.FAILED)
    if wait is None:
        _numbers(ended, GIVE_UP_NUMBERS, reason=Unanswered.FAILED.value)
    ended.note(
        LogEntry.Kind.BLOCK_FAILED,
        error=error,
        failures=failures,
        until=wait.until.isoformat() if wait else None,
    )
    settle_block(ended.block.pk, check=ended.check, let_go=True, wait=wait)
    ring_soon()


@transaction.atomic
def recover_calls(*, account_id: UUID, seen: list[int]) -> int:
    """Calls that a dead worker left under way: their numbers go back without a try consumed. Returns how many.

    `seen` are the ids that were under way *before* the caller made sure that nobody works with the account.
    """
    recovered = 0
    for call_id in sorted(seen):
        ended = _end_call(call_id, Call.State.LOST, outcome="interrupted", account_id=account_id)
        if ended is not None:
            _numbers(ended, RETURN_NUMBERS)
            ended.note(LogEntry.Kind.CALL_LOST, reason="interrupted")
            settle_block(ended.block.pk, check=ended.check)
        recovered += ended is not None
    return recovered


def close_calls_of(account_id: UUID) -> list[int]:
    """The account goes for good: close its calls that wait for a clean-up; returns the numbers that they left there.

    A call under way stays: whoever makes it removes its traces, or it is taken back like a dead worker's.
    """
    phones = left_phones(account_id)
    open_states = [Call.State.ANSWERED, Call.State.LOST]
    Call.objects.filter(account_id=account_id, state__in=open_states).update(
        state=Call.State.CLEAN, added_contacts=[], asked_phones=[]
    )
    return phones


def planned_calls(account_id: UUID) -> list[int]:
    """Ids of the account's calls under way."""
    calls = Call.objects.filter(account_id=account_id, state=Call.State.PLANNED)
    return list(calls.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Ended:
    call: Call
    block: Block
    check: Check

    def note(self, kind: LogEntry.Kind, **details: Any) -> None:
        note(
            self.check.pk,
            kind,
            block_ordinal=self.block.ordinal,
            account_label=self.block.account_label,
            call=self.call.pk,
            **details,
        )


def _end_call(
    call_id: int, state: Call.State, *, outcome: str, account_id: UUID | None = None
) -> _Ended | None:
    """Take a call out of "planned"; None when it is there no more, or when its check is gone."""
    mine = {} if account_id is None else {"account_id": account_id}
    call = Call.objects.select_related("block").filter(pk=call_id, **mine).first()
    block = None if call is None else call.block
    check = lock_check_of(block)
    nothing_left: dict[str, Any] = {"asked_phones": []} if state == Call.State.REFUSED else {}
    if not Call.objects.filter(pk=call_id, state=Call.State.PLANNED, **mine).update(
        state=state, outcome=outcome[:60], **nothing_left
    ):
        return None
    if call is None or block is None or check is None:
        return None
    ended = _Ended(call, block, check)
    if state == Call.State.LOST:
        _numbers(ended, KEEP_ASKED)
        learn_from_loss(call)
    return ended


def _refused(ended: _Ended) -> None:
    """Telegram carried nothing out: the numbers wait again, and do not count against the day's allowance."""
    give_back(ended.check.owner_id, ended.call.pk, _numbers(ended, RETURN_NUMBERS))


def _numbers(ended: _Ended, statement: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"block": ended.block.pk, "call": ended.call.pk, **parameters})
        count: int = cursor.rowcount
    return count
