"""What stands between a session and the pages: language and zone, the list of browsers, an owed second factor."""

import functools
import zoneinfo
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from pult.core.people.operations import note_browser_session
from pult.core.people.receivers import BROWSER_SESSION, address_of, write_browser_down

SEEN_EVERY_SECONDS = 300
# What somebody needs to set a second factor up, to come in at all, or to leave.
OPEN_WHEN_HELD_BACK = {
    "account_reauthenticate",
    "account_telegram_again",
    "account_logout",
    "account_login",
    "account_inactive",
    "set_language",
    "people:welcome",
    "entry:enter",
}


@functools.cache
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name, if there is one. Only looked up once: listing all zones walks hundreds of folders."""
    return zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else None


class PersonPreferencesMiddleware:
    """Stands after AuthenticationMiddleware; visitors keep what LocaleMiddleware chose and the zone of the house."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = time_zone = ""
        # Without a session there is nobody to ask the database for.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            language, time_zone = request.user.language, request.user.time_zone
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        zone = _zone(time_zone)
        if zone is None:
            timezone.deactivate()
        else:
            timezone.activate(zone)
        return self.get_response(request)


class BrowserSessionMiddleware:
    """Keeps the list of a person's browsers fresh: every few minutes, and whenever the session got a new key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            known = request.session.get(BROWSER_SESSION)
            now = timezone.now()
            stale = (
                not known
                or known[1] != request.session.session_key
                or now.timestamp() - known[2] > SEEN_EVERY_SECONDS
            )
            if stale and not (known and self._noted(request, known[0], now)):
                write_browser_down(request, request.user)
        return self.get_response(request)

    @staticmethod
    def _noted(request: HttpRequest, session_id: str, now: datetime) -> bool:
        key = request.session.session_key or ""
        noted = note_browser_session(
            session_id=UUID(session_id),
            session_key=key,
            agent=request.META.get("HTTP_USER_AGENT", ""),
            address=address_of(request),
            now=now,
        )
        if noted:
            request.session[BROWSER_SESSION] = [session_id, key, now.timestamp()]
        return noted


class SecondFactorMiddleware:
    """Who owes a second factor is led to set one up, and nothing else opens before.

    Only browsers' sessions are asked: a token of the API is a credential of its own and goes on working.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
            and request.user.held_back()
            and not self._open_to_all(request)
        ):
            target = reverse("mfa_index")
            if request.headers.get("HX-Request") == "true":
                return HttpResponse(status=403, headers={"HX-Redirect": target})
            return redirect(target)
        return self.get_response(request)

    @staticmethod
    def _open_to_all(request: HttpRequest) -> bool:
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            return False
        return name.startswith("mfa_") or name in OPEN_WHEN_HELD_BACK
