"""Forms of the pages about people."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from pult.core.people.models import Person, RoleChoice
from pult.core.people.rules import INVITATION_LIVES
from pult.core.people.zones import former_names, zone_choices
from pult.core.registry import Role

HOUR = timedelta(hours=1)
HOURS_OF_A_DAY = 24


class PreferencesFields(forms.Form):
    """Name, language and time zone."""

    name = forms.CharField(
        label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Times on all pages are shown in this zone.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or settings.LANGUAGE_CODE
        # Each language by its own name, so that whoever landed in the wrong one finds the way out.
        own_names = {"en": "English", "ru": "Русский"}
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, own_names.get(code, name)) for code, name in settings.LANGUAGES
        ]
        zones = self.fields["time_zone"]
        zones.choices = zone_choices(language, timezone.localdate())  # type: ignore[attr-defined]
        zones.widget.attrs["data-former"] = json.dumps(former_names(language))


class PasswordFields(forms.Form):
    """A new password, typed twice and weighed against the rules."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters; a few unrelated words are best."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def candidate(self) -> Person:
        """Who the password is for: it must not be their name or e-mail."""
        return Person(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", ""))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        password = given.get("password")
        if not password:
            return given
        try:
            validate_password(password, self.candidate())
        except ValidationError as weak:
            self.add_error("password", weak)
        if given.get("password_again") and given["password_again"] != password:
            self.add_error("password_again", _("The two passwords differ."))
        return given


class SettleInForm(PasswordFields, PreferencesFields):
    """Name and password after a one-time link; the e-mail too while only the placeholder is known."""

    field_order = ("email", "name", "password", "password_again", "language", "time_zone")
    email = forms.EmailField(
        label=_("Your e-mail"),
        help_text=_("You will sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )

    def __init__(self, *args: Any, known_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_email = known_email
        if known_email:
            del self.fields["email"]

    def candidate(self) -> Person:
        person = super().candidate()
        person.email = person.email or self.known_email
        return person


class ProfileForm(PreferencesFields):
    """One's own profile."""


class EmailForm(forms.Form):
    """Another e-mail of one's own."""

    email = forms.EmailField(
        label=_("New e-mail"),
        max_length=254,
        help_text=_("You will sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=1024,
        help_text=_("To make sure that it is you."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def life_in_words(life: timedelta) -> str:
    """ "an hour", "7 days"."""
    hours = life // HOUR
    if hours < HOURS_OF_A_DAY:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", life.days) % {"count": life.days}


def _role_choices(roles: list[Role]) -> list[tuple[str, Any]]:
    return [(role.value, RoleChoice(role.value).label) for role in roles]


class InviteForm(forms.Form):
    """Whom to invite, as what, and how long the link works."""

    email = forms.EmailField(
        label=_("E-mail of your colleague"),
        required=False,
        help_text=_(
            "May stay empty: whoever gets the link then joins with an e-mail of theirs, or in the bot."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    hours = forms.TypedChoiceField(label=_("Works for"), coerce=int)

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].choices = [  # type: ignore[attr-defined]
            (life // HOUR, life_in_words(life)) for life in INVITATION_LIVES
        ]
        self.fields["role"].choices = _role_choices(roles)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(label=_("What they may do"))

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = _role_choices(roles)  # type: ignore[attr-defined]


class RemovalForm(forms.Form):
    """The e-mail of who is removed (the name, where there is none), typed again: nobody is removed by a slip."""

    email = forms.CharField(
        label=_("Their e-mail"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if not person.email:
            self.fields["email"].label = _("Their name")

    def clean_email(self) -> str:
        given = str(self.cleaned_data["email"]).strip()
        if self.person.email and given.lower() != self.person.email.lower():
            raise ValidationError(_("This is not the e-mail of the person on this page."))
        if not self.person.email and given != str(self.person):
            raise ValidationError(_("This is not the name of the person on this page."))
        return given
