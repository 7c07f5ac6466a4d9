"""The history of a person's own checks."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.queries import accounts_usable_by
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.queries.keeping import is_announced, soon_erased
from pult.modules.checks.queries.own_checks import (
    NEWEST_FIRST,
    checks_listed,
    kind_counts,
    own_checks,
    state_counts,
)
from pult.modules.checks.web import shown

CHECKS_ON_A_PAGE = 25
MOST_ANNOUNCED = 5
FILTER_WORDS = {
    "preparing": gettext_lazy("Preparing"),
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "finished": gettext_lazy("Finished"),
    "cancelled": gettext_lazy("Cancelled"),
}


@require_GET
@needs("checks.use")
def history(request: PersonRequest) -> HttpResponseBase:
    """/checks/: search, state, sorting and page live in the address."""
    asked = request.GET
    listed = checks_listed(
        request.user,
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        state=asked.get("state", ""),
        kind=asked.get("kind", ""),
        order=asked.get("sort", NEWEST_FIRST),
    )
    page = Paginator(listed, CHECKS_ON_A_PAGE).get_page(asked.get("page"))
    counts, now = state_counts(request.user), timezone.now()
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            {
                "check": check,
                # Phone numbers are what everybody expects.
                "kind": "" if check.kind == "phone" else kind_named(check.kind).title,
                "badge": shown.check_badge(check),
                "erased_soon": is_announced(check, now=now),
            }
            for check in page
        ],
        "soon_erased": list(soon_erased(request.user, now=now)[:MOST_ANNOUNCED]),
        "states": [(key, FILTER_WORDS[key], counts[key]) for key in FILTER_WORDS if counts[key]],
        "kinds": [(kind, kind_named(kind).title, count) for kind, count in kind_counts(request.user)],
        "any": bool(page.paginator.count) or own_checks(request.user).exists(),
        "order": NEWEST_FIRST,
    }
    if not context["any"]:
        context |= first_steps(request)
    return render(request, "checks/history.html", context)


def first_steps(request: PersonRequest) -> dict[str, Any]:
    """What leads a newcomer to the first result; the sample exists with the simulated Telegram only."""
    connected = accounts_usable_by(request.user).exists()
    return {
        "samples": sample_lists() if settings.SIMULATED_TELEGRAM else [],
        "steps": [
            {
                "title": _("Connect a Telegram account"),
                "text": _("Pult asks Telegram through an account of yours. Its session is kept encrypted."),
                "done": connected,
                "url": connect_url(),
                "action": _("Connect"),
            },
            {
                "title": _("Upload a list"),
                "text": _(
                    "Phone numbers or usernames: as CSV, TXT or XLSX, or pasted. "
                    "You see what was understood before anything starts."
                ),
                "url": reverse("checks:new"),
                "action": _("Upload"),
            },
            {
                "title": _("Watch the verdicts arrive"),
                "text": _("Found, not found, unanswered: live, and afterwards as CSV, XLSX or JSON."),
            },
        ],
    }


def sample_lists() -> list[tuple[str, str]]:
    """Title and address of made-up lists that the simulated Telegram offers, for each kind of check."""
    return [
        (
            _("Download 1,000 sample numbers"),
            f"{settings.SIMULATOR_URL}/api/sample-numbers?count=1000&format=csv",
        ),
        (
            _("Download 200 sample usernames"),
            f"{settings.SIMULATOR_URL}/api/sample-usernames?count=200&format=csv",
        ),
    ]


def connect_url() -> str:
    """Where an account is connected; empty while Telegram's pages are not installed."""
    try:
        return reverse("telegram:connect")
    except NoReverseMatch:
        return ""
