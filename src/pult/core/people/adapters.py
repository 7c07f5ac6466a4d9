"""How django-allauth behaves here: no sign-up, our words, our operations, redirects only within this site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person
from pult.core.people.operations import choose_password
from pult.core.people.queries import telegram_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """The one place where allauth asks the house."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Your access is closed. Ask an administrator."),
        "email_password_mismatch": _("E-mail or password is wrong."),
        "incorrect_password": _("This is not your present password."),
        "enter_current_password": _("This is not your present password."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
        "invalid_password_reset": _("This link no longer works. Ask for a new one."),
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """People come in by invitation only."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """After signing in only pages of this very site are next."""
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """The password typed again; the page counts the attempts."""
        return user.check_password(password)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """A changed or reset password goes through the operation, so that it is in the trail."""
        if not isinstance(user, Person):
            raise TypeError(user)
        choose_password(person=user, password=password, now=timezone.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has neither password nor second factor proves the own Telegram again, by a code of the bot."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not methods and isinstance(user, Person) and telegram_of(user) is not None:
            methods = [
                {
                    "id": "telegram",
                    "description": _("Use a code from the bot"),
                    "url": reverse("account_telegram_again"),
                }
            ]
        return methods

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        """Back to the profile, where the change began."""
        return reverse("people:profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Only where a mail server is set; the page has said so before."""
        if settings.MAIL_CONFIGURED:
            super().send_mail(template_prefix, email, context)


class TelegramAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Signing in with Telegram: the programme is known from the settings only, and nobody gets an account by it."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Those of the settings; allauth would also look for rows that somebody wrote into the database."""
        from allauth.socialaccount.models import SocialApp

        providers: dict[str, dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS
        apps = [SocialApp(provider=kind, **app) for kind, found in providers.items() for app in found["APPS"]]
        wanted = {None, ""}
        return [
            app
            for app in apps
            if (provider in wanted or provider in {app.provider, app.provider_id})
            and (client_id in wanted or client_id == app.client_id)
        ]

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        """Whoever Telegram names must be known here already."""
        return False

    def pre_social_login(self, _request: HttpRequest, _sociallogin: Any) -> None:
        """allauth's own way into a session stays shut: people come in through `web.telegram_arrival`."""
        raise PermissionDenied

    def get_requests_session(self) -> Any:
        """The simulator stands on this machine, whatever proxy the environment names."""
        session = super().get_requests_session()
        session.trust_env = not settings.TELEGRAM.simulated
        return session

    def on_authentication_error(
        self, request: HttpRequest, _provider: Any, error: Any = None, exception: Any = None, **_rest: Any
    ) -> None:
        """Every failure ends on a page of the house."""
        from pult.core.people.web.telegram_arrival import refused

        raise ImmediateHttpResponse(refused(request, way="oidc", error=error, exception=exception))
