"""How django-allauth behaves here: no sign-up, our words, our operations, redirects only within this site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person
from pult.core.people.operations import choose_password


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

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        """Back to the profile, where the change began."""
        return reverse("people:profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Only where a mail server is set; the page has said so before."""
        if settings.MAIL_CONFIGURED:
            super().send_mail(template_prefix, email, context)
