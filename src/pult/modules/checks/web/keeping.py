"""What a list is for and how long it is kept: fields of the upload, and their change on the check's page."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Person
from pult.core.privacy.queries import limits
from pult.core.privacy.values import UNTIL_REMOVED, Limits
from pult.modules.checks.models import Check
from pult.modules.checks.operations.keeping import LONGEST_PURPOSE, UnableToKeep, change_keeping, too_long
from pult.modules.checks.queries.keeping import last_wishes, own_purposes
from pult.modules.checks.queries.own_checks import own_checks

OWN_NUMBER = "own"


def _purpose_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=LONGEST_PURPOSE,
        help_text=gettext_lazy("A few words, such as “autumn newsletter”. It is kept with the list."),
        widget=forms.TextInput(attrs={"list": "purposes", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say in a few words what this list is for.")},
    )


class KeepingFields(forms.Form):
    """Purpose and number of days of a new list; what the person chose last stands there already.

    Cleaned, it has `purpose` and `keep_days`.
    """

    purpose = _purpose_field()
    keep = forms.ChoiceField(
        label=gettext_lazy("Keep for"),
        help_text=gettext_lazy("Then the list and its verdicts are erased by themselves."),
    )
    keep_own = forms.IntegerField(
        label=gettext_lazy("Number of days"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits, wishes = limits(), last_wishes(person)
        self.purposes = own_purposes(person)
        usual = self.limits.nearest(wishes.keep_days)
        choice = self.fields["keep"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = keep_choices(self.limits, usual)
        self.fields["keep_own"].widget.attrs["max"] = self.limits.most_days
        self.initial = {"purpose": wishes.purpose, "keep": str(usual), **self.initial}

    def clean(self) -> dict[str, Any]:
        """The days chosen, within the policy."""
        given = super().clean() or self.cleaned_data
        choice = given.get("keep", "")
        own = given.get("keep_own")
        days = self.limits.default_days
        if choice == OWN_NUMBER:
            if own is None and "keep_own" not in self.errors:
                self.add_error("keep_own", _("Write a number of days."))
            elif own is not None and not self.limits.allows(own):
                self.add_error("keep_own", str(too_long(self.limits)))
            days = own or days
        elif choice:
            days = int(choice)
        given["keep_days"] = days
        return given


def keep_choices(allowed: Limits, usual: int) -> list[tuple[str, str]]:
    """What may be chosen, the number that the person chose last among them."""
    numbers = sorted({*allowed.suggestions(), usual} - {UNTIL_REMOVED})
    choices = [(str(days), days_in_words(days)) for days in numbers]
    if allowed.may_stay:
        choices.append((str(UNTIL_REMOVED), _("until I remove it")))
    return [*choices, (OWN_NUMBER, _("another number of days …"))]


def days_in_words(days: int) -> str:
    """90 days."""
    return ngettext("%(days)s day", "%(days)s days", days) % {
        "days": number_format(days, force_grouping=True)
    }


class ChangeForm(forms.Form):
    """Purpose and last day of a check that is there already."""

    purpose = _purpose_field()
    erase_on = forms.DateField(
        label=gettext_lazy("Erase on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    stay = forms.BooleanField(label=gettext_lazy("Keep it until I remove it"), required=False)

    def __init__(self, *args: Any, allowed: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["erase_on"].help_text = str(too_long(allowed))
        if not allowed.may_stay:
            del self.fields["stay"]

    def clean(self) -> dict[str, Any]:
        """A day, or the wish to keep it."""
        given = super().clean() or self.cleaned_data
        if not given.get("stay") and given.get("erase_on") is None and "erase_on" not in self.errors:
            self.add_error("erase_on", _("Choose the day on which it is erased."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@needs("checks.use")
def keeping(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/keeping/: what the check is for and when it is erased."""
    check = own_checks(request.user).filter(pk=check_id).first()
    if check is None:
        raise Http404
    allowed = limits()
    if request.method != "POST":
        form = ChangeForm(
            allowed=allowed,
            initial={
                "purpose": check.purpose,
                "erase_on": timezone.localdate(check.erase_at) if check.erase_at else None,
                "stay": check.erase_at is None,
            },
        )
        return _page(request, check, form)
    form = ChangeForm(request.POST, allowed=allowed)
    if form.is_valid() and _changed(request, check, form):
        messages.success(request, _("Saved."))
        return redirect("checks:check", check_id)
    return _page(request, check, form, status=422)


def _changed(request: PersonRequest, check: Check, form: ChangeForm) -> bool:
    given = form.cleaned_data
    try:
        change_keeping(
            actor=request.user,
            check_id=check.pk,
            purpose=given["purpose"],
            erase_at=None if given.get("stay") else _end_of_day(check, given["erase_on"]),
            now=timezone.now(),
        )
    except UnableToKeep as error:
        form.add_error(error.field, str(error.reason))
        return False
    except Check.DoesNotExist:
        raise Http404 from None
    return True


def _end_of_day(check: Check, day: date) -> datetime:
    """The last moment of that day in the person's zone; the same moment as before when the day is the same."""
    if check.erase_at is not None and timezone.localdate(check.erase_at) == day:
        return check.erase_at
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _page(request: PersonRequest, check: Check, form: ChangeForm, *, status: int = 200) -> HttpResponseBase:
    context = {"check": check, "form": form, "purposes": own_purposes(request.user)}
    return render(request, "checks/keeping.html", context, status=status)
