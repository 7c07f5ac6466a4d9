"""The page "Sign in with Telegram" with the code from the bot, and the same code as a proof that it is still you."""

from collections.abc import Callable

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.core.internal import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, signed_in
from pult.core.people.models import Person
from pult.core.people.operations.sign_in_codes import UnableToUseCode, use_sign_in_code
from pult.core.people.web.telegram_arrival import (
    SIGN_IN,
    about_bot,
    errand_of,
    leads_to_telegram,
    sign_in,
    ways_here,
)

WAY = "code"


class CodeForm(forms.Form):
    """Eight digits; spaces do not matter."""

    code = forms.CharField(
        label=gettext_lazy("Code from the bot"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
            }
        ),
    )


@never_cache
@leads_to_telegram
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """Every way of Telegram that works here; the code is typed on this very page."""
    form = CodeForm(request.POST or None)
    errand = errand_of(request, SIGN_IN)
    if request.method == "POST" and form.is_valid():
        person = _whose_code(request, form, lambda _person: True)
        if person is not None:
            return sign_in(request, person, way=WAY, then=errand.then)
    context = {
        "form": form,
        "ways": ways_here(),
        **about_bot(),
        "next": errand.then or request.GET.get("next", ""),
    }
    return render(request, "account/telegram.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def again(request: PersonRequest) -> HttpResponse:
    """Who has neither password nor second factor proves the own Telegram before something dangerous."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = _whose_code(request, form, lambda found: found.pk == request.user.pk)
        if person is not None:
            record_authentication(request, request.user, method="telegram", way=WAY, reauthenticated=True)
            answer: HttpResponse = resume_request(request) or redirect("people:profile")
            return answer
    then = request.POST.get("next", request.GET.get("next", ""))
    context = {"form": form, **about_bot(), "next": then}
    return render(request, "account/telegram_again.html", context)


def _whose_code(request: HttpRequest, form: CodeForm, expected: Callable[[Person], bool]) -> Person | None:
    """Whom the typed code names; None with an error beside the field. Wrong ones count against address and house."""
    usage = ratelimit.consume(request, app="allauth.account", action="telegram_code", key="everybody")
    if not usage:
        form.add_error("code", _("Too many attempts. Wait a few minutes and try again."))
        return None
    try:
        person = use_sign_in_code(code=form.cleaned_data["code"], now=timezone.now())
    except UnableToUseCode as unable:
        form.add_error("code", str(unable))
        return None
    if not expected(person):
        form.add_error("code", str(UnableToUseCode()))
        return None
    usage.rollback()
    return person
