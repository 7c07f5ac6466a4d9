"""Verdicts of a check: filter, search, sorting and page live in the address; exports respect filter and search."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries.progress import has_given_up_numbers, progress_of
from pult.modules.checks.queries.result_files import CONTENT_TYPES, result_chunks, result_file_name
from pult.modules.checks.queries.results import (
    INVALID,
    MOST_MATCHES,
    MOST_SORTED,
    VERDICTS,
    ResultRows,
    Wanted,
)
from pult.modules.checks.web import shown
from pult.modules.checks.web.check_page import BEFORE_RESULTS, frame, own_check
from pult.modules.checks.web.rejected import rejected_page

NUMBERS_ON_A_PAGE = 50


@require_GET
@needs("checks.use")
def results(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/results/"""
    check = own_check(request, check_id)
    if check.state in BEFORE_RESULTS:
        return redirect("checks:check", check_id)
    context = results_context(request, check)
    context |= frame(check, here="results", sums=context["sums"])
    return render(request, "checks/results.html", context)


def results_context(request: PersonRequest, check: Check) -> dict[str, Any]:
    """What the page of verdicts shows, by the address; the caller knows that the person may see it."""
    wanted = _wanted(request)
    sums = progress_of(check, now=timezone.now())
    context: dict[str, Any] = {
        "wanted": wanted,
        "verdicts": [
            ("found", _("Found"), sums.found),
            ("not_found", _("Not found"), sums.not_found),
            ("unanswered", _("Unanswered"), sums.unanswered),
            (INVALID, _("Invalid"), check.rejected_count),
        ],
        "formats": [(name, name.upper()) for name in CONTENT_TYPES],
        "export_query": request.GET.urlencode(),
        "may_ask_again": check.state != Check.State.CANCELLED
        and bool(sums.unanswered)
        and has_given_up_numbers(check),
        "sums": sums,
        "check": check,
        "kind": kind_named(check.kind),
    }
    if wanted.verdict == INVALID:
        context |= rejected_page(request, check)
    else:
        results = ResultRows(check, wanted)
        page = Paginator(results, NUMBERS_ON_A_PAGE).get_page(request.GET.get("page"))
        rows = [
            {
                "number": number,
                "subject": shown.subject(number, check.kind),
                "badge": shown.number_badge(number),
            }
            for number in page.object_list
        ]
        context |= {
            "page": page,
            "rows": rows,
            "sortable": results.sortable,
            "cut": results.cut,
            "most_sorted": MOST_SORTED,
            "most_matches": MOST_MATCHES,
        }
    return context


@require_GET
@needs("checks.use")
def export(request: PersonRequest, check_id: int, file_format: str) -> HttpResponseBase:
    """/checks/12/results/export.csv (or .xlsx, .json): the rows that filter and search leave, streamed."""
    check = own_check(request, check_id)
    if check.state in BEFORE_RESULTS or file_format not in CONTENT_TYPES:
        raise Http404
    return export_response(request, check, file_format)


def export_response(request: PersonRequest, check: Check, file_format: str) -> HttpResponseBase:
    """The file as an attachment; the caller knows that the person may have it."""
    wanted = _wanted(request)
    response = StreamingHttpResponse(
        result_chunks(check, wanted, file_format),
        content_type=CONTENT_TYPES[file_format],
        headers={"Content-Disposition": _attachment(result_file_name(check, file_format))},
    )
    response["Cache-Control"] = "no-store"
    return response


def _wanted(request: PersonRequest) -> Wanted:
    asked = request.GET
    verdict = asked.get("verdict", "")
    return Wanted(
        verdict=verdict if verdict in {*VERDICTS, INVALID} else "",
        search=asked.get("q", "").replace("\0", "").strip()[:100],
        order=asked.get("sort", ""),
    )


def _attachment(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
