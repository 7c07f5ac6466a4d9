"""The log across checks: one's own, and for administrators that of a person, of one check, or of everybody."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Person
from pult.modules.checks.formats.exports import csv_export, json_export
from pult.modules.checks.models import LogEntry
from pult.modules.checks.queries import logs
from pult.modules.checks.queries.all_checks import checks_managed_by
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.queries.result_files import in_language
from pult.modules.checks.web.all_checks import any_frame
from pult.modules.checks.web.log import ENTRIES_ON_A_PAGE, TONES
from pult.modules.checks.web.queue import tabs

EXPORTS = {"csv": (csv_export, "text/csv; charset=utf-8"), "json": (json_export, "application/json")}


@require_GET
@needs("checks.use")
def my_log(request: PersonRequest) -> HttpResponseBase:
    """/checks/log/: what happened in all of one's own checks."""
    context = _listed(request, logs.own_log(request.user), with_person=False)
    topic = f"checks-log:{request.user.pk}"
    context |= {"topic": topic, "event": topic.replace(":", "-"), "export_base": _export_base("my_log")}
    return render(request, "checks/my_log.html", context)


@require_GET
@needs("checks.manage")
def all_log(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/log/: of everybody, or with ?person= of one."""
    context = _listed(request, logs.log_of_everybody(request.user), with_person=True)
    wanted = _wanted(request)
    context |= _for_managers("all_log") | {
        "tabs": tabs(request, "log"),
        "person": None if wanted.person is None else get_object_or_404(Person, pk=wanted.person),
    }
    return render(request, "checks/queue/all_log.html", context)


@require_GET
@needs("checks.manage")
def any_log(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/queue/checks/12/log/: of one check of anybody."""
    check = get_object_or_404(checks_managed_by(request.user), pk=check_id)
    entries = logs.log_of_everybody(request.user).filter(check_ref=check)
    context = any_frame(request, check, here="log") | _listed(request, entries, with_person=False)
    context |= _for_managers("all_log")
    context["export_query"] = f"{context['export_query']}&check={check.pk}".lstrip("&")
    return render(request, "checks/queue/any_log.html", context)


@require_GET
@needs("checks.use")
def export_my_log(request: PersonRequest, file_format: str) -> HttpResponseBase:
    """/checks/log/export.csv (or .json)"""
    return _export(request, logs.own_log(request.user), file_format)


@require_GET
@needs("checks.manage")
def export_all_log(request: PersonRequest, file_format: str) -> HttpResponseBase:
    """/checks/queue/log/export.csv (or .json)"""
    return _export(request, logs.log_of_everybody(request.user), file_format)


def _listed(request: PersonRequest, entries: QuerySet[LogEntry], *, with_person: bool) -> dict[str, Any]:
    wanted = _wanted(request)
    found = logs.filtered(entries, wanted, now=timezone.now())
    page = Paginator(found, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "entries": [
            {
                "at": entry.at,
                "text": sentence(entry),
                "tone": TONES.get(LogEntry.Kind(entry.kind), "neutral"),
                "detail": entry.check_ref.name,
                "who": str(entry.check_ref.owner) if with_person else "",
            }
            for entry in page.object_list
        ],
        "kinds": [
            ("blocks", _("Blocks")),
            ("requests", _("Requests")),
            ("trouble", _("Waits and trouble")),
            ("steering", _("What people did")),
        ],
        "periods": [("1", _("24 hours")), ("7", _("7 days")), ("30", _("30 days"))],
        "filtered": wanted != logs.LogFilter(),
        "export_query": request.GET.urlencode(),
    }


def _for_managers(name: str) -> dict[str, Any]:
    return {"topic": "queue:checks", "event": "queue-checks", "export_base": _export_base(name)}


def _export_base(name: str) -> str:
    return reverse(f"checks:export_{name}", args=["csv"]).removesuffix("csv")


def _export(request: PersonRequest, entries: QuerySet[LogEntry], file_format: str) -> HttpResponseBase:
    if file_format not in EXPORTS:
        raise Http404
    write, content_type = EXPORTS[file_format]
    found = logs.filtered(entries, _wanted(request), now=timezone.now())
    return StreamingHttpResponse(
        in_language(get_language(), write(logs.columns(), logs.rows(found))),
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, f"log.{file_format}") or "attachment",
            "Cache-Control": "no-store",
        },
    )


def _wanted(request: PersonRequest) -> logs.LogFilter:
    asked = request.GET
    return logs.LogFilter(
        kind=asked.get("kind", ""),
        period=asked.get("period", ""),
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        person=_id(asked.get("person", "")),
        check=_id(asked.get("check", "")),
    )


def _id(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
