"""The log of a check."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.formats.exports import csv_export
from pult.modules.checks.models import LogEntry
from pult.modules.checks.queries.log_listed import kind_counts, log_columns, log_listed, log_rows
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.queries.result_files import in_language
from pult.modules.checks.web.check_page import frame, own_check, state_changed

ENTRIES_ON_A_PAGE = 100
Kind = LogEntry.Kind
TONES = {
    Kind.CALL_REFUSED: "rest",
    Kind.CALL_LOST: "warn",
    Kind.ACCOUNT_LOST: "bad",
    Kind.BLOCK_FAILED: "bad",
    Kind.UNREADABLE: "bad",
    Kind.CANCELLED: "neutral",
    Kind.BLOCK_DONE: "good",
    Kind.FINISHED: "good",
    Kind.STARTED: "accent",
    Kind.RESUMED: "accent",
    Kind.ASKED_AGAIN: "accent",
    Kind.PAUSED: "rest",
    Kind.REUSED: "good",
    Kind.MOVED: "accent",
    Kind.HELD: "warn",
    Kind.RELEASED: "accent",
    Kind.ALLOWANCE_SPENT: "rest",
}


@require_GET
@needs("checks.use")
def log(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/log/"""
    check = own_check(request, check_id)
    if state_changed(request, check):
        return HttpResponse(status=204, headers={"HX-Trigger": "check:changed"})
    block = _block(request)
    entries = log_listed(check, kind=request.GET.get("kind", ""), block=block)
    page = Paginator(entries, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    counts = kind_counts(check)
    words = {"blocks": _("Blocks"), "requests": _("Requests"), "trouble": _("Waits and trouble")}
    context = frame(check, here="log", live_parts="#log") | {
        "page": page,
        "block_number": None if block is None else block + 1,
        "kinds": [(key, label, counts[key]) for key, label in words.items()],
        "entries": [
            {"at": entry.at, "text": sentence(entry), "tone": TONES.get(Kind(entry.kind), "neutral")}
            for entry in page.object_list
        ],
        "export_query": request.GET.urlencode(),
    }
    return render(request, "checks/log.html", context)


@require_GET
@needs("checks.use")
def export_log(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/log/export.csv: what the filters leave, oldest first."""
    check = own_check(request, check_id)
    entries = log_listed(check, kind=request.GET.get("kind", ""), block=_block(request))
    return StreamingHttpResponse(
        in_language(get_language(), csv_export(log_columns(), log_rows(entries))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(True, f"log-{check.pk}.csv") or "attachment",
            "Cache-Control": "no-store",
        },
    )


def _block(request: PersonRequest) -> int | None:
    """The block in the address, which people count from one."""
    text = request.GET.get("block", "")
    return int(text) - 1 if text.isdecimal() and len(text) < 8 else None
