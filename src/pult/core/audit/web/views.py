"""The page of the audit trail."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pult.core.audit.queries import Cursor, entries, page_of
from pult.core.audit.web.forms import TrailFilter


@require_GET
@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first. The decorators of people lie above this package, so permission is asked here."""
    if not (request.user.is_authenticated and request.user.may("audit.see")):
        raise PermissionDenied
    form = TrailFilter(request.GET)
    page = page_of(
        entries(**form.conditions()),
        before=Cursor.parse(request.GET.get("before", "")),
        after=Cursor.parse(request.GET.get("after", "")),
    )
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "form": form,
        "page": page,
        "filtered": bool(kept),
        "newer_url": "?" + urlencode({**kept, "after": str(page.newer)}) if page.newer else "",
        "older_url": "?" + urlencode({**kept, "before": str(page.older)}) if page.older else "",
        "newest_url": "?" + urlencode(kept) if page.newer else "",
    }
    return render(request, "audit/trail.html", context)
