"""The queue and what people do, for those who manage checks: no numbers and nobody found are shown here."""

from datetime import datetime
from typing import Annotated, Literal, cast

from django.utils import timezone
from ninja import Query, Schema
from pydantic import BeforeValidator, ConfigDict, Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.errors import Kind, Problem
from pult.core.api.values import (
    BIGGEST_ID,
    Moment,
    Page,
    Paging,
    Words,
    cursor_of,
    key_of,
    page_of,
    without_fraction,
)
from pult.core.people.models import Person
from pult.modules.checks.api.refusals import as_problems
from pult.modules.checks.api.routing import router
from pult.modules.checks.models import Check, Hold
from pult.modules.checks.operations import queue as operations
from pult.modules.checks.queries.activity import Activity, activities, people_listed
from pult.modules.checks.queries.all_checks import checks_managed_by, with_totals
from pult.modules.checks.queries.waiting import Standing, queue_standings

PersonId = Annotated[int, Field(ge=1, le=BIGGEST_ID), BeforeValidator(without_fraction)]
read, manage = scoped("queue:read"), scoped("queue:manage")


class OwnerOut(Schema):
    """Whose check it is."""

    id: int
    name: str


class QueuedOut(Schema):
    """A running or paused check in the order of turns."""

    check_id: int
    name: str
    person: OwnerOut
    state: Literal["running", "paused"]
    numbers: int
    answered: int
    precedence: int = Field(description="Above 0: put before everybody's turns; below 0: behind them.")
    waits: str = Field(description="What it waits for; `working`: for nothing.", examples=["turn"])
    until: Moment | None = Field(description="Until when, where that is known.")
    accounts: list[str] = Field(description="Accounts at work for it.")


class ActivityOut(Schema):
    """What a person does with checks."""

    person: OwnerOut
    checks: int
    asked_today: int = Field(description="Numbers asked about today.")
    asked_week: int
    asked_month: int
    left_today: int | None = Field(description="What the day still allows; null: no allowance.")
    verdicts: int
    accounts: int
    held: bool
    last_activity: Moment | None


class Steered(Schema):
    """What is done with a check."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verb: Literal["pause", "resume", "cancel", "ask_again"] = Field(examples=["pause"])


class Moved(Schema):
    """Where a check is put."""

    model_config = ConfigDict(extra="forbid", strict=True)

    place: Literal["first", "normal", "last"] = Field(examples=["first"])


class Held(Schema):
    """Whose checks are held back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    person_id: PersonId | None = Field(None, description="Left out: everybody's.", examples=[None])
    reason: Words = Field("", max_length=200, description="Shown to those whose checks wait.")


class Released(Schema):
    """Whose checks go on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    person_id: PersonId | None = Field(None, description="Left out: the hold of everybody.", examples=[None])


class HoldOut(Schema):
    """A hold."""

    person_id: int | None = Field(description="null: everybody's checks.")
    reason: str
    laid_at: Moment


@router.get(
    "/queue",
    auth=read,
    tags=["Queue"],
    response=Page[QueuedOut],
    operation_id="list_queue",
    summary="Who waits for what",
)
def list_queue(request: ApiRequest, wanted: Query[Paging]) -> Page[QueuedOut]:
    """Everybody's running and paused checks in the order of turns, which changes all the time: a page is how it stands
    now, and a cursor is a place in the line.
    """
    start = int((key_of(wanted.cursor, [int]) or [0])[0])
    if start < 0:
        raise Problem(Kind.BAD_CURSOR)
    here = queue_standings()[start : start + wanted.limit + 1]
    managed = with_totals(checks_managed_by(request.auth.person))
    checks = managed.in_bulk([standing.check_id for standing in here])
    shown = [_queued(checks[row.check_id], row) for row in here[: wanted.limit] if row.check_id in checks]
    following = cursor_of([start + wanted.limit]) if len(here) > wanted.limit else None
    return Page(items=shown, next=following)


@router.post(
    "/queue/{int:check_id}/steer",
    auth=manage,
    tags=["Queue"],
    response={204: None},
    operation_id="steer_check",
    summary="Pause, resume, cancel or ask again anybody's check",
)
def steer_check(request: ApiRequest, check_id: int, wanted: Steered) -> None:
    """It is recorded, and its owner sees it in the log."""
    with as_problems():
        operations.steer_check(
            actor=request.auth.person,
            check_id=check_id,
            verb=operations.Verb(wanted.verb),
            now=timezone.now(),
        )


@router.post(
    "/queue/{int:check_id}/move",
    auth=manage,
    tags=["Queue"],
    response={204: None},
    operation_id="move_check",
    summary="Change the order",
)
def move_check(request: ApiRequest, check_id: int, wanted: Moved) -> None:
    """Puts a check before everybody's turns, behind them, or back among them."""
    with as_problems():
        operations.move_check(
            actor=request.auth.person,
            check_id=check_id,
            place=operations.Place(wanted.place),
            now=timezone.now(),
        )


