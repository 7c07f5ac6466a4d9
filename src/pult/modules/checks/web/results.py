"""Verdicts of a check: filter, search, sorting and page live in the address; exports respect filter and search."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.formats.exports import csv_export, json_export, xlsx_export
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries.export_rows import export_columns, export_rows
from pult.modules.checks.queries.progress import has_given_up_numbers, progress_of
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
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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
    name = f"{slugify(check.name, allow_unicode=True) or 'check'}-{check.pk}.{file_format}"
    response: StreamingHttpResponse | FileResponse
    if file_format == "xlsx":
        response = _workbook(check, wanted, name)
    else:
        response = StreamingHttpResponse(
            in_language(get_language(), _chunks(check, wanted, file_format)),
            content_type=CONTENT_TYPES[file_format],
            headers={"Content-Disposition": _attachment(name)},
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


def _chunks(check: Check, wanted: Wanted, file_format: str) -> Iterator[bytes]:
    if file_format == "json":
        return json_export(export_columns(check), export_rows(check, wanted, codes=True))
    return csv_export(export_columns(check), export_rows(check, wanted))


def in_language(language: str | None, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream is made after the request's language has been put back: each piece in its own."""
    while True:
        with override(language):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _workbook(check: Check, wanted: Wanted, name: str) -> FileResponse:
    # A workbook is a ZIP archive: it is written to a file that goes with the response.
    folder = tempfile.TemporaryDirectory(prefix="pult-export-")
    path = Path(folder.name) / "results.xlsx"
    xlsx_export(path, export_columns(check), export_rows(check, wanted))
    response = FileResponse(path.open("rb"), content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = _attachment(name)
    # Open files stay readable after they were removed.
    folder.cleanup()
    return response


def _attachment(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
