"""Making one person of two records: find the other one, see what moves, confirm."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.people.models import Person
from pult.core.people.operations import Unable, merge_people, take_telegram_away
from pult.core.people.operations.refusals import REASONS
from pult.core.people.queries import factors_of, people_listed, telegram_of, what_moves, why_not_one

CANDIDATES_SHOWN = 20


@require_GET
@needs("people.manage")
def choose(request: PersonRequest, person_id: int) -> HttpResponse:
    """/people/7/merge/: whose other record is it?"""
    person = get_object_or_404(Person, pk=person_id)
    search = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = people_listed(search=search).exclude(pk=person.pk)
    context = {
        "person": person,
        "search": search,
        "candidates": found[:CANDIDATES_SHOWN],
        "more": found.count() > CANDIDATES_SHOWN,
    }
    return render(request, "people/merge_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("people.manage")
def merge(request: PersonRequest, person_id: int, other_id: int) -> HttpResponseBase:
    """/people/7/merge/9/: person 7 is kept, person 9 goes into it."""
    kept, merged = get_object_or_404(Person, pk=person_id), get_object_or_404(Person, pk=other_id)
    if request.method == "POST":
        return _merge(request, kept.pk, merged.pk)
    refusal = why_not_one(actor=request.user, kept=kept, merged=merged)
    context = {
        "kept": kept,
        "merged": merged,
        "moves": what_moves(merged),
        "refusal": "" if refusal is None else REASONS[refusal],
        "swapped": why_not_one(actor=request.user, kept=merged, merged=kept) is None,
        "kept_telegram": telegram_of(kept),
        "merged_telegram": telegram_of(merged),
        "kept_factors": factors_of(kept),
        "merged_factors": factors_of(merged),
    }
    return render(request, "people/merge.html", context)


@lately_proved
def _merge(request: PersonRequest, kept_id: int, merged_id: int) -> HttpResponse:
    kept, merged = get_object_or_404(Person, pk=kept_id), get_object_or_404(Person, pk=merged_id)
    name = str(merged)
    try:
        person = merge_people(actor=request.user, kept=kept, merged=merged, now=timezone.now())
    except Unable as unable:
        messages.error(request, str(unable))
        return redirect("people:merge", kept_id, merged_id)
    messages.success(request, _("%(merged)s is now one with %(kept)s.") % {"merged": name, "kept": person})
    return redirect("people:person", person.pk)


@require_POST
@needs("people.manage")
def unlink(request: PersonRequest, person_id: int) -> HttpResponse:
    """Take the Telegram of a person off."""
    person = get_object_or_404(Person, pk=person_id)
    try:
        taken = take_telegram_away(actor=request.user, person=person, now=timezone.now())
    except Unable as unable:
        messages.error(request, str(unable))
    else:
        if taken:
            messages.success(request, _("%(name)s: Telegram is no longer linked.") % {"name": person})
    return redirect("people:person", person_id)
