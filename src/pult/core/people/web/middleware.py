"""A signed-in person's language and time zone for the whole request."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


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
        if time_zone in zoneinfo.available_timezones():
            timezone.activate(zoneinfo.ZoneInfo(time_zone))
        else:
            timezone.deactivate()
        return self.get_response(request)
