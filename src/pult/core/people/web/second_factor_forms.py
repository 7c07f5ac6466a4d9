"""Forms about second factors with the labels of the house; what is wrong stands beside the field."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from allauth.account import forms as account_forms
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as key_forms
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person, RoleChoice
from pult.core.secrets import UnableToReveal

log = structlog.get_logger("pult.people")
CODE = {"class": "code", "autocomplete": "one-time-code", "autofocus": True}


def _code_field(**words: Any) -> forms.CharField:
    return forms.CharField(max_length=20, widget=forms.TextInput(attrs=CODE), **words)


class _TypedCode:
    """A code of the app or a recovery code; without a keyring nobody can tell whether it is right."""

    user: Person
    authenticator: Authenticator

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except UnableToReveal as error:
            log.error("second factor not revealed", reason=str(error))
            raise ValidationError(
                _("Your second factor cannot be read on this server. Ask an administrator to reset it.")
            ) from error
        if self.authenticator.type == Authenticator.Type.TOTP and not _is_fresh(self.user.pk, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


def _is_fresh(person_id: int, code: str) -> bool:
    """Whether the app's code is used for the first time while it works at all; allauth remembers it for one step only,
    but takes codes of the neighbouring steps, too (RFC 6238, 5.2: a code is accepted once).
    """
    works_for = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(f"pult.totp.used:{person_id}:{normalize_user_code(code)}", 1, timeout=works_for))


class SecondStepForm(_TypedCode, base_forms.AuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """After the password."""

    code = _code_field(label=_("Code"), help_text=_("From your authenticator app, or a recovery code."))


KEY_REFUSED = _(
    "The key was not accepted. The page was open too long or in two tabs, or the key is not yours: try again."
)


class _KeyAnswer:
    """The browser's answer is a hidden field; what is wrong with it stands above the button."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field == "credential":
            field, error = None, KEY_REFUSED
        super().add_error(field, error)  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        with _forged_answers_refused():
            super().clean()  # type: ignore[misc]
        given: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        return given


@contextmanager
def _forged_answers_refused() -> Iterator[None]:
    """allauth expects what browsers send; anything else is an answer that is not accepted, no fault of the page."""
    try:
        yield
    except (KeyError, AttributeError, TypeError, ValueError, IndexError, InvalidSignature) as error:
        raise ValidationError(KEY_REFUSED) from error


class SecondStepKeyForm(_KeyAnswer, key_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After the password, with a security key."""

    def clean_credential(self) -> Any:
        with _forged_answers_refused():
            return super().clean_credential()


class KeyAgainForm(key_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before factors change; allauth shows what is wrong with the answer as a message."""

    def clean_credential(self) -> Any:
        with _forged_answers_refused():
            return super().clean_credential()

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, KEY_REFUSED if field == "credential" else error)


class CodeAgainForm(_TypedCode, base_forms.ReauthenticateForm):  # type: ignore[misc]
    """Before factors change."""

    code = _code_field(label=_("Code"), help_text=_("From your authenticator app, or a recovery code."))


class PasswordAgainForm(account_forms.ReauthenticateForm):  # type: ignore[misc]
    """Before factors change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label, field.help_text = _("Your password"), ""
        field.widget.attrs.pop("placeholder", None)
        field.widget.attrs["autofocus"] = True


class AppForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that has just learned the secret.

    The secret waits in the session, sealed, until that code has come: what was shown once is shown again while the
    person tries.
    """

    code = _code_field(label=_("Code from the app"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        session, adapter = context.request.session, get_adapter()
        try:
            self.secret = adapter.decrypt(session[SECRET_SESSION_KEY])
        except (KeyError, UnableToReveal):
            # None yet, or its key was dropped from the keyring meanwhile.
            self.secret = generate_totp_secret()
            session[SECRET_SESSION_KEY] = adapter.encrypt(self.secret)


class KeyForm(_KeyAnswer, key_forms.AddWebAuthnForm):  # type: ignore[misc]
    """A security key: its name, and what the browser says about it."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=60,
        required=False,
        help_text=_("To tell your keys apart: “Blue key”, “Laptop”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class KeyNameForm(key_forms.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    name = forms.CharField(label=_("Name of the key"), max_length=60)


class DemandForm(forms.Form):
    """Roles whose people must have a second factor."""

    roles = forms.MultipleChoiceField(
        label=_("Demand a second factor of"),
        choices=RoleChoice.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
