"""Somebody comes from Telegram, whichever way: signed in as who they are here, linked, or told how to get in.

All ways end here, so that they cannot differ in what they let pass: nobody unknown, nobody whose access is closed, no
second factor left out, and a link only for the very person who began it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from pult.core.people.models import Person
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.telegram_identities import link_telegram
from pult.core.people.queries import person_of_telegram, waiting_application
from pult.core.people.telegram_sign_in import TelegramVisitor, UnableToTrust, main_bot

log = structlog.get_logger("pult.people")
LINK, SIGN_IN = "link", "sign_in"
FLOW_SECONDS = 600
"""So long somebody may take over at Telegram between going there and coming back."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Why somebody was sent to Telegram; waits in the session until they come back."""

    process: str
    then: str
    person_id: int | None
    began: float

    def as_json(self) -> dict[str, Any]:
        return {
            "process": self.process,
            "then": self.then,
            "person_id": self.person_id,
            "began": self.began,
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Errand":
        """From what the session kept. Raises UnableToTrust when that is too long ago."""
        errand = cls(kept["process"], kept["then"], kept["person_id"], kept["began"])
        if time.time() - errand.began > FLOW_SECONDS:
            raise UnableToTrust("too slow")
        return errand


def errand_of(request: HttpRequest, process: str) -> Errand:
    """Begin one; where to go afterwards comes from the form and stays within this site."""
    then = request.POST.get("next", "")
    return Errand(
        process=process,
        then=then if then and get_adapter().is_safe_url(then) else "",
        person_id=request.user.pk if request.user.is_authenticated else None,
        began=time.time(),
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """What works in this installation."""

    oidc: bool
    widget: bool
    code: bool

    def __bool__(self) -> bool:
        return self.oidc or self.widget or self.code


def ways_here() -> Ways:
    """OpenID Connect where it is set up, else the widget where Telegram can know this site; codes wherever a bot is.

    A bot that was switched to OpenID Connect at @BotFather has no widget any more. The simulator offers both.
    """
    bot = main_bot() is not None
    oidc = any(found["APPS"] for found in settings.SOCIALACCOUNT_PROVIDERS.values())
    known = settings.PULT_ADDRESS.startswith("https://") and not oidc
    return Ways(oidc=oidc, widget=bot and (settings.TELEGRAM.simulated or known), code=bot)


def about_bot() -> dict[str, Any]:
    """For templates: the main bot, and the address that opens it."""
    bot = main_bot()
    return {"bot": bot, "bot_address": "" if bot is None else bot.link("")}


def leads_to_telegram(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages with a form that ends at Telegram: browsers follow a form only where `form-action` says."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> HttpResponseBase:
        there = settings.TELEGRAM.oauth_url.removesuffix("/oauth")
        allowed: Callable[..., HttpResponseBase] = csp_update({"form-action": [there]})(view)
        return allowed(*args, **kwargs)

    return shown


def too_often(request: HttpRequest) -> HttpResponse | None:
    """The page that says so, when one address keeps arriving from Telegram; None otherwise."""
    answer: HttpResponse | None = ratelimit.consume_or_429(
        request, app="allauth.account", action="telegram_arrival"
    )
    return answer


def arrive(request: HttpRequest, visitor: TelegramVisitor, *, way: str, errand: Errand) -> HttpResponse:
    """Telegram has said who it is, and that was checked."""
    if errand.process == LINK:
        return _linked(request, visitor, way=way, errand=errand)
    person = person_of_telegram(visitor.user_id)
    if person is None:
        log.info("unknown telegram user wants in", way=way)
        context = {**about_bot(), "waiting": waiting_application(visitor.user_id)}
        return render(request, "account/telegram_unknown.html", context, status=403)
    return sign_in(request, person, way=way, then=errand.then)


def sign_in(request: HttpRequest, person: Person, *, way: str, then: str) -> HttpResponse:
    """As a password would: into a fresh session, with the second factor still to come, and not when shut out."""
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, person, method="telegram", way=way)
    response: HttpResponse = perform_login(request, person, redirect_url=then or None)
    return response


def _linked(request: HttpRequest, visitor: TelegramVisitor, *, way: str, errand: Errand) -> HttpResponse:
    person = request.user
    # Who began may have signed out meanwhile, and somebody else in: the link is theirs who began, or nobody's.
    if not isinstance(person, Person) or person.pk != errand.person_id:
        return refused(request, way=way, exception=UnableToTrust("another person came back"))
    try:
        link_telegram(
            person=person,
            user_id=visitor.user_id,
            name=visitor.name,
            username=visitor.username,
            now=timezone.now(),
        )
    except Unable as unable:
        messages.error(request, str(unable))
    else:
        messages.success(request, _("Your Telegram is linked: from now on you can sign in with it."))
    return redirect("people:telegram")


def refused(request: HttpRequest, *, way: str, error: Any = None, exception: Any = None) -> HttpResponse:
    """What came back is not to be trusted, or nothing came; the log says what, the visitor how to go on."""
    why = exception.why if isinstance(exception, UnableToTrust) else type(exception).__name__
    cancelled = str(getattr(error, "value", error)) == "cancelled"
    if not cancelled:
        log.warning("sign-in with telegram refused", way=way, why=why)
    return render(request, "account/telegram_refused.html", {"cancelled": cancelled}, status=400)
