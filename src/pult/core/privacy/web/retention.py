"""The page of the policy: for how long personal data is kept."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, needs
from pult.core.privacy.operations import UnableToChangePolicy, change_policy
from pult.core.privacy.queries import policy
from pult.core.privacy.web.forms import PolicyForm


@require_http_methods(["GET", "HEAD", "POST"])
@needs("privacy.manage")
def retention(request: PersonRequest) -> HttpResponseBase:
    """/privacy/retention/"""
    standing = policy()
    if request.method != "POST":
        fields = ("default_days", "most_days", "may_stay")
        form = PolicyForm(initial={name: getattr(standing, name) for name in fields})
        return render(request, "privacy/retention.html", {"form": form, "policy": standing})
    form = PolicyForm(request.POST)
    if form.is_valid():
        try:
            change_policy(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except UnableToChangePolicy as error:
            form.add_error(error.field, str(error.reason))
        else:
            messages.success(request, _("Saved. New lists follow it; what is stored keeps its end."))
            return redirect("privacy:inquiries")
    return render(request, "privacy/retention.html", {"form": form, "policy": standing}, status=422)
