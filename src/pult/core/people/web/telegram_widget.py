"""Signing in by Telegram's login widget, without its script: a page of Telegram's signs who it is and sends it back.

The signed data come in the fragment of our address (`#tgAuthResult=…`), which browsers send to nobody; a small module
of the page posts them here. Trusted is what the main bot's token signed a moment ago, for a visit that began in this
very session, and once.
"""

import json
import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, signed_in
from pult.core.people.telegram_sign_in import (
    CLOCKS_APART,
    WIDGET_LIFE,
    UnableToTrust,
    main_bot,
    read_widget,
    visitor_of,
)
from pult.core.people.web.telegram_arrival import (
    LINK,
    SIGN_IN,
    Errand,
    arrive,
    errand_of,
    leads_to_telegram,
    refused,
    too_often,
    ways_here,
)

ERRANDS = "people_telegram_widget"
"""The entry of a session: {state: errand}, of visits that have not come back."""
AT_ONCE = 5
WAY = "widget"


@never_cache
@leads_to_telegram
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Off to Telegram's page, to sign in."""
    return _off(request, SIGN_IN)


@never_cache
@leads_to_telegram
@require_POST
@signed_in
@lately_proved
def start_link(request: PersonRequest) -> HttpResponse:
    """Off to Telegram's page, to link."""
    return _off(request, LINK)


def _off(request: HttpRequest, process: str) -> HttpResponse:
    bot = main_bot()
    if bot is None or not ways_here().widget:
        raise Http404
    state = secrets.token_urlsafe(24)
    waiting = list(request.session.get(ERRANDS, {}).items())[-(AT_ONCE - 1) :]
    request.session[ERRANDS] = dict([*waiting, (state, errand_of(request, process).as_json())])
    origin = f"{request.scheme}://{request.get_host()}"
    asked = {
        "bot_id": bot.telegram_id,
        "origin": origin,
        "return_to": origin + reverse("account_telegram_widget_back", args=[state]),
    }
    return redirect(f"{settings.TELEGRAM.oauth_url}/auth?{urlencode(asked)}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, state: str) -> HttpResponse:
    """Where Telegram sends the visitor: the page posts the fragment here."""
    if request.method != "POST":
        return render(request, "account/telegram_widget.html", {"state": state})
    limited = too_often(request)
    if limited is not None:
        return limited
    try:
        errand = _errand(request, state)
        given = _given(request.POST.get("data", ""))
        if given is None:
            return refused(request, way=WAY, error="cancelled")
        visitor = visitor_of(_trusted(given))
    except UnableToTrust as error:
        return refused(request, way=WAY, exception=error)
    return arrive(request, visitor, way=WAY, errand=errand)


def _errand(request: HttpRequest, state: str) -> Errand:
    """What this session set out for with this state; it counts once. Raises UnableToTrust."""
    waiting = request.session.get(ERRANDS, {})
    kept = waiting.pop(state, None)
    request.session[ERRANDS] = waiting
    if kept is None:
        raise UnableToTrust("not begun here")
    return Errand.of(kept)


def _given(text: str) -> dict[str, Any] | None:
    """The data as JSON; None when the visitor cancelled at Telegram. Raises UnableToTrust."""
    if len(text) > 8192:
        raise UnableToTrust("length")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnableToTrust("no JSON") from error
    if given is False:
        return None
    if not isinstance(given, dict):
        raise UnableToTrust("no object")
    return given


def _trusted(given: dict[str, Any]) -> dict[str, str]:
    """Signed by the main bot, fresh, and seen for the first time. Raises UnableToTrust."""
    texts = read_widget(given, now=timezone.now())
    bot = main_bot()
    if bot is None or not bot.holds(texts):
        raise UnableToTrust("signature")
    # Remembered for as long as they would be taken. `add` is one statement: of two that come at once one is refused.
    remembered = WIDGET_LIFE + 2 * CLOCKS_APART
    if not cache.add(f"pult.telegram.widget:{texts['hash']}", 1, timeout=remembered.total_seconds()):
        raise UnableToTrust("replay")
    return texts
