"""Forms of checks: a new list, and the column in which its numbers stand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.modules.checks.formats import Sample
from pult.modules.checks.kinds import KINDS, Kind
from pult.modules.checks.queries.regions import region_choices
from pult.modules.checks.web.keeping import KeepingFields


def _region_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Default country"),
        required=False,
        choices=lambda: [("", _("None: all have a country code")), *region_choices()],
        help_text=_("For numbers written without a country code, such as 8 912 345-67-89."),
    )


class NewCheckForm(KeepingFields):
    """A list as a file or as pasted text, what it is for and how long it is kept."""

    kind = forms.ChoiceField(
        label=_("What is in the list"),
        required=False,
        initial="phone",
        choices=lambda: [(kind.name, kind.title) for kind in KINDS.values()],
    )
    name = forms.CharField(
        label=pgettext_lazy("of a check", "Name"),
        required=False,
        max_length=200,
        help_text=_("To find it again later. Empty: the file's name."),
    )
    region = _region_field()
    numbers = forms.CharField(
        label=_("Numbers, one on a line"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Drop a list here or choose a file"), required=False, allow_empty_file=True
    )

    def __init__(self, *args: Any, file_too_large: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file_too_large = file_too_large
        words = self.asked_kind.words
        self.fields["numbers"].label = str(words.paste)
        self.fields["numbers"].widget.attrs["placeholder"] = words.example

    @property
    def asked_kind(self) -> Kind[Any]:
        """The kind that is chosen now; phone numbers unless something else is."""
        return KINDS.get(self["kind"].value() or "", KINDS["phone"])

    @property
    def kinds(self) -> list[Kind[Any]]:
        """What there is to choose from."""
        return list(KINDS.values())

    def clean_kind(self) -> str:
        """Phone numbers where nothing was chosen."""
        return self.cleaned_data.get("kind") or "phone"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        pasted = bool((given.get("numbers") or "").strip())
        if self._file_too_large:
            self.add_error("file", self._file_too_large)
        elif given.get("file") and pasted:
            self.add_error(
                "numbers", _("There is a file too. Take one of the two away: each makes a check of its own.")
            )
        elif not given.get("file") and not pasted and "file" not in self.errors:
            self.add_error("file", _("Choose a file, or paste the list below."))
        return given


class ColumnForm(forms.Form):
    """Where the numbers stand in an uploaded list."""

    column = forms.TypedChoiceField(coerce=int)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    region = _region_field()

    def __init__(self, *args: Any, sample: Sample, kind: Kind[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = self.fields["column"]
        sheets = self.fields["sheet"]
        self.fields["column"].label = str(kind.words.column)
        self.fields["column"].error_messages["required"] = str(kind.words.column_missing)
        if not kind.national:
            del self.fields["region"]
        assert isinstance(columns, forms.ChoiceField)  # noqa: S101 - declared above
        assert isinstance(sheets, forms.ChoiceField)  # noqa: S101 - declared above
        columns.choices = [(column.index, column.title) for column in sample.columns]
        sheets.choices = [(sheet, sheet) for sheet in sample.sheets]
