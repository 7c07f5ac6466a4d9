"""Pages of django-allauth that behave a little differently here."""

from typing import Any

from allauth.account import views
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from pult.core.people.access import PersonRequest
from pult.core.people.queries import factors_of
from pult.core.people.web.telegram_arrival import ways_here


class SignIn(views.LoginView):  # type: ignore[misc]  # allauth carries no types
    """E-mail and password, and the way to Telegram where one works."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if ways_here():
            then = context["redirect_field_value"]
            there = reverse("account_telegram")
            context["telegram_url"] = f"{there}?{urlencode({'next': then})}" if then else there
        return context


class PasswordReset(views.PasswordResetView):  # type: ignore[misc]
    """Without a mail server the page says who can help instead of asking for an address."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mail_configured": settings.MAIL_CONFIGURED}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL_CONFIGURED:
            return redirect("account_reset_password")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


def second_factor(request: PersonRequest) -> HttpResponse:
    """What the person has, and what they may add, rename and remove."""
    keys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).order_by(
        "created_at"
    )
    app = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).first()
    context = {
        "factors": factors_of(request.user),
        "app": app,
        "keys": keys,
        "held_back": request.user.held_back(),
        # Browsers know security keys for names only, never for addresses of numbers.
        "keys_work": not request.get_host().partition(":")[0].replace(".", "").isdecimal(),
    }
    return render(request, "mfa/index.html", context)
