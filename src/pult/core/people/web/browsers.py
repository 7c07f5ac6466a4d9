"""The browsers in which a person is signed in: shown to them, and ended by them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pult.core.people.access import PersonRequest, signed_in
from pult.core.people.devices import device_words
from pult.core.people.models import BrowserSession
from pult.core.people.operations import end_all_sessions, end_browser_session
from pult.core.people.queries import browser_sessions_of
from pult.core.people.receivers import BROWSER_SESSION


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A row of the list; the session's key stays behind."""

    id: UUID
    device: str
    address: str
    row: BrowserSession
    here: bool


def shown_sessions(request: PersonRequest) -> list[ShownSession]:
    """Where the person is signed in now, this browser first."""
    here = (request.session.get(BROWSER_SESSION) or [""])[0]
    shown = [
        ShownSession(
            id=row.pk,
            device=device_words(row.agent) or _("Unknown browser"),
            address=row.address or "",
            row=row,
            here=str(row.pk) == here,
        )
        for row in browser_sessions_of(request.user, now=timezone.now())
    ]
    return sorted(shown, key=lambda session: not session.here)


@require_POST
@signed_in
def end(request: PersonRequest, session_id: UUID) -> HttpResponse:
    """Sign one browser out."""
    ended = end_browser_session(person=request.user, session_id=session_id, now=timezone.now())
    if not request.session.exists(request.session.session_key or ""):
        # It was this very browser.
        request.session.flush()
        return redirect("account_login")
    if ended:
        messages.success(request, _("That browser is signed out."))
    return redirect("people:profile")


@require_POST
@signed_in
def end_others(request: PersonRequest) -> HttpResponse:
    """Sign out everywhere else."""
    key = request.session.session_key
    person = end_all_sessions(
        actor=request.user, person=request.user, now=timezone.now(), keep_session_key=key
    )
    update_session_auth_hash(request, person)
    messages.success(request, _("Everywhere else you are signed out."))
    return redirect("people:profile")
