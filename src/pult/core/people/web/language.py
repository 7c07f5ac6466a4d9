"""Switching the language: in a cookie for visitors, with the person for those who are signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pult.core.people.operations import change_language

YEAR = 365 * 24 * 3600


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the choice in this browser, for the pages before signing in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def safe_next(request: HttpRequest) -> str:
    """Where the form wants to go afterwards, if that is a page of this site."""
    wanted = request.POST.get("next", "")
    inside = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if inside else "/"


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """POST language=ru&next=/checks/; an unknown language changes nothing."""
    language = request.POST.get("language", "")
    response = redirect(safe_next(request))
    if language in dict(settings.LANGUAGES):
        remember_language(response, language)
        if request.user.is_authenticated:
            change_language(person=request.user, language=language)
    return response
