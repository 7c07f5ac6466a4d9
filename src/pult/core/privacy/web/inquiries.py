"""Pages about one number: what is stored about it, and its erasure everywhere."""

import json
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.privacy.models import Inquiry
from pult.core.privacy.operations import (
    UnableToInquire,
    ask_about,
    erase_everywhere,
    forget_inquiry,
    read_report,
)
from pult.core.privacy.queries import OPEN_STATES, inquiries_of, is_refused, objection_count, policy
from pult.core.privacy.reports import cards, counted
from pult.core.privacy.rules import subject_of
from pult.core.privacy.web.forms import NumberForm

INQUIRIES_ON_A_PAGE = 25
State = Inquiry.State
TONES = {State.LOOKING: "accent", State.LOOKED: "good", State.ERASING: "accent", State.ERASED: "neutral"}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@needs("privacy.manage")
def inquiries(request: PersonRequest) -> HttpResponseBase:
    """/privacy/: the number to ask about, the person's own inquiries of the last day, the policy."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = ask_about(actor=request.user, subject=form.cleaned_data["number"], now=timezone.now())
        return redirect("privacy:inquiry", made.pk)
    state = request.GET.get("state", "")
    listed = inquiries_of(request.user)
    counts = {known: listed.filter(state=known).count() for known in State}
    if state in State.values:
        listed = listed.filter(state=state)
    page = Paginator(listed, INQUIRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [{"inquiry": row, "tone": TONES[State(row.state)]} for row in page],
        "states": [(known.value, known.label, count) for known, count in counts.items() if count],
        "policy": policy(),
        "objections": objection_count(),
    }
    return render(request, "privacy/inquiries.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_GET
@needs("privacy.manage")
def inquiry(request: PersonRequest, inquiry_id: UUID) -> HttpResponseBase:
    """One inquiry: progress, then the report, then what was erased."""
    found = _own(request, inquiry_id)
    context = {
        "inquiry": found,
        "tone": TONES[State(found.state)],
        "going_on": found.state in OPEN_STATES,
        "counts": counted(found.counts),
    }
    if found.state == State.LOOKED:
        report = read_report(actor=request.user, inquiry_id=inquiry_id, now=timezone.now(), saved=False)
        context |= {
            "number": report["number"],
            "cards": cards(report["records"]),
            "more": report["more"],
            "refused": is_refused(subject_of(report["number"]) or ""),
        }
    return render(request, "privacy/inquiry.html", context)


@never_cache
@require_GET
@needs("privacy.manage")
def report(request: PersonRequest, inquiry_id: UUID) -> HttpResponseBase:
    """The report as a file for the person whose number it is."""
    _own(request, inquiry_id)
    try:
        content = read_report(actor=request.user, inquiry_id=inquiry_id, now=timezone.now(), saved=True)
    except UnableToInquire:
        raise Http404 from None
    return HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=2),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, "stored-data.json") or "attachment"},
    )


@require_POST
@needs("privacy.manage")
@lately_proved
def erase(request: PersonRequest, inquiry_id: UUID) -> HttpResponseBase:
    """The number goes everywhere; with `refuse_later` lists cannot bring it in again."""
    _own(request, inquiry_id)
    try:
        erase_everywhere(
            actor=request.user,
            inquiry_id=inquiry_id,
            refuse_later=request.POST.get("refuse_later") == "on",
            now=timezone.now(),
        )
    except UnableToInquire as error:
        messages.error(request, str(error.reason))
    return redirect("privacy:inquiry", inquiry_id)


@require_POST
@needs("privacy.manage")
def forget(request: PersonRequest, inquiry_id: UUID) -> HttpResponseBase:
    """The inquiry goes with its report."""
    _own(request, inquiry_id)
    try:
        forget_inquiry(actor=request.user, inquiry_id=inquiry_id)
    except UnableToInquire as error:
        messages.error(request, str(error.reason))
        return redirect("privacy:inquiry", inquiry_id)
    messages.success(request, _("The inquiry was put away. Nothing else was changed."))
    return redirect("privacy:inquiries")


def _own(request: PersonRequest, inquiry_id: UUID) -> Inquiry:
    return get_object_or_404(inquiries_of(request.user), pk=inquiry_id)
