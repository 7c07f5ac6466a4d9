"""Sending accounts to work: whoever is usable, awake, idle and has something to do gets a job.

Rung by an alarm, so all deadlines are columns: nothing sleeps in memory, and what a dead worker left is found here.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from pult.core.jobs import database_now, enqueue
from pult.modules.checks.models import Call, Check
from pult.modules.checks.operations.blocks import let_go_of_blocks, lock_checks_of
from pult.modules.checks.operations.setbacks import planned_calls, recover_calls
from pult.modules.checks.queries.work import abandoned_accounts, accounts_with_work, next_wait_over

WORK_JOB = "checks.work_account"
READ_JOB = "checks.read_list"
ERASE_JOB = "checks.erase"
REUSE_JOB = "checks.reuse"
READ_AT_ONCE = 3


def send_to_work(account_id: UUID) -> bool:
    """Enqueue the account's job; False when one waits already."""
    return enqueue(WORK_JOB, queueing_lock=_lock(WORK_JOB, account_id), account_id=str(account_id))


def send_to_reading(check_id: int) -> bool:
    """Enqueue the reading of a list; False when it waits already. A few are read at once, so that the rest goes on."""
    lane = f"checks.reading:{check_id % READ_AT_ONCE}"
    return enqueue(READ_JOB, queueing_lock=_lock(READ_JOB, check_id), lock=lane, check_id=check_id)


def send_to_erasing(check_id: int) -> bool:
    """Enqueue the erasing of a removed check; False when it waits already."""
    return enqueue(
        ERASE_JOB, queueing_lock=_lock(ERASE_JOB, check_id), lock="checks.erasing", check_id=check_id
    )


def send_to_reusing(check_id: int) -> bool:
    """Enqueue the taking over of earlier verdicts; False when it waits already."""
    return enqueue(
        REUSE_JOB, queueing_lock=_lock(REUSE_JOB, check_id), lock="checks.reusing", check_id=check_id
    )


def dispatch() -> None:
    """Take back what dead workers held, then send every idle account with work, and every list to be read."""
    _take_back()
    with transaction.atomic():
        for account_id in accounts_with_work():
            send_to_work(account_id)
        for check_id in _without_job(_to_read(), READ_JOB):
            send_to_reading(check_id)
        for check_id in _without_job(_to_erase(), ERASE_JOB):
            send_to_erasing(check_id)
        for check_id in _without_job(_to_reuse(), REUSE_JOB):
            send_to_reusing(check_id)


def next_dispatch() -> datetime | None:
    """Now, when something could go on and no job for it waits; else when the next wait ends; None without any."""
    left = (
        _without_job(_to_read(), READ_JOB)
        or _without_job(_to_erase(), ERASE_JOB)
        or _without_job(_to_reuse(), REUSE_JOB)
    )
    if left or accounts_with_work() or abandoned_accounts():
        return database_now()
    return next_wait_over()


def _take_back() -> None:
    """Before looking who is connected, so that a call planned after that look is never taken for an old one."""
    seen = {account_id: planned_calls(account_id) for account_id in abandoned_accounts()}
    for account_id in set(seen).intersection(abandoned_accounts()):
        with transaction.atomic():
            lock_checks_of(account_id)
            recover_calls(account_id=account_id, seen=seen[account_id])
            let_go_of_blocks(account_id)


def _to_read() -> QuerySet[Check]:
    """Lists to be read, and lists that were read but whose file is still there."""
    prepared = [Check.State.READY, Check.State.RUNNING, Check.State.PAUSED]
    over = [Check.State.FINISHED, Check.State.CANCELLED]
    read = Q(state__in=prepared + over) & ~Q(source_path="")
    return Check.objects.filter(Q(state=Check.State.READING) | read)


def _to_erase() -> QuerySet[Check]:
    """Removed checks; one with a call under way can be erased once that is answered."""
    under_way = Call.objects.filter(block__check_ref=OuterRef("pk"), state=Call.State.PLANNED)
    return Check.objects.filter(~Exists(under_way), state=Check.State.REMOVED)


def _to_reuse() -> QuerySet[Check]:
    """Started checks whose earlier verdicts are not taken over yet."""
    states = [Check.State.RUNNING, Check.State.PAUSED]
    return Check.objects.filter(reuse_pending=True, state__in=states)


def _without_job(checks: QuerySet[Check], job: str) -> list[int]:
    ids = list(checks.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    jobs = ProcrastinateJob.objects.filter(task_name=job, status__in=["todo", "doing"])
    known = set(jobs.values_list("queueing_lock", flat=True))
    return [check_id for check_id in ids if _lock(job, check_id) not in known]


def _lock(job: str, key: UUID | int) -> str:
    return f"{job}:{key}"
