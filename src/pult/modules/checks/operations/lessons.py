"""What an account learns from a call: told to its budget in the transaction that records what came of the call."""

from collections.abc import Collection
from datetime import timedelta

from pult.core.jobs import database_now
from pult.core.telegram.operations.budgets import CallResult, learn
from pult.core.telegram.values import Cause
from pult.modules.checks.kinds import KINDS
from pult.modules.checks.models import Call
from pult.modules.checks.rules.asking import Unanswered


def learn_from_answers(
    call: Call,
    *,
    asked: int,
    unasked: int,
    retry: Collection[int],
    why: Unanswered,
    rest: timedelta | None,
    flood_wait: timedelta | None,
) -> timedelta:
    """The call was answered, perhaps in part; `rest` and `flood_wait` are what the account has to wait for that.

    Telegram was asked about `asked` numbers, of which `retry` came back; a flood wait cut in before `unasked` more.

    Returns how long it should wait by itself before its next call.
    """
    if flood_wait is not None:
        cause = Cause.WAIT
    elif retry:
        cause = Cause.RETRIES if why is Unanswered.LIMIT else Cause.LOST
    else:
        cause = Cause.ANSWERED
    wait = flood_wait or rest or timedelta(0)
    wanted = asked + unasked if cause is Cause.WAIT else asked
    return _learn(call, asked=wanted, answered=max(0, asked - len(retry)), cause=cause, wait=wait)


def learn_from_refusal(call: Call, *, wait: timedelta) -> None:
    """Telegram told the account to wait and carried nothing out."""
    _learn(call, asked=call.size, answered=0, cause=Cause.WAIT, wait=wait)


def learn_from_loss(call: Call) -> None:
    """Nobody knows what became of the call: its numbers may count against the limit or not."""
    _learn(call, asked=call.size, answered=0, cause=Cause.LOST, wait=timedelta(0))


def _learn(call: Call, *, asked: int, answered: int, cause: Cause, wait: timedelta) -> timedelta:
    if call.kind not in KINDS:
        # Made by a version that knew more; taken back by this one.
        return timedelta(0)
    result = CallResult(
        asked=asked, answered=answered, cause=cause, sent_at=call.sent_at, ended_at=database_now(), wait=wait
    )
    return learn(account_id=call.account_id, request=KINDS[call.kind].request, result=result)
