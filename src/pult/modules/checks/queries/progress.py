"""How a check stands at this moment: totals, speed, blocks, and the accounts at work for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, Func, Min, QuerySet, Sum, Value
from django.db.models.functions import Now

from pult.core.telegram.models import Account
from pult.core.telegram.queries import accounts_usable_by
from pult.modules.checks.models import Block, Call, Check, Number
from pult.modules.checks.queries.own_checks import numbers_of
from pult.modules.checks.queries.time_left import time_left

# The speed shown is that of the last minutes: long enough to be calm, short enough to notice a change.
RATE_WINDOW = timedelta(minutes=3)
PULSE_STEP = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Progress:
    """Totals of a check in numbers and blocks.

    `pulse` are the numbers answered in each six seconds of the last minutes, oldest first, and `rate` is their mean
    for a second (None: nothing to measure); `left` is how long the rest takes by what the accounts have learned (None:
    unknown yet), `next_at` when work goes on while everything waits.
    """

    total: int
    found: int
    not_found: int
    unanswered: int
    final: int
    blocks: dict[str, int]
    rate: float | None
    pulse: list[int]
    left: timedelta | None
    next_at: datetime | None

    @property
    def open(self) -> int:
        """Numbers that have not been asked yet."""
        return max(0, self.total - self.found - self.not_found - self.unanswered)


@dataclass(frozen=True, slots=True)
class WorkingAccount:
    """An account that can work for a check: `blocks` of it in hand, or resting until a time."""

    account: Account
    blocks: tuple[int, ...]


def progress_of(check: Check, *, now: datetime) -> Progress:
    """Totals of a check; a few small queries whatever its size."""
    sums = numbers_of(check)
    blocks = dict(
        Block.objects.filter(check_ref=check).values_list("state").annotate(count=Count("pk")).order_by()
    )
    running = check.state == Check.State.RUNNING
    pulse, rate = _speed(check, now=now) if running else ([], None)
    remaining = sums["size"] - sums["final"]
    waiting_only = running and not blocks.get(Block.State.WORKING)
    return Progress(
        total=sums["size"],
        found=sums["found"],
        not_found=sums["not_found"],
        unanswered=sums["unanswered"],
        final=sums["final"],
        blocks=blocks,
        rate=rate,
        pulse=pulse,
        left=time_left(check, numbers=remaining, measured=rate, now=now) if running and remaining else None,
        next_at=_next_at(check) if waiting_only and remaining else None,
    )


def has_given_up_numbers(check: Check) -> bool:
    """Whether numbers of it stay without an answer until somebody asks again; others come again by themselves."""
    return Number.objects.filter(
        block__check_ref=check,
        block__unanswered_count__gt=0,
        state=Number.State.UNANSWERED,
        ask_after=None,
    ).exists()


def blocks_of(check: Check, *, state: str = "") -> QuerySet[Block]:
    """The blocks in their order, perhaps only those of one state; an unknown state is ignored."""
    blocks = Block.objects.filter(check_ref=check).order_by("ordinal")
    return blocks.filter(state=state) if state in Block.State.values else blocks


def accounts_for(check: Check, person: Any) -> list[WorkingAccount]:
    """The accounts that this person may use, those at work for the check first."""
    in_hand: dict[Any, list[int]] = {}
    held = Block.objects.filter(check_ref=check, state=Block.State.WORKING, account_id__isnull=False)
    for account_id, ordinal in held.order_by("ordinal").values_list("account_id", "ordinal"):
        in_hand.setdefault(account_id, []).append(ordinal)
    accounts = [
        WorkingAccount(account, tuple(in_hand.get(account.pk, ()))) for account in accounts_usable_by(person)
    ]
    return sorted(accounts, key=lambda entry: (not entry.blocks, entry.account.label))


def _speed(check: Check, *, now: datetime) -> tuple[list[int], float | None]:
    began = max(now - RATE_WINDOW, check.started_at or now)
    answered = Call.objects.filter(
        block__check_ref=check, answered_at__gte=began, state__in=[Call.State.ANSWERED, Call.State.CLEAN]
    )
    step = Func(
        Value(PULSE_STEP), F("answered_at"), Value(began), function="date_bin", output_field=DateTimeField()
    )
    sizes: dict[datetime, int] = dict(
        answered.annotate(step=step).values_list("step").annotate(size=Sum("size")).order_by()
    )
    steps = int((now - began) / PULSE_STEP) + 1
    pulse = [sizes.get(began + place * PULSE_STEP, 0) for place in range(steps)]
    seconds = (now - began).total_seconds()
    return pulse, sum(pulse) / seconds if any(pulse) and seconds > 0 else None


def _next_at(check: Check) -> datetime | None:
    waiting = Block.objects.filter(check_ref=check, state=Block.State.WAITING, wait_until__gt=Now())
    moment: datetime | None = waiting.aggregate(at=Min("wait_until"))["at"]
    return moment
