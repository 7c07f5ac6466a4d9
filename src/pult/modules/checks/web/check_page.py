"""The page of one check: what it shows follows from the check's state; a reload always shows the same."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.queries import accounts_lost_by, accounts_usable_by
from pult.modules.checks.formats import Sample, UnreadableFile
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.operations.uploads import UnableToAccept, confirm_column
from pult.modules.checks.queries import wait_words as waits
from pult.modules.checks.queries.keeping import is_announced
from pult.modules.checks.queries.own_checks import own_checks
from pult.modules.checks.queries.progress import (
    Progress,
    WorkingAccount,
    accounts_for,
    blocks_of,
    progress_of,
)
from pult.modules.checks.queries.regions import region_name
from pult.modules.checks.queries.uploaded_list import readings_of, sample_of, unreadable_text
from pult.modules.checks.queries.waiting import standing_of
from pult.modules.checks.rules.blocks import block_sizes
from pult.modules.checks.web import shown
from pult.modules.checks.web.forms import ColumnForm
from pult.modules.checks.web.history import connect_url
from pult.modules.checks.web.rejected import rejected_page
from pult.modules.checks.web.reuse import reuse_form

BLOCKS_ON_A_PAGE = 25
LARGE_GRID = 200
State = Check.State
AWAITING_COLUMN = {State.UPLOADED, State.UNREADABLE}
BEFORE_RESULTS = {State.UPLOADED, State.READING, State.UNREADABLE, State.READY}
MAY_REMOVE = {State.UPLOADED, State.UNREADABLE, State.READY, State.FINISHED, State.CANCELLED}
FOLLOWED = {State.READING, State.READY, State.RUNNING, State.PAUSED}


def own_check(request: PersonRequest, check_id: int) -> Check:
    """The person's own check, or the page "404"."""
    return get_object_or_404(own_checks(request.user), pk=check_id)


def frame(check: Check, *, here: str, sums: Progress | None = None, live_parts: str = "") -> dict[str, Any]:
    """What heading and tabs of every page of a check need; `live_parts` are fetched again when the check changes."""
    return {
        "check": check,
        "kind": kind_named(check.kind),
        "here": here,
        "badge": shown.check_badge(check),
        "followed": check.state in FOLLOWED and bool(live_parts),
        "live_parts": live_parts,
        "may_remove": check.state in MAY_REMOVE,
        "may_cancel": check.state in {State.RUNNING, State.PAUSED},
        "has_results": check.state not in BEFORE_RESULTS,
        "progress": sums,
        "erased_soon": is_announced(check, now=timezone.now()),
    }


