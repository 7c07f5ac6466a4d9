"""Canaries: the list, naming one, removing one, using a doubted one again."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.models import Canary
from pult.modules.checks.operations.canaries import (
    LONGEST_LABEL,
    UnableToNameCanary,
    add_canary,
    remove_canary,
    use_canary_again,
)
from pult.modules.checks.queries.canaries import canaries_listed
from pult.modules.checks.rules.canaries import NUMBERS_PER_CANARY
from pult.modules.checks.web.queue import tabs

ROWS_ON_A_PAGE = 25


class CanaryForm(forms.Form):
    """A number that is known to be on Telegram."""

    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        max_length=40,
        help_text=gettext_lazy(
            "With + and the country code. Its owner must let everybody find them by number."
        ),
        error_messages={"required": gettext_lazy("Type the number with + and its country code.")},
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off", "dir": "ltr"}
        ),
    )
    label = forms.CharField(
        label=gettext_lazy("Whose number it is"),
        max_length=LONGEST_LABEL,
        required=False,
        help_text=gettext_lazy("For the list here; Telegram never sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@sensitive_post_parameters("phone")
@require_http_methods(["GET", "POST"])
@needs("checks.canaries")
def canaries(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/canaries/: search, state, sorting and page live in the address; POST names one more."""
    form = CanaryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_canary(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except UnableToNameCanary as refusal:
            form.add_error("phone", str(refusal))
        else:
            messages.success(request, _("The canary is named. It is mixed in from the next request on."))
            return redirect("checks:canaries")
    search, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    found = canaries_listed(search=search, state=state, sort=request.GET.get("sort", ""))
    context = {
        "tabs": tabs(request, "canaries"),
        "form": form,
        "page": Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "any": Canary.objects.exists(),
        "doubtful": Canary.objects.filter(suspended_at__isnull=False).exists(),
        "only_one": Canary.objects.filter(suspended_at=None).count() == 1,
        "states": [("used", _("In use")), ("suspended", _("In doubt"))],
        "numbers_per_canary": NUMBERS_PER_CANARY,
    }
    return render(request, "checks/queue/canaries.html", context, status=422 if form.errors else 200)


@require_POST
@needs("checks.canaries")
def remove(request: PersonRequest, canary_id: int) -> HttpResponse:
    """Its number is forgotten here."""
    get_object_or_404(Canary, pk=canary_id)
    remove_canary(actor=request.user, canary_id=canary_id, now=timezone.now())
    messages.success(request, _("The canary is removed, its number is forgotten."))
    return redirect("checks:canaries")


@require_POST
@needs("checks.canaries")
def use_again(request: PersonRequest, canary_id: int) -> HttpResponse:
    """End the doubt about a canary."""
    get_object_or_404(Canary, pk=canary_id)
    use_canary_again(actor=request.user, canary_id=canary_id, now=timezone.now())
    messages.success(request, _("The canary is used again from the next request on."))
    return redirect("checks:canaries")
