"""An account's shift: with its lease held, call after call until nothing is left, or the account has to rest.

Runs in the worker. It may be killed between any two lines: the database then says what is known, and the next shift
begins by removing what this one left behind.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from pult.core.jobs import in_database
from pult.core.telegram.gateway import (
    MARKER_PREFIX,
    AccountBusy,
    AccountLost,
    AccountRestricted,
    AccountUnusable,
    FloodWait,
    LeasedAccount,
    NoAnswer,
    OwnContacts,
    RequestRefused,
)
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Call
from pult.modules.checks.operations.answers import close_call, record_answers
from pult.modules.checks.operations.claim import PlannedCall, claim_call
from pult.modules.checks.operations.dispatch import dispatch, send_to_work
from pult.modules.checks.operations.setbacks import (
    give_up_account,
    leave_unanswered,
    pause_account,
    pause_distrusted,
    planned_calls,
    recover_calls,
    set_block_aside,
)
from pult.modules.checks.queries.work import missed_values, open_calls
from pult.modules.checks.rules.asking import (
    REST_AFTER_ERROR,
    REST_WITHOUT_CONNECTION,
)

# Then the account queues up behind the others: more accounts than a worker has places still get their turns, and a
# worker that is told to stop does not wait long.
SHIFT_SECONDS = 8.0
# The shift before may still be hanging up when this one begins.
BUSY_ATTEMPTS, BUSY_PAUSE_SECONDS = 8, 0.25
# So long an account stays connected while it keeps its pace; for longer it lets go and rests.
HELD_SECONDS = 2.0
# What a restarted, overloaded or deadlocked database looks like; and no hurry to connect to Telegram again then.
DATABASE_GONE = (OperationalError, InterfaceError)
PAUSE_WITHOUT_DATABASE_SECONDS = 2.0

# Why an account that got no answer rests for a moment.
REST_REASONS = {"server": "server_trouble", "proxy": "proxy_silent"}

Lease = Callable[[UUID], AbstractAsyncContextManager[LeasedAccount]]

log = structlog.get_logger(__name__)


async def serve(account_id: UUID, *, lease: Lease) -> None:
    """One shift of the account, whatever happens in it; then look once more what is to be done."""
    for _ in range(BUSY_ATTEMPTS):
        try:
            await _with_lease(account_id, lease)
            break
        except AccountBusy:
            await asyncio.sleep(BUSY_PAUSE_SECONDS)
    await in_database(dispatch)


async def _with_lease(account_id: UUID, lease: Lease) -> None:
    """Raises AccountBusy only. Every other trouble becomes a state of the account that says until when it rests."""

    async def pause(rest: timedelta, reason: str) -> None:
        await in_database(pause_account, account_id=account_id, rest=rest, reason=reason)

    try:
        async with lease(account_id) as account:
            await work_shift(account)
    except AccountBusy:
        raise
    except FloodWait as wait:
        await pause(timedelta(seconds=wait.seconds), "flood_wait")
    except NoAnswer as failure:
        await pause(REST_WITHOUT_CONNECTION, REST_REASONS.get(failure.reason, "out_of_reach"))
    except (AccountLost, AccountRestricted, AccountUnusable) as error:
        await _give_up(account_id, error)
    except DATABASE_GONE as error:
        # Nobody's fault but the database's: what was under way is taken back as after a kill.
        log.warning("shift.interrupted", account=str(account_id), error=type(error).__name__)
        await asyncio.sleep(PAUSE_WITHOUT_DATABASE_SECONDS)
    except Exception as error:
        # A fault of ours or of Telegram's, outside any block: not silent, and not again at once.
        log.exception("shift.failed", account=str(account_id), error=type(error).__name__)
        await pause(REST_AFTER_ERROR, "pult_trouble")


async def work_shift(account: LeasedAccount) -> None:
    """Ask and clean up until nothing may be asked now or the shift is over. Raises GatewayErrors of the clean-up."""
    ends_at = time.monotonic() + SHIFT_SECONDS
    interrupted = await in_database(planned_calls, account.id)
    await in_database(recover_calls, account_id=account.id, seen=interrupted)
    await clean_up(account)
    own = await account.own_contacts()
    while (call := await in_database(claim_call, account_id=account.id, known=own.phones)) is not None:
        pause = await ask(account, call, own)
        if pause is None:
            return
        next_at = time.monotonic() + pause.total_seconds()
        await clean_up(account)
        if not await keep_pace(account, next_at=next_at):
            return
        if time.monotonic() >= ends_at:
            await in_database(send_to_work, account.id)
            return


async def keep_pace(account: LeasedAccount, *, next_at: float) -> bool:
    """Wait until `next_at` (monotonic clock), so that Telegram grants the next call; False: the account rests."""
    left = next_at - time.monotonic()
    if left > HELD_SECONDS:
        await in_database(
            pause_account, account_id=account.id, rest=timedelta(seconds=left), reason="keeps_pace"
        )
        return False
    await asyncio.sleep(max(0.0, left))
    return True


async def ask(account: LeasedAccount, call: PlannedCall, own: OwnContacts) -> timedelta | None:
    """Make one call and record what came of it.

    Returns how long to wait before the next one, so that Telegram grants it; None when the account cannot go on.
    """
    try:
        return await _ask_and_record(account, call, own)
    except FloodWait as wait:
        rest = timedelta(seconds=wait.seconds)
        await in_database(
            pause_account, account_id=account.id, rest=rest, reason="flood_wait", call_id=call.id
        )
        return None
    except NoAnswer as error:
        await in_database(leave_unanswered, call_id=call.id, reason=error.reason)
        return timedelta(0)
    except (AccountLost, AccountRestricted) as error:
        await _give_up(account.id, error, call_id=call.id)
        return None
    except DATABASE_GONE:
        raise
    except Exception as error:
        # One poisoned block must not stop the others.
        log.exception("block.failed", block=call.block_id, error=type(error).__name__)
        name = error.error if isinstance(error, RequestRefused) else type(error).__name__
        await in_database(set_block_aside, call_id=call.id, error=name)
        return timedelta(0)


async def _ask_and_record(account: LeasedAccount, call: PlannedCall, own: OwnContacts) -> timedelta | None:
    """What came before something cut in stays; what was not reached goes back. Then the cut counts as any other."""
    kind = kind_named(call.kind)
    answers = await kind.ask(account, call.asked, marker=f"{MARKER_PREFIX}{call.id}", own=own)
    canary_seen = None
    if call.canary is not None:
        answers, canary_seen = answers.apart_from(call.canary.client_id)
    cut_by = answers.cut_by
    recorded = await in_database(
        record_answers,
        call_id=call.id,
        hits=answers.hits,
        retry=answers.retry,
        added=answers.added,
        unasked=answers.unasked,
        why=answers.why,
        asked=answers.asked,
        flood_wait=timedelta(seconds=cut_by.seconds) if isinstance(cut_by, FloodWait) else None,
        canary_seen=canary_seen,
    )
    if isinstance(cut_by, NoAnswer):
        reason = REST_REASONS.get(cut_by.reason, "out_of_reach")
        await in_database(pause_account, account_id=account.id, rest=REST_WITHOUT_CONNECTION, reason=reason)
        return None
    if cut_by is not None:
        raise cut_by
    if recorded is None:
        return timedelta(0)
    if recorded.rest is not None and recorded.distrusted:
        await in_database(pause_distrusted, account_id=account.id, rest=recorded.rest)
        # It rests for hours: nothing of the call stays in its phone book for so long.
        await clean_up(account)
        return None
    if recorded.rest is not None:
        await in_database(pause_account, account_id=account.id, rest=recorded.rest, reason="all_unanswered")
        return None
    return recorded.pause


async def clean_up(account: LeasedAccount) -> None:
    """Remove what every call of the account left with Telegram, and learn the found people's own names."""
    unknown: dict[str, dict[int, list[Any]]] = {}
    for call in await in_database(open_calls, account.id):
        if call.state is not Call.State.ANSWERED:
            unknown.setdefault(call.kind, {})[call.id] = call.asked
            continue
        missed = [*await in_database(missed_values, call.id), *call.asked]
        try:
            people = await kind_named(call.kind).clean_up(account, added=call.added, missed=missed)
        except RequestRefused as refusal:
            log.warning("contacts.not_removed_by_id", call=call.id, error=refusal.error)
            unknown.setdefault(call.kind, {})[call.id] = missed
        else:
            await in_database(close_call, call_id=call.id, people=list(people))
    for kind, calls in unknown.items():
        await kind_named(kind).clean_up_lost(account, asked=list(chain.from_iterable(calls.values())))
        for call_id in calls:
            await in_database(close_call, call_id=call_id)


async def _give_up(
    account_id: UUID, error: AccountLost | AccountRestricted | AccountUnusable, *, call_id: int | None = None
) -> None:
    state = "restricted" if isinstance(error, AccountRestricted) else error.state
    await in_database(
        give_up_account, account_id=account_id, state=state, reason=error.reason, call_id=call_id
    )
