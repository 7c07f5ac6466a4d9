"""Daily allowances, with what is used of them today."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Person
from pult.core.ui.numbers import grouped
from pult.modules.checks.models import Allowance, Usage
from pult.modules.checks.operations.allowances import end_exception, set_allowance
from pult.modules.checks.queries.activity import asked_by_all, today
from pult.modules.checks.web.queue import tabs

EXCEPTIONS_ON_A_PAGE = 25
MOST_NUMBERS = 2_000_000_000
Scope = Allowance.Scope


class LimitsForm(forms.Form):
    """What all and what each may ask about in a day; empty: as many as they like."""

    all = forms.IntegerField(
        label=gettext_lazy("All people together, numbers a day"),
        required=False,
        min_value=0,
        max_value=MOST_NUMBERS,
        help_text=gettext_lazy("Empty: no limit."),
    )
    each = forms.IntegerField(
        label=gettext_lazy("Each person, numbers a day"),
        required=False,
        min_value=0,
        max_value=MOST_NUMBERS,
        help_text=gettext_lazy("Empty: no limit. Somebody with an exception below has that instead."),
    )


class ExceptionForm(forms.Form):
    """What one person may ask about in a day, instead of what each may."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.filter(is_active=True).order_by("name", "email"),
        empty_label=gettext_lazy("Choose a person"),
    )
    numbers = forms.IntegerField(
        label=gettext_lazy("Numbers a day"),
        required=False,
        min_value=0,
        max_value=MOST_NUMBERS,
        help_text=gettext_lazy("Empty: no limit for this person; the limit for all together still holds."),
    )


@require_http_methods(["GET", "POST"])
@needs("checks.manage")
def allowances(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/allowances/: three small forms, told apart by `part`."""
    part = request.POST.get("part", "") if request.method == "POST" else ""
    form = LimitsForm(request.POST if part == "limits" else None, initial=_limits())
    asked = request.GET.get("person", "")
    exception = ExceptionForm(
        request.POST if part == "exception" else None,
        initial={"person": asked if asked.isdecimal() and len(asked) < 10 else None},
    )
    if part == "end":
        _end(request)
    elif part == "limits" and form.is_valid():
        for scope in (Scope.ALL, Scope.EACH):
            if scope.value in form.changed_data:
                _set(request, scope, form.cleaned_data[scope.value])
    elif part == "exception" and exception.is_valid():
        given = exception.cleaned_data
        _set(request, Scope.PERSON, given["numbers"], person=given["person"])
    else:
        return _page(request, form, exception)
    messages.success(request, _("Saved. It holds at once, also for today."))
    return redirect("checks:allowances")


def _set(
    request: PersonRequest, scope: Allowance.Scope, numbers: int | None, *, person: Person | None = None
) -> None:
    set_allowance(actor=request.user, scope=scope, numbers_per_day=numbers, person=person, now=timezone.now())


def _end(request: PersonRequest) -> None:
    asked = request.POST.get("person", "")
    known = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    end_exception(actor=request.user, person=get_object_or_404(Person, pk=known), now=timezone.now())


def _limits() -> dict[str, int]:
    shared = Allowance.objects.exclude(scope=Scope.PERSON).values_list("scope", "numbers_per_day")
    return {scope: numbers for scope, numbers in shared if numbers is not None}


def _page(request: PersonRequest, form: LimitsForm, exception: ExceptionForm) -> HttpResponseBase:
    day, limits = today(), _limits()
    asked = asked_by_all(day)
    exceptions = Allowance.objects.filter(scope=Scope.PERSON).select_related("person")
    page = Paginator(exceptions.order_by("person__name", "pk"), EXCEPTIONS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    used = dict(
        Usage.objects.filter(day=day, person__in=[row.person_id for row in page]).values_list(
            "person", "asked"
        )
    )
    left = None if "all" not in limits else max(0, limits["all"] - asked)
    context: dict[str, Any] = {
        "tabs": tabs(request, "allowances"),
        "form": form,
        "exception": exception,
        "zone": settings.TIME_ZONE,
        "asked_today": asked,
        "all_words": _("of %(count)s") % {"count": grouped(limits["all"])} if "all" in limits else "",
        "left_words": _("no limit") if left is None else left,
        "left_tone": "bad" if left == 0 else "good",
        "page": page,
        "rows": [
            {
                "person": row.person,
                "person_id": row.person_id,
                "numbers_per_day": row.numbers_per_day,
                "asked": used.get(row.person_id or 0, 0),
            }
            for row in page
        ],
    }
    return render(request, "checks/queue/allowances.html", context, status=422 if request.POST else 200)
