"""Forms of django-allauth's pages with the labels of the house."""

from typing import Any

from allauth.account import forms as allauth_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def _plain(form: Any, labels: dict[str, Any]) -> None:
    """Our label for each field; no placeholder (a label stays readable while typing) and no help text with links."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


class SignInForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth carries no types
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"login": _("E-mail"), "password": _("Password")})
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}

    def clean(self) -> dict[str, Any]:
        """What is wrong stands beside the password, where it is mended."""
        try:
            super().clean()
        except ValidationError as wrong:
            self.add_error("password", wrong)
        given: dict[str, Any] = self.cleaned_data
        return given


class PasswordChangeForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            {
                "oldpassword": _("Present password"),
                "password1": _("New password"),
                "password2": _("New password again"),
            },
        )
        self.fields["password1"].help_text = _("At least 10 characters; a few unrelated words are best.")


class PasswordResetForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Where to send a reset link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"email": _("E-mail")})


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password after a reset link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password1": _("New password"), "password2": _("New password again")})
        self.fields["password1"].help_text = _("At least 10 characters; a few unrelated words are best.")