@router.post(
    "/queue/hold",
    auth=manage,
    tags=["Queue"],
    response=HoldOut,
    operation_id="hold_back",
    openapi_extra={"x-problems": [404]},
    summary="Hold back a person's checks, or all",
)
def hold_back(request: ApiRequest, wanted: Held) -> HoldOut:
    """What is under way ends, nothing else begins, until it is released. A hold that is there gets the new reason."""
    hold = operations.hold_back(
        actor=request.auth.person, now=timezone.now(), person=_person(wanted.person_id), reason=wanted.reason
    )
    return _hold(hold)


@router.post(
    "/queue/release",
    auth=manage,
    tags=["Queue"],
    response={204: None},
    operation_id="release",
    openapi_extra={"x-problems": [404]},
    summary="Lift a hold",
)
def release(request: ApiRequest, wanted: Released) -> None:
    """Nothing happens where there is none."""
    operations.release(actor=request.auth.person, now=timezone.now(), person=_person(wanted.person_id))


@router.get(
    "/queue/people",
    auth=read,
    tags=["Queue"],
    response=Page[ActivityOut],
    operation_id="list_activity",
    summary="What people do",
)
def list_activity(request: ApiRequest, wanted: Query[Paging]) -> Page[ActivityOut]:
    """How many numbers each person asked about, and what they may still ask today."""
    people = people_listed(request.auth.person).order_by("pk")
    after = key_of(wanted.cursor, [int])
    if after is not None:
        people = people.filter(pk__gt=after[0])
    rows = activities(list(people[: wanted.limit + 1]))
    return page_of(rows, limit=wanted.limit, shown=_active, key=lambda row: [row.person.pk])


def _person(person_id: int | None) -> Person | None:
    return None if person_id is None else Person.objects.get(pk=person_id)


def _queued(check: Check, standing: Standing) -> QueuedOut:
    totals = [getattr(check, name) for name in ("found", "not_found", "unanswered")]
    until: datetime | None = standing.until
    return QueuedOut(
        check_id=check.pk,
        name=check.name,
        person=OwnerOut(id=check.owner_id, name=str(check.owner)),
        state=cast("Literal['running', 'paused']", check.state),
        numbers=check.valid_count,
        answered=sum(totals),
        precedence=check.precedence,
        waits=standing.waits.value,
        until=until,
        accounts=list(standing.accounts),
    )


def _active(row: Activity) -> ActivityOut:
    person = row.person
    return ActivityOut(
        person=OwnerOut(id=person.pk, name=str(person)),
        checks=person.checks_made,
        asked_today=person.today,
        asked_week=person.week,
        asked_month=person.month,
        left_today=row.left,
        verdicts=row.verdicts,
        accounts=row.accounts,
        held=row.hold is not None,
        last_activity=person.last_activity,
    )


def _hold(hold: Hold) -> HoldOut:
    return HoldOut(person_id=hold.person_id, reason=hold.reason, laid_at=hold.laid_at)
