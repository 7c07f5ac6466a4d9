"""Coming in by a one-time link. Looking at the page never uses the link up: previews in messengers look too."""

import time

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest
from pult.core.people.models import EntryLink, Person
from pult.core.people.operations import UnableToEnter, UnableToJoin, accept_invitation, use_sign_in_link
from pult.core.people.queries import working_link
from pult.core.people.rules import INVITATION_PAYLOAD
from pult.core.people.telegram_sign_in import main_bot
from pult.core.people.web.forms import SettleInForm
from pult.core.people.web.language import remember_language

MAY_SET_PASSWORD_UNTIL = "people_may_set_password_until"  # noqa: S105  (the key of a moment in the session)
SET_PASSWORD_WITHIN = 3600
"""Seconds after coming in by a link during which a new password needs no old one."""


def _sign_in(
    request: HttpRequest, person: Person, *, then: str, chooses_password: bool = False
) -> HttpResponse:
    """Sign in as a password would: whoever has a second factor is asked for it first, link or no link."""
    if request.user.is_authenticated:
        logout(request)
    if chooses_password:
        # For this person only: the session may become somebody else's before the second step is done.
        request.session[MAY_SET_PASSWORD_UNTIL] = [person.pk, time.time() + SET_PASSWORD_WITHIN]
    record_authentication(request, person, method="one_time_link")
    response: HttpResponse = perform_login(request, person, redirect_url=then)
    return response


def may_set_password(request: PersonRequest) -> bool:
    """Whether this person came in by a link a short while ago."""
    person_id, until = request.session.get(MAY_SET_PASSWORD_UNTIL) or (None, 0)
    return bool(person_id == request.user.pk and until >= time.time())


def _no_longer(request: HttpRequest) -> HttpResponse:
    return render(request, "people/link_gone.html", status=410)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
@sensitive_post_parameters("password", "password_again")
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """/enter/<secret>/: a page with a button (sign-in) or a form (invitation)."""
    link = working_link(secret=secret, now=timezone.now())
    if link is None:
        return _no_longer(request)
    try:
        if link.purpose == EntryLink.Purpose.INVITATION:
            return _invitation(request, link=link, secret=secret)
        return _one_time_sign_in(request, link=link, secret=secret)
    except UnableToEnter:
        return _no_longer(request)


def _one_time_sign_in(request: HttpRequest, *, link: EntryLink, secret: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "people/enter.html", {"link": link})
    person = use_sign_in_link(secret=secret, now=timezone.now())
    return _sign_in(request, person, then=reverse("people:welcome"), chooses_password=True)


def _invitation(request: HttpRequest, *, link: EntryLink, secret: str) -> HttpResponse:
    form = SettleInForm(
        request.POST or None,
        known_email=link.email,
        initial={"language": get_language(), "time_zone": settings.TIME_ZONE},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person = accept_invitation(
                secret=secret,
                name=given["name"],
                password=given["password"],
                language=given["language"],
                time_zone=given["time_zone"],
                email=given.get("email", ""),
                now=timezone.now(),
            )
        except UnableToJoin as unable:
            form.add_error("email", str(unable))
        except ValidationError as weak:
            form.add_error("password", weak)
        else:
            response = _sign_in(request, person, then="/")
            remember_language(response, person.language)
            return response
    bot = main_bot()
    bot_address = bot.link(f"{INVITATION_PAYLOAD}{secret}") if bot else ""
    return render(
        request,
        "people/invitation.html",
        {"form": form, "link": link, "bot": bot, "bot_address": bot_address},
    )
