"""The administrators' page of the queue: who waits for what, what accounts do, and what can be done about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Person
from pult.core.telegram.operations.accounts import UnableToChangeAccount, switch_account
from pult.core.telegram.queries import accounts_shown_to
from pult.modules.checks.models import Block, Check, Hold
from pult.modules.checks.operations import queue as operations
from pult.modules.checks.operations.journal import publish_queue
from pult.modules.checks.operations.steering import UnableToChangeCheck
from pult.modules.checks.queries import wait_words as waits
from pult.modules.checks.queries.all_checks import checks_managed_by, narrowed, with_totals
from pult.modules.checks.queries.waiting import queue_standings
from pult.modules.checks.web import shown

ROWS_ON_A_PAGE = 25
# A row is sorted by one of these; without any it stands where its turn comes.
SORTS: dict[str, Callable[[Check], Any]] = {
    "person": lambda check: (str(check.owner).casefold(), check.pk),
    "name": lambda check: (check.name.casefold(), check.pk),
    "numbers": lambda check: (check.valid_count, check.pk),
}


def tabs(request: PersonRequest, here: str) -> list[dict[str, Any]]:
    """The pages of administrators, of which one is open."""
    pages = [
        ("queue", _("Queue"), "checks:queue"),
        ("checks", _("All checks"), "checks:all_checks"),
        ("people", _("Activity"), "checks:activity"),
        ("allowances", _("Allowances"), "checks:allowances"),
        ("log", _("Log"), "checks:all_log"),
    ]
    if request.user.may("checks.canaries"):
        pages.append(("canaries", _("Canaries"), "checks:canaries"))
    return [{"title": title, "url": reverse(url), "active": key == here} for key, title, url in pages]


@require_GET
@needs("checks.manage")
def queue(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/: in the order of turns; search, sorting and pages live in the address."""
    asked = request.GET
    search = asked.get("q", "").replace("\0", "").strip()[:200]
    waiting = checks_managed_by(request.user).filter(state__in=operations.IN_QUEUE)
    found = set(narrowed(waiting, search=search).values_list("pk", flat=True))
    standings = [standing for standing in queue_standings() if standing.check_id in found]
    places = {standing.check_id: place for place, standing in enumerate(standings, start=1)}
    sort = asked.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        checks = sorted(
            waiting.filter(pk__in=found), key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-")
        )
        by_id = {standing.check_id: standing for standing in standings}
        standings = [by_id[check.pk] for check in checks if check.pk in by_id]
    page = Paginator(standings, ROWS_ON_A_PAGE).get_page(asked.get("page"))
    shown_checks = with_totals(waiting).in_bulk([standing.check_id for standing in page])
    held = {hold.person_id: hold for hold in Hold.objects.select_related("laid_by", "person")}
    context = {
        "tabs": tabs(request, "queue"),
        "page": page,
        "rows": [
            {
                "check": shown_checks[standing.check_id],
                "place": places[standing.check_id],
                "badge": shown.check_badge(shown_checks[standing.check_id]),
                "waits": waits.in_queue(standing),
                "done": _done(shown_checks[standing.check_id]),
                "person_held": shown_checks[standing.check_id].owner_id in held,
            }
            for standing in page
            if standing.check_id in shown_checks
        ],
        "search": search,
        "hold_of_all": held.pop(None, None),
        "holds": list(held.values()),
        "accounts": _accounts(request),
        "now": timezone.now(),
    }
    return render(request, "checks/queue/queue.html", context)


def _done(check: Any) -> int:
    total: int = check.found + check.not_found + check.unanswered
    return total


def _accounts(request: PersonRequest) -> Any:
    """Everybody's accounts, each with the check that it works for."""
    accounts = accounts_shown_to(request.user).order_by("name", "pk")
    page: Any = Paginator(accounts, ROWS_ON_A_PAGE).get_page(request.GET.get("accounts"))
    held = Block.objects.filter(
        state=Block.State.WORKING, account_id__in=[account.pk for account in page]
    ).select_related("check_ref__owner")
    work: dict[UUID | None, Block] = {block.account_id: block for block in held.order_by("-pk")}
    page.object_list = [{"account": account, "block": work.get(account.pk)} for account in page]
    return page


@require_POST
@needs("checks.manage")
def steer(request: PersonRequest, check_id: int, verb: str) -> HttpResponseBase:
    """/checks/queue/12/pause/ (or resume, cancel, ask_again): for a check of anybody."""
    if verb not in set(operations.Verb):
        raise Http404
    return _act(
        request,
        lambda now: operations.steer_check(
            actor=request.user, check_id=check_id, verb=operations.Verb(verb), now=now
        ),
    )


@require_POST
@needs("checks.manage")
def move(request: PersonRequest, check_id: int, place: str) -> HttpResponseBase:
    """/checks/queue/12/move/first/ (or normal, last)."""
    if place not in set(operations.Place):
        raise Http404
    return _act(
        request,
        lambda now: operations.move_check(
            actor=request.user, check_id=check_id, place=operations.Place(place), now=now
        ),
    )


@require_POST
@needs("checks.manage")
def hold(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/hold/: all checks, or those of the `person` in the form."""
    person = _person(request)
    reason = request.POST.get("reason", "").replace("\0", "")
    return _act(
        request,
        lambda now: operations.hold_back(actor=request.user, person=person, reason=reason, now=now),
        _("Held back. What is under way still ends."),
    )


@require_POST
@needs("checks.manage")
def release(request: PersonRequest) -> HttpResponseBase:
    """/checks/queue/release/: all checks, or those of the `person` in the form."""
    person = _person(request)
    return _act(
        request,
        lambda now: operations.release(actor=request.user, person=person, now=now),
        _("Released. It goes on."),
    )


@require_POST
@needs("checks.manage")
def switch(request: PersonRequest, account_id: UUID, state: str) -> HttpResponseBase:
    """/checks/queue/accounts/<id>/off/ (or on): work leaves the account alone, or uses it again."""
    if state not in {"on", "off"}:
        raise Http404

    def deed(now: Any) -> None:
        switch_account(account_id=account_id, on=state == "on", actor=request.user, now=now)
        publish_queue()

    return _act(request, deed)


def _person(request: PersonRequest) -> Person | None:
    asked = request.POST.get("person", "")
    if not asked:
        return None
    return get_object_or_404(Person, pk=int(asked) if asked.isdecimal() and len(asked) < 10 else 0)


def _act(request: PersonRequest, deed: Callable[[Any], Any], done: str = "") -> HttpResponseBase:
    """Do it, then back to the page from which it came; a refusal becomes a message."""
    try:
        deed(timezone.now())
    except Check.DoesNotExist:
        raise Http404 from None
    except UnableToChangeCheck as refusal:
        messages.error(request, str(refusal.reason))
    except UnableToChangeAccount as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    back = request.POST.get("back", "")
    if back.isdecimal() and len(back) < 19:
        return redirect("checks:any_check", int(back))
    return redirect("checks:activity" if back == "people" else "checks:queue")
