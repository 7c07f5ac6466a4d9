"""Forms of privacy."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pult.core.privacy.rules import subject_of
from pult.core.privacy.values import LONGEST_DAYS
from pult.core.registry import Subject


class NumberForm(forms.Form):
    """The number or username somebody asks about."""

    number = forms.CharField(
        label=_("Phone number or username"),
        max_length=60,
        help_text=_(
            "A number with its country code, such as +7 912 345-67-89, or a username, such as @vera."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )

    def clean_number(self) -> Subject:
        """E.164 digits, or a username in small letters."""
        subject = subject_of(self.cleaned_data["number"])
        if subject is None:
            raise forms.ValidationError(_("Write the whole number with its country code, or a username."))
        return subject


def _days_field(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class PolicyForm(forms.Form):
    """For how long personal data is kept."""

    default_days = _days_field(
        _("Days unless chosen otherwise"), _("What a new check proposes to somebody who has none yet.")
    )
    most_days = _days_field(_("Days at most"), _("Nobody can choose a longer time."))
    may_stay = forms.BooleanField(
        label=_("Allow “until I remove it”"),
        required=False,
        help_text=_("Then a list may also be kept without an end."),
    )
