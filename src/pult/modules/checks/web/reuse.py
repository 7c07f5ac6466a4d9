"""The question before a check starts: may verdicts of earlier checks be taken over, and how old may they be?"""

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pult.modules.checks.models import Check
from pult.modules.checks.queries.reuse import CHOICES, MOST_DAYS, has_earlier, reusable_counts

OTHER = "other"


class ReuseForm(forms.Form):
    """Off by default; a choice of days, or days of one's own."""

    reuse = forms.ChoiceField(
        label=gettext_lazy("Verdicts of your earlier checks"), required=False, widget=forms.RadioSelect
    )
    days = forms.IntegerField(
        label=gettext_lazy("Not older than so many days"), required=False, min_value=1, max_value=MOST_DAYS
    )

    def __init__(self, *args: Any, counts: dict[int, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["reuse"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = [
            ("", _("Ask about everything anew")),
            *((str(days), _choice(days, counts)) for days in CHOICES),
            (OTHER, _("Take over verdicts of another age:")),
        ]
        self.initial.setdefault("reuse", "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("reuse") == OTHER and not given.get("days") and "days" not in self.errors:
            self.add_error("days", _("Say how many days old a verdict may be."))
        return given

    @property
    def reuse_days(self) -> int | None:
        """What was chosen; None: nothing is taken over."""
        chosen = self.cleaned_data.get("reuse") or ""
        days: int | None = self.cleaned_data.get("days") if chosen == OTHER else None
        return int(chosen) if chosen.isdecimal() else days


def reuse_form(check: Check, typed: Any = None) -> ReuseForm | None:
    """The question; None where the owner has no earlier check of this kind."""
    if not check.valid_count or not has_earlier(check):
        return None
    return ReuseForm(typed, counts=reusable_counts(check))


def _choice(days: int, counts: dict[int, int] | None) -> str:
    words = ngettext(
        "Take over verdicts not older than %(days)s day",
        "Take over verdicts not older than %(days)s days",
        days,
    ) % {"days": days}
    if counts is None:
        return words
    count = counts[days]
    known = _("%(count)s of this list") % {"count": number_format(count, force_grouping=True)}
    return f"{words} ({known})"
