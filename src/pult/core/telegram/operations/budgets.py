"""Verbs on budgets: what an account learns from each of its calls, and the most that its owner lets it ask at once."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.telegram.models import Account, Budget, Lesson
from pult.core.telegram.operations.accounts import changeable_account
from pult.core.telegram.rules.budgets import (
    LARGEST,
    Known,
    Outcome,
    granted_per_hour,
    next_size,
    pause_after,
)
from pult.core.telegram.values import Cause

KEPT = 300
# What the rate and the pause are worked out from: reaches over all the stretches that count.
REMEMBERED = 150

FORGET = """
DELETE FROM telegram_lesson WHERE account_id = %(account)s AND request = %(request)s AND id <= (
    SELECT id FROM telegram_lesson WHERE account_id = %(account)s AND request = %(request)s
    ORDER BY id DESC OFFSET %(kept)s LIMIT 1
)
"""


class UnableToSetMost(Exception):
    """The number cannot be kept; the text says why and can be shown."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """What became of one call.

    `asked` and `answered` count numbers, `wait` is a rest that its outcome demands (a flood wait, say), `sent_at` and
    `ended_at` say when it began and was over.
    """

    asked: int
    answered: int
    cause: Cause
    sent_at: datetime
    ended_at: datetime
    wait: timedelta = timedelta(0)


@transaction.atomic
def learn(*, account_id: UUID, request: str, result: CallResult) -> timedelta:
    """Let the account's budget learn from a call, in the caller's transaction that records what came of it.

    `request` names the kind of request, each of which has a limit of its own ("phones", "usernames").
    Returns how long it should wait from `ended_at` on before its next call, beside any `wait` of the result: nothing
    while its rate is unknown. An account that was removed meanwhile learns nothing.
    """
    # Also keeps two writers of one account apart, and its removal away until this is over.
    account = Account.objects.select_for_update(no_key=True, of=("self",)).filter(pk=account_id).first()
    if account is None or result.asked < 1:
        return timedelta(0)
    budget = Budget.objects.filter(account=account, request=request).first()
    known = Known() if budget is None else Known(budget.call_size, budget.ceiling, budget.per_hour)
    outcome = Outcome(result.ended_at, result.asked, result.answered, result.cause, result.wait)
    outcomes = [*_latest(account_id, request), outcome]
    learned = next_size(known, outcome, most=account.numbers_per_call)
    per_hour = granted_per_hour(known.per_hour, outcomes)
    pause = timedelta(0)
    if not result.wait:
        due = result.sent_at + pause_after(per_hour, outcomes, size=result.asked)
        pause = max(timedelta(0), due - result.ended_at)
    Budget.objects.update_or_create(
        account=account,
        request=request,
        defaults={
            "call_size": learned.call_size,
            "ceiling": learned.ceiling,
            "per_hour": per_hour,
            "changed_at": result.ended_at,
        },
    )
    _keep(account_id, request, outcome, pause=pause, call_size=learned.call_size)
    publish(topic_of(account_id))
    return pause


def call_size(account: Account, request: str) -> int:
    """How many numbers the account asks about at once now; a fresh one starts small."""
    size = Budget.objects.filter(account=account, request=request).values_list("call_size", flat=True).first()
    return min(account.numbers_per_call, Known().call_size if size is None else size)


@transaction.atomic
def set_most_at_once(*, account_id: UUID, most: int, actor: Person, now: datetime) -> Account:
    """Keep how many numbers the account may ask about at once at most.

    Raises UnableToChangeAccount, and UnableToSetMost for a number outside 1 to 500.
    """
    account = changeable_account(account_id, actor)
    if not 1 <= most <= LARGEST:
        raise UnableToSetMost(_("Type a number between 1 and 500: Telegram takes no more at once."))
    if account.numbers_per_call != most:
        account.numbers_per_call = most
        account.save(update_fields=["numbers_per_call"])
        record(
            action="account.most_at_once",
            actor=actor,
            now=now,
            object_type="account",
            object_id=account.pk,
            most=most,
        )
        publish(f"account:{account.pk}")
    return account


def topic_of(account_id: UUID) -> str:
    """The live topic of what an account learns: apart from its state, because it changes with every call."""
    return f"budget:{account_id}"


def _latest(account_id: UUID, request: str) -> list[Outcome]:
    """The latest calls, oldest first."""
    lessons = Lesson.objects.filter(account=account_id, request=request).order_by("-pk")[:REMEMBERED]
    return [
        Outcome(
            lesson.at,
            lesson.asked,
            lesson.answered,
            Cause(lesson.cause),
            timedelta(seconds=lesson.wait_seconds or 0),
        )
        for lesson in reversed(lessons)
    ]


def _keep(account_id: UUID, request: str, outcome: Outcome, *, pause: timedelta, call_size: int) -> None:
    wait = math.ceil((outcome.pause or pause).total_seconds())
    Lesson.objects.create(
        account_id=account_id,
        request=request,
        at=outcome.at,
        asked=outcome.asked,
        answered=outcome.answered,
        cause=outcome.cause,
        wait_seconds=wait or None,
        call_size=call_size,
    )
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"account": account_id, "request": request, "kept": KEPT})
