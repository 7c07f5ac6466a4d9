"""The status page: warnings first, then what runs, what waits and how much room there is."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pult.core.jobs.queries import queue_sums
from pult.core.people.access import PersonRequest, needs
from pult.core.registry import registry
from pult.core.watch import queries
from pult.core.watch.rules import OLDEST_JOB_SECONDS
from pult.core.watch.status_warnings import all_warnings


@require_GET
@needs("watch.see")
def status(request: PersonRequest) -> HttpResponse:
    """/status/, which fetches itself again every few seconds."""
    sums, database = queue_sums(), queries.database_facts()
    context = {
        "warnings": all_warnings(),
        "tabs": tabs(request, failed=sums.failed),
        "sums": sums,
        "oldest_is_old": sums.oldest_seconds > OLDEST_JOB_SECONDS,
        "processes": queries.running_processes(now=database.now),
        "parts": _parts(),
        "database": database,
        "embedded": settings.ENVIRONMENT.database_url is None,
        "missing_migrations": queries.missing_migrations(),
        "disk": queries.disk_facts(),
        "memory": queries.memory_of_machine(),
        "backup": queries.last_backup(),
        "simulated": settings.TELEGRAM.simulated,
        "now": datetime.now(UTC),
    }
    return render(request, "watch/status.html", context)


def tabs(request: HttpRequest, *, failed: int) -> list[dict[str, Any]]:
    """The two pages of this room."""
    pages = (("watch:status", _("Status"), None), ("watch:jobs", _("Failed jobs"), failed))
    return [
        {
            "title": title,
            "url": reverse(name),
            "active": request.path == reverse(name),
            "count": count or None,
        }
        for name, title, count in pages
    ]


def _parts() -> list[tuple[Any, list[Any]]]:
    """Each module that has something to say, with its totals."""
    said = [(module.title, list(module.facts())) for module in registry if module.facts is not None]
    return [(title, facts) for title, facts in said if facts]
