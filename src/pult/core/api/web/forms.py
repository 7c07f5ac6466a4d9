"""The form for a new token."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from pult.core.registry import Scope

LIVES = (30, 90, 365)
OWN_DAY = "day"


def _life_choices() -> list[tuple[str, Any]]:
    days = [
        (str(life), ngettext_lazy("%(count)s day", "%(count)s days", life) % {"count": life})
        for life in LIVES
    ]
    return [*days, (OWN_DAY, _("Until a day of your choice"))]


class TokenForm(forms.Form):
    """Name, what it may do, and how long."""

    name = forms.CharField(
        label=pgettext_lazy("of a token", "Name"),
        max_length=100,
        help_text=_("What will use it: “CRM”, “night export”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing that it may do.")},
    )
    life = forms.ChoiceField(
        label=_("How long it works"), widget=forms.RadioSelect, choices=_life_choices, initial="90"
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("At most three years from now."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, scopes: list[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope.name, scope.title) for scope in scopes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("life") == OWN_DAY and not given.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", _("Choose the last day."))
        return given

    def expires_at(self, *, now: datetime) -> datetime:
        """When it ends: so many days from now, or at the end of the last day in the person's time zone."""
        given = self.cleaned_data
        if given["life"] != OWN_DAY:
            return now + timedelta(days=int(given["life"]))
        # The calendar ends somewhere; the operation refuses such a day anyway.
        last_day = min(given["last_day"], date.max - timedelta(days=2))
        midnight = datetime.combine(last_day + timedelta(days=1), time.min)
        return timezone.make_aware(midnight)