@require_GET
@needs("checks.use")
def check_page(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/: the step at which the check is."""
    check = own_check(request, check_id)
    if state_changed(request, check):
        return HttpResponse(status=204, headers={"HX-Trigger": "check:changed"})
    state = State(check.state)
    if state in AWAITING_COLUMN:
        return _column_page(request, check, None)
    if state is State.READING:
        context = frame(check, here="overview", live_parts="#reading")
        context["stored"] = 0 < check.source_size <= check.read_bytes
        return render(request, "checks/reading.html", context)
    if state is State.READY:
        return preview_page(request, check)
    return _work(request, check)


@require_http_methods(["POST"])
@needs("checks.use")
def choose_column(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/column/: the column, sheet and country are confirmed, reading begins."""
    check = own_check(request, check_id)
    try:
        form = ColumnForm(
            request.POST,
            sample=sample_of(check, sheet=request.POST.get("sheet", "")),
            kind=kind_named(check.kind),
        )
    except UnreadableFile:
        return redirect("checks:check", check_id)
    if form.is_valid():
        given = form.cleaned_data
        try:
            confirm_column(
                actor=request.user,
                check_id=check_id,
                column=given["column"],
                sheet=given["sheet"],
                region=given.get("region", ""),
                now=timezone.now(),
            )
        except UnableToAccept as error:
            form.add_error(None, str(error.reason))
        else:
            return redirect("checks:check", check_id)
    return _column_page(request, check, form)


def shell_for(request: PersonRequest) -> str:
    """The page around the parts; a page that is open already and fetches itself anew needs the parts only."""
    return "ui/parts.html" if "X-Check-State" in request.headers else "ui/base.html"


def state_changed(request: PersonRequest, check: Check) -> bool:
    """Whether an open page follows a state that is over: then it fetches itself anew instead of parts."""
    followed = request.headers.get("X-Check-State")
    return followed is not None and followed != check.state


def _column_page(request: PersonRequest, check: Check, form: ColumnForm | None) -> HttpResponse:
    """The first rows of the list, the column that is suggested, and how its numbers would be read."""
    context = frame(check, here="overview")
    asked = request.POST if form else request.GET
    sheet = asked.get("sheet", check.sheet)
    region = asked.get("region", check.region)
    try:
        sample = sample_of(check, sheet=sheet)
    except UnreadableFile as error:
        context |= {"unreadable": unreadable_text(error.reason, kind=check.kind), "line": error.line}
        return render(request, "checks/unreadable.html", context)
    chosen = _number_or_none(asked.get("column", "")) if "column" in asked else check.column
    chosen = sample.suggested if chosen is None else chosen
    if chosen is None and len(sample.columns) == 1:
        chosen = sample.columns[0].index
    context |= {
        "form": form
        or ColumnForm(
            sample=sample,
            kind=kind_named(check.kind),
            initial={"column": chosen, "sheet": sample.sheet or "", "region": region},
        ),
        "sample": sample,
        "columns": _column_cards(sample, chosen=chosen, region=region, kind=check.kind),
        "unreadable": unreadable_text(check.unreadable_reason, kind=check.kind)
        if check.unreadable_reason
        else "",
    }
    return render(request, "checks/column.html", context, status=422 if form else 200)


def _column_cards(sample: Sample, *, chosen: int | None, region: str, kind: str) -> list[dict[str, Any]]:
    cards = [
        {
            "index": column.index,
            "title": column.title or _("Column %(number)s") % {"number": column.index + 1},
            "readings": readings_of(column.examples, region=region, kind=kind),
            "share": column.share_of_numbers,
            "suggested": column.index == sample.suggested,
            "chosen": column.index == chosen,
        }
        for column in sample.columns
    ]
    return sorted(cards, key=lambda card: not card["suggested"])


def preview_page(request: PersonRequest, check: Check, *, typed: Any = None) -> HttpResponse:
    """What was understood of the list, and the question about earlier verdicts; `typed` could not be taken."""
    context = frame(check, here="overview", live_parts="#preview") | {
        "blocks": len(block_sizes(check.valid_count)),
        "region": region_name(check.region),
        "has_account": accounts_usable_by(request.user).exists(),
        "connect_url": connect_url(),
        "reuse": reuse_form(check, typed),
        **rejected_page(request, check),
    }
    return render(request, "checks/preview.html", context, status=422 if typed else 200)


def _work(request: PersonRequest, check: Check) -> HttpResponse:
    """Totals, accounts and blocks of a check that was started."""
    now = timezone.now()
    sums = progress_of(check, now=now)
    blocks = Paginator(blocks_of(check, state=request.GET.get("block", "")), BLOCKS_ON_A_PAGE)
    page = blocks.get_page(request.GET.get("page"))
    cells = shown.block_cells(list(blocks_of(check).only("ordinal", "state", "wait_until")), now=now)
    parts = "#totals,#accounts,#grid,#block-rows"
    lost = list(accounts_lost_by(request.user, since=check.started_at)) if check.started_at else []
    accounts = accounts_for(check, request.user)
    context = frame(check, here="overview", sums=sums, live_parts=parts) | {
        "shell": shell_for(request),
        # A large grid is drawn less often.
        "slow": len(cells) > LARGE_GRID,
        "verdicts": _verdicts(check, sums),
        "accounts": accounts,
        "lost_accounts": lost,
        # Nobody at work: no speed of the past says when it ends.
        "time_left": sums.left if accounts else None,
        "left_note": _("time left: not known yet") if accounts and sums.open and sums.left is None else "",
        "next_at": sums.next_at or _all_rest_until(accounts, now=now),
        "cells": cells,
        "page": page,
        "rows": shown.block_rows(page.object_list, now=now),
        "block_states": shown.block_states(sums.blocks),
        "obstacle": waits.to_owner(standing_of(check)),
        "took": check.finished_at - check.started_at if check.finished_at and check.started_at else None,
        "connect_url": connect_url(),
        "now": now,
    }
    return render(request, "checks/work.html", context)


def _all_rest_until(accounts: list[WorkingAccount], *, now: datetime) -> datetime | None:
    """When the first account goes on, while every one of them rests."""
    rests = [entry.account.resting_until for entry in accounts if not entry.blocks]
    ends = [end for end in rests if end is not None and end > now]
    return min(ends) if ends and len(ends) == len(accounts) else None


def _verdicts(check: Check, sums: Progress) -> list[dict[str, Any]]:
    """The shares of the bar, each leading to its results."""
    shares = [
        (_("Found"), sums.found, "good", "found"),
        (_("Not found"), sums.not_found, "neutral", "not_found"),
        (_("Unanswered"), sums.unanswered, "warn", "unanswered"),
    ]
    if sums.open:
        shares.append(
            (_("Not asked") if check.state == State.CANCELLED else _("Not asked yet"), sums.open, "open", "")
        )
    return [
        {
            "label": label,
            "count": count,
            "tone": tone,
            "url": verdict and f"results/?{urlencode({'verdict': verdict})}",
        }
        for label, count, tone, verdict in shares
    ]


def _number_or_none(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None
