"""Forms of the account pages: they only shape what was typed, operations judge it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.telegram.models import KeyPair, SignIn
from pult.core.telegram.operations.key_pairs import LARGEST_API_ID, UnableToKeepKeyPair
from pult.core.telegram.operations.sign_ins import UnableToSignIn
from pult.core.telegram.queries import key_pairs
from pult.core.telegram.rules.proxies import LONGEST_ADDRESS


def show_refusal(form: forms.Form, refusal: UnableToSignIn | UnableToKeepKeyPair) -> None:
    """Put an operation's refusal beside the field that it names, or above the form."""
    field = refusal.field if refusal.field in form.fields else None
    form.add_error(field, str(refusal))


def _phone_field() -> forms.CharField:
    return forms.CharField(
        label=_("Phone number"),
        max_length=40,
        error_messages={"required": _("Type the number with its country code, such as +49 151 23456789.")},
        help_text=_("With the country code, in any spelling: +49 151 23456789."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


def _proxy_field(**words: Any) -> forms.CharField:
    """Wide enough for Telegram's links; what was typed comes back only together with what is wrong with it."""
    return forms.CharField(
        label=_("Address of the proxy"),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": "socks5://user:password@host:1080",
            }
        ),
        **words,
    )


class ProxyForm(forms.Form):
    """The proxy of an account."""

    proxy = _proxy_field(
        error_messages={"required": _("Type the proxy's address, such as socks5://user:password@host:1080.")},
    )


class MostAtOnceForm(forms.Form):
    """How many numbers an account may ask about at once; the operation judges the number."""

    most = forms.IntegerField(
        label=_("At most at once"),
        localize=False,
        help_text=_("Numbers in one request, between 1 and 500. What the account learns stays below this."),
        error_messages={
            "required": _("Type a number between 1 and 500."),
            "invalid": _("Type a whole number between 1 and 500."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ConnectForm(forms.Form):
    """How to connect an account. The button for the QR code sends method=qr; then no phone number is needed."""

    key_pair: Any = forms.ModelChoiceField(
        label=_("Key pair"), queryset=KeyPair.objects.none(), empty_label=None
    )
    method = forms.ChoiceField(choices=SignIn.Method.choices, required=False)
    phone = _phone_field()
    shared = forms.BooleanField(
        label=_("Share it with colleagues"),
        required=False,
        help_text=_("Their checks may then use this account too."),
    )
    proxy = _proxy_field(
        required=False,
        help_text=_(
            "Only where this machine cannot reach Telegram directly: socks5://, http://, mtproto:// or a t.me link."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = list(key_pairs()[:2])
        self.fields["key_pair"].queryset = key_pairs()  # type: ignore[attr-defined]
        if len(pairs) == 1:
            # Nothing to choose: people need not learn what a key pair is.
            self.fields["key_pair"].widget = forms.HiddenInput()
            self.initial["key_pair"] = pairs[0].pk
        self.fields["phone"].required = self.data.get("method") != SignIn.Method.QR

    def clean_method(self) -> str:
        """A phone number and a code unless the other button was pressed."""
        return self.cleaned_data["method"] or SignIn.Method.CODE.value


class PhoneForm(forms.Form):
    """Another try at the number."""

    phone = _phone_field()


class CodeForm(forms.Form):
    """The code from Telegram."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        error_messages={"required": _("Type the code from Telegram's message.")},
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
            }
        ),
    )


class PasswordForm(forms.Form):
    """The password of two-step verification."""

    password = forms.CharField(
        label=_("Password of two-step verification"),
        strip=False,
        error_messages={"required": _("Type the password of two-step verification.")},
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class KeyPairForm(forms.Form):
    """A key pair from my.telegram.org."""

    title = forms.CharField(
        label=pgettext_lazy("of a key pair", "Name"),
        required=False,
        max_length=100,
        help_text=_("How it is called here. Empty: its api_id."),
    )
    api_id = forms.IntegerField(
        label="api_id",
        min_value=1,
        max_value=LARGEST_API_ID,
        localize=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    api_hash = forms.CharField(
        label="api_hash",
        max_length=64,
        help_text=_("Stored encrypted and never shown again."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
