"""Reading checks: the history, one of them, its blocks, rejected lines and log."""

from functools import partial
from typing import Annotated, Literal

from django.utils import timezone
from ninja import Query
from pydantic import Field

from pult.core.api.access import ApiRequest, scoped
from pult.core.api.values import Page, Paging, Words, key_of, page_of
from pult.modules.checks.api.routing import router
from pult.modules.checks.api.shown import (
    BlockOut,
    CheckDetails,
    CheckOut,
    LogOut,
    RejectedOut,
    block_shown,
    check_shown,
    details_shown,
    entry_shown,
    rejected_shown,
)
from pult.modules.checks.models import Check, LogEntry, RejectedLine
from pult.modules.checks.queries.log_listed import log_listed
from pult.modules.checks.queries.own_checks import checks_listed, own_checks
from pult.modules.checks.queries.progress import blocks_of, progress_of
from pult.modules.checks.queries.results import rejected_lines

read = scoped("checks:read")


class ChecksWanted(Paging):
    """Filters of the history."""

    state: Literal["", "preparing", "running", "paused", "finished", "cancelled"] = Field(
        "", description="`preparing` is everything before the start."
    )
    search: Words = Field("", max_length=200, description="A piece of the name.")


class BlocksWanted(Paging):
    """Filters of the blocks."""

    state: Literal["", "waiting", "working", "done", "cancelled"] = Field(
        "", description="Only these blocks."
    )


class RejectedWanted(Paging):
    """Filters of the rejected lines."""

    search: Words = Field("", max_length=100, description="A piece of the line.")


class LogWanted(Paging):
    """Filters of the log."""

    kind: Literal["", "blocks", "requests", "trouble"] = Field("", description="Only entries about this.")


@router.get("", auth=read, response=Page[CheckOut], operation_id="list_checks", summary="Your checks")
def list_checks(request: ApiRequest, wanted: Query[ChecksWanted]) -> Page[CheckOut]:
    """The newest first. Checks that are made while you turn the pages do not move the others."""
    checks = checks_listed(request.auth.person, search=wanted.search.strip(), state=wanted.state)
    after = key_of(wanted.cursor, [int])
    if after is not None:
        checks = checks.filter(pk__lt=after[0])
    rows = list(checks.order_by("-pk")[: wanted.limit + 1])
    return page_of(rows, limit=wanted.limit, shown=_brief, key=lambda check: [check.pk])


@router.get(
    "/{int:check_id}", auth=read, response=CheckDetails, operation_id="get_check", summary="One check"
)
def get_check(request: ApiRequest, check_id: int) -> CheckDetails:
    """State, totals and how far it is. Ask every few seconds, not more often: nothing is gained."""
    check = own_checks(request.auth.person).get(pk=check_id)
    return details_shown(check, progress_of(check, now=timezone.now()))


@router.get(
    "/{int:check_id}/blocks",
    auth=read,
    response=Page[BlockOut],
    operation_id="list_blocks",
    summary="Blocks of a check",
)
def list_blocks(request: ApiRequest, check_id: int, wanted: Query[BlocksWanted]) -> Page[BlockOut]:
    """In the order of the list."""
    check = own_checks(request.auth.person).get(pk=check_id)
    blocks = blocks_of(check, state=wanted.state)
    after = key_of(wanted.cursor, [int])
    if after is not None:
        blocks = blocks.filter(ordinal__gt=after[0])
    rows, now = list(blocks[: wanted.limit + 1]), timezone.now()
    return page_of(
        rows,
        limit=wanted.limit,
        shown=lambda block: block_shown(block, now=now),
        key=lambda block: [block.ordinal],
    )


@router.get(
    "/{int:check_id}/rejected",
    auth=read,
    response=Page[RejectedOut],
    operation_id="list_rejected_lines",
    summary="Lines that are no numbers",
)
def list_rejected_lines(
    request: ApiRequest, check_id: int, wanted: Query[RejectedWanted]
) -> Page[RejectedOut]:
    """In the order of the list, each with its reason. Of very many lines only the first are kept."""
    check = own_checks(request.auth.person).get(pk=check_id)
    lines = rejected_lines(check, search=wanted.search)
    after = key_of(wanted.cursor, [int, int])
    if after is not None:
        lines = lines.filter(line__gte=after[0]).exclude(line=after[0], pk__lte=after[1])
    rows: list[RejectedLine] = list(lines[: wanted.limit + 1])
    return page_of(
        rows,
        limit=wanted.limit,
        shown=partial(rejected_shown, kind=check.kind),
        key=lambda line: [line.line, line.pk],
    )


@router.get(
    "/{int:check_id}/log", auth=read, response=Page[LogOut], operation_id="list_log", summary="Log of a check"
)
def list_log(
    request: ApiRequest,
    check_id: int,
    wanted: Query[LogWanted],
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Only entries behind this id.")] = 0,
) -> Page[LogOut]:
    """In the order of time, without phone numbers. To follow it, ask again with `after`, the id of the last entry."""
    check = own_checks(request.auth.person).get(pk=check_id)
    start = max(after, int((key_of(wanted.cursor, [int]) or [0])[0]))
    entries = log_listed(check, kind=wanted.kind).filter(pk__gt=start).order_by("pk")
    rows: list[LogEntry] = list(entries[: wanted.limit + 1])
    return page_of(rows, limit=wanted.limit, shown=entry_shown, key=lambda entry: [entry.pk])


def _brief(check: Check) -> CheckOut:
    totals = {name: getattr(check, name) for name in ("found", "not_found", "unanswered")}
    return CheckOut(**check_shown(check, totals=totals))
