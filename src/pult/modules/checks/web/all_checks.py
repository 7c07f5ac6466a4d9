"""The checks of everybody: totals, blocks and log for administrators; numbers only for those who may see them.

Each look at somebody else's numbers, page or export, is an entry of the audit trail.
"""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.audit.operations import record
from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Person
from pult.modules.checks.models import Check
from pult.modules.checks.queries import wait_words as waits
from pult.modules.checks.queries.all_checks import (
    NEWEST_FIRST,
    ORDERS,
    checks_managed_by,
    narrowed,
    with_totals,
)
from pult.modules.checks.queries.own_checks import STATE_FILTERS
from pult.modules.checks.queries.progress import blocks_of, has_given_up_numbers, progress_of
from pult.modules.checks.queries.result_files import CONTENT_TYPES
from pult.modules.checks.queries.waiting import standing_of
from pult.modules.checks.web import results, shown
from pult.modules.checks.web.check_page import BEFORE_RESULTS, BLOCKS_ON_A_PAGE
from pult.modules.checks.web.history import FILTER_WORDS
from pult.modules.checks.web.queue import tabs

CHECKS_ON_A_PAGE = 25


@require_GET
@needs("checks.manage")
def all_checks(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/checks/: search, state, person, sorting and page live in the address."""
    asked = request.GET
    wanted = {
        "search": asked.get("q", "").replace("\0", "").strip()[:200],
        "state": asked.get("state", ""),
        "person": asked.get("person", ""),
    }
    found = narrowed(checks_managed_by(request.user), **wanted)
    ordered = with_totals(found).order_by(*ORDERS.get(asked.get("sort", ""), ORDERS[NEWEST_FIRST]))
    page = Paginator(ordered, CHECKS_ON_A_PAGE).get_page(asked.get("page"))
    person = wanted["person"]
    context = {
        "tabs": tabs(request, "checks"),
        "page": page,
        "rows": [{"check": check, "badge": shown.check_badge(check)} for check in page],
        "states": [(key, FILTER_WORDS[key]) for key in STATE_FILTERS],
        "filtered": any(wanted.values()),
        "person": Person.objects.filter(pk=int(person)).first()
        if person.isdecimal() and len(person) < 10
        else None,
        "order": NEWEST_FIRST,
    }
    return render(request, "checks/queue/all_checks.html", context)


@require_GET
@needs("checks.manage")
def any_check(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/queue/checks/12/: totals, what it waits for, and blocks."""
    check = _managed(request, check_id)
    now = timezone.now()
    blocks = blocks_of(check, state=request.GET.get("block", ""))
    page = Paginator(blocks, BLOCKS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = any_frame(request, check, here="overview")
    sums = context["progress"]
    standing = standing_of(check)
    context |= {
        "waits": None if standing is None else waits.in_queue(standing),
        "verdicts": [
            {"label": _("Found"), "count": sums.found, "tone": "good"},
            {"label": _("Not found"), "count": sums.not_found, "tone": "neutral"},
            {"label": _("Unanswered"), "count": sums.unanswered, "tone": "warn"},
            *([{"label": _("Not asked yet"), "count": sums.open, "tone": "open"}] if sums.open else []),
        ],
        "cells": shown.block_cells(list(blocks_of(check).only("ordinal", "state", "wait_until")), now=now),
        "page": page,
        "rows": shown.block_rows(page.object_list, now=now),
        "block_states": shown.block_states(sums.blocks),
    }
    return render(request, "checks/queue/any_check.html", context)


@require_GET
@needs("checks.see_numbers")
def any_results(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/queue/checks/12/results/: somebody else's verdicts; the look is recorded."""
    check = _managed(request, check_id)
    if check.state in BEFORE_RESULTS:
        return redirect("checks:any_check", check_id)
    _record_look(request, check, "check.results_seen")
    context = results.results_context(request, check) | any_frame(request, check, here="results")
    return render(request, "checks/queue/any_results.html", context)


@require_GET
@needs("checks.see_numbers")
def any_export(request: PersonRequest, check_id: int, file_format: str) -> HttpResponseBase:
    """/checks/queue/checks/12/results/export.csv (or .xlsx, .json); recorded."""
    check = _managed(request, check_id)
    if check.state in BEFORE_RESULTS or file_format not in CONTENT_TYPES:
        raise Http404
    _record_look(request, check, "check.results_exported", format=file_format)
    return results.export_response(request, check, file_format)


def any_frame(request: PersonRequest, check: Check, *, here: str) -> dict[str, Any]:
    """What heading and tabs of every page of somebody else's check need."""
    sums = progress_of(check, now=timezone.now())
    steerable = check.state in {Check.State.RUNNING, Check.State.PAUSED, Check.State.FINISHED}
    return {
        "check": check,
        "here": here,
        "badge": shown.check_badge(check),
        "progress": sums,
        "may_see_numbers": request.user.may("checks.see_numbers"),
        "has_results": check.state not in BEFORE_RESULTS,
        "may_ask_again": steerable and bool(sums.unanswered) and has_given_up_numbers(check),
        "may_cancel": check.state in {Check.State.READY, Check.State.RUNNING, Check.State.PAUSED},
    }


def _managed(request: PersonRequest, check_id: int) -> Check:
    return get_object_or_404(checks_managed_by(request.user), pk=check_id)


def _record_look(request: PersonRequest, check: Check, action: str, **details: str) -> None:
    """One's own numbers are nobody else's."""
    if check.owner_id != request.user.pk:
        record(
            action=action,
            actor=request.user,
            now=timezone.now(),
            object_type="check",
            object_id=check.pk,
            **details,
        )
