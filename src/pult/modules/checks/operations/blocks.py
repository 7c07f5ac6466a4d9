"""Settling blocks: after anything happened to numbers, their block's counts and state follow from them.

Order of locks, everywhere: checks by id, then their blocks, then their numbers.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from pult.core.live import publish
from pult.modules.checks.events import CheckFinished, announce
from pult.modules.checks.models import Block, Call, Check, LogEntry
from pult.modules.checks.operations.journal import note, topic_of
from pult.modules.checks.operations.telling import tell_finished
from pult.modules.checks.rules.settling import Counts, Settled, Standing, Wait, settle

COUNT = """
SELECT count(*) FILTER (WHERE state = 'f'),
       count(*) FILTER (WHERE state = 'n'),
       count(*) FILTER (WHERE state = 'u'),
       count(*) FILTER (WHERE state = 'w' OR (state = 'u' AND ask_after <= now())),
       count(*) FILTER (WHERE state = 'a'),
       count(*) FILTER (WHERE state = 'u' AND ask_after > now()),
       min(ask_after) FILTER (WHERE state = 'u' AND ask_after > now()),
       EXISTS (SELECT FROM checks_call WHERE block_id = %(block)s AND state = 'answered')
FROM checks_number WHERE block_id = %(block)s
"""


def lock_check(check_id: int) -> Check:
    """The check's row, locked until the end of the transaction. Take it before any block of the check."""
    return Check.objects.select_for_update(of=("self",)).get(pk=check_id)


def lock_check_of(block: Block | None) -> Check | None:
    """The check of a block that was read a moment ago, locked; None where its owner left and it went with them."""
    return None if block is None else next(iter(lock_checks([block.check_ref_id])), None)


def lock_checks(check_ids: Iterable[int]) -> list[Check]:
    """These checks, locked in the one order in which several may be locked."""
    return list(Check.objects.select_for_update(of=("self",)).filter(pk__in=check_ids).order_by("pk"))


def lock_checks_of(account_id: UUID) -> None:
    """Lock every check that the account has a block or a call of, in the one order in which they may be locked.

    To be called first where several checks are changed: two accounts that work for the same checks would otherwise
    wait for each other for ever.
    """
    held = Q(account_id=account_id, state=Block.State.WORKING)
    under_way = Q(calls__account_id=account_id, calls__state=Call.State.PLANNED)
    checks = Block.objects.filter(held | under_way).values("check_ref_id")
    list(Check.objects.select_for_update(of=("self",)).filter(pk__in=checks).order_by("pk"))


def settle_block(block_id: int, *, check: Check, let_go: bool = False, wait: Wait | None = None) -> Standing:
    """Bring a block's counts and state up to date; the caller holds the lock of its check.

    `let_go`: its account cannot go on with it, and its due numbers wait as `wait` says (None: for any account).
    Ends the check together with its last block.
    """
    block = Block.objects.select_for_update(of=("self",)).get(pk=block_id)
    counts = count_numbers(block_id)
    before = Standing(block.state)
    running = check.state == Check.State.RUNNING
    settled = settle(
        state=before, counts=counts, running=running, let_go=let_go, wait=wait or _standing_wait(block)
    )
    _store(block, counts, settled)
    if settled.state is Standing.DONE and before is not Standing.DONE:
        note(
            check.pk,
            LogEntry.Kind.BLOCK_DONE,
            block_ordinal=block.ordinal,
            account_label=block.account_label,
            found=counts.found,
            not_found=counts.not_found,
            unanswered=counts.unanswered,
        )
        finish_if_over(check)
    else:
        publish(topic_of(check.pk))
    return settled.state


def let_go_of_blocks(account_id: UUID, *, wait: Wait | None = None) -> None:
    """Give back every block that an account holds, except one with a call under way."""
    held = Block.objects.filter(account_id=account_id, state=Block.State.WORKING).order_by(
        "check_ref_id", "pk"
    )
    for block_id, check_id in held.values_list("pk", "check_ref_id"):
        settle_block(block_id, check=lock_check(check_id), let_go=True, wait=wait)


def finish_if_over(check: Check) -> bool:
    """End the check when no block of it is open; under the check's lock, so that two last blocks cannot miss it."""
    open_states = [Block.State.WAITING, Block.State.WORKING]
    if Block.objects.filter(check_ref=check, state__in=open_states).exists():
        return False
    ended = Check.objects.filter(pk=check.pk, state__in=[Check.State.RUNNING, Check.State.PAUSED]).update(
        state=Check.State.FINISHED, finished_at=Now()
    )
    if ended:
        check.state = Check.State.FINISHED
        note(check.pk, LogEntry.Kind.FINISHED)
        tell_finished(check)
        announce(CheckFinished(check_id=check.pk, owner_id=check.owner_id))
    return bool(ended)


def count_numbers(block_id: int) -> Counts:
    """How the numbers of a block stand at this moment, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"block": block_id})
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return Counts(*row)


def _standing_wait(block: Block) -> Wait | None:
    """A wait that was laid on the block earlier and that something else happening to it does not lift."""
    laid = {Block.WaitReason.FAILED, Block.WaitReason.ACCOUNT_RESTS}
    if block.wait_until is None or block.wait_reason not in laid:
        return None
    return Wait(block.wait_until, block.wait_reason)


def _store(block: Block, counts: Counts, settled: Settled) -> None:
    wait = settled.wait
    changes: dict[str, object] = {
        "state": settled.state.value,
        "found_count": counts.found,
        "not_found_count": counts.not_found,
        "unanswered_count": counts.unanswered,
        "wait_until": wait.until if wait else None,
        "wait_reason": wait.reason if wait else "",
    }
    if settled.state is not Standing.WORKING:
        changes["account_id"] = None
    if settled.state is Standing.DONE:
        changes["finished_at"] = Now()
    Block.objects.filter(pk=block.pk).update(**changes)
