"""The filter above the trail."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from pult.core.audit.queries import actors
from pult.core.audit.vocabulary import named_actions


class TrailFilter(forms.Form):
    """Lives in the address; what makes no sense is ignored with a word beside the field."""

    q = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    action = forms.ChoiceField(label=_("What"), required=False)
    actor = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget.format = "%Y-%m-%d"
        self.fields["action"].choices = [("", _("Everything")), *_by_title()]  # type: ignore[attr-defined]
        self.fields["actor"].choices = [("", _("Everybody")), *actors()]  # type: ignore[attr-defined]

    def conditions(self) -> dict[str, Any]:
        """The valid fields as arguments of `queries.entries`; days are whole days in the reader's time zone."""
        self.is_valid()
        given = self.cleaned_data
        until = given.get("until")
        return {
            "search": given.get("q", "").strip(),
            "action": given.get("action", ""),
            "actor_id": given.get("actor"),
            "since": _midnight(given.get("since")),
            "until": _midnight(until + timedelta(days=1)) if until else None,
        }

    def chosen(self) -> list[str]:
        """What narrows the trail now, in words."""
        self.is_valid()
        words = []
        for name in ("action", "actor"):
            value = self.cleaned_data.get(name)
            words += [str(label) for key, label in self.fields[name].choices if value and key == value]  # type: ignore[attr-defined]
        for name, template in (("since", _("from %(day)s")), ("until", _("to %(day)s"))):
            if day := self.cleaned_data.get(name):
                words.append(str(template) % {"day": date_format(day, "SHORT_DATE_FORMAT")})
        return words


def _by_title() -> list[tuple[str, str]]:
    return sorted(((action, str(title)) for action, title in named_actions()), key=lambda pair: pair[1])


def _midnight(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
