"""The form for a webhook, new or changed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pult.core.registry import Event
from pult.core.webhooks.rules import LONGEST_URL


class WebhookForm(forms.Form):
    """Where to, and what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("Your programme takes a POST there: https://crm.example.com/pult."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        label=_("What it is told"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )

    def __init__(self, *args: Any, events: list[Event], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].choices = [(event.name, event.title) for event in events]  # type: ignore[attr-defined]
