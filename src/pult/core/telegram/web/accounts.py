"""The list of accounts, and what can be done about one."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pult.core.people.access import PersonRequest, needs
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import (
    UnableToChangeAccount,
    remove_account,
    share_account,
    switch_account,
)
from pult.core.telegram.queries import accounts_listed, accounts_shown_to

PAGE_SIZE = 50


@require_GET
@needs("telegram.accounts")
def accounts(request: PersonRequest) -> HttpResponse:
    """One's own accounts and the shared ones; search, state and sorting live in the address."""
    search, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    found = accounts_listed(request.user, search=search, state=state, sort=request.GET.get("sort", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    topics = [f"person:{request.user.pk}", *(f"account:{account.pk}" for account in page.object_list)]
    context = {
        "page": page,
        "filtered": bool(search or state),
        "any": bool(page.object_list) or accounts_shown_to(request.user).exists(),
        "states": Account.State.choices,
        "live_address": "/live/?" + "&".join(f"topic={topic}" for topic in topics),
        "live_events": ", ".join(f"sse:{topic.replace(':', '-')} throttle:500ms" for topic in topics),
        "may_change_all": request.user.may("telegram.share"),
        "now": timezone.now(),
    }
    return render(request, "telegram/accounts.html", context)


Verb = Callable[[datetime], str]


def _carry_out(request: HttpRequest, verb: Verb) -> HttpResponse:
    try:
        messages.success(request, verb(timezone.now()))
    except UnableToChangeAccount as unable:
        messages.error(request, str(unable))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = reverse("telegram:accounts")
    return redirect(back)


@require_POST
@needs("telegram.accounts")
def share(request: PersonRequest, account_id: UUID) -> HttpResponse:
    """POST shared=1 or shared=0."""
    shared = request.POST.get("shared") == "1"

    def verb(now: datetime) -> str:
        account = share_account(account_id=account_id, shared=shared, actor=request.user, now=now)
        words = (
            _("%(account)s is shared with colleagues now.")
            if shared
            else _("%(account)s is used for its owner's work only now.")
        )
        return words % {"account": account.label}

    return _carry_out(request, verb)


@require_POST
@needs("telegram.accounts")
def switch(request: PersonRequest, account_id: UUID) -> HttpResponse:
    """POST on=1 or on=0."""
    on = request.POST.get("on") == "1"

    def verb(now: datetime) -> str:
        account = switch_account(account_id=account_id, on=on, actor=request.user, now=now)
        words = _("%(account)s is used again.") if on else _("%(account)s is left alone now.")
        return words % {"account": account.label}

    return _carry_out(request, verb)


@require_POST
@needs("telegram.accounts")
def remove(request: PersonRequest, account_id: UUID) -> HttpResponse:
    """Remove the account here and log its session out at Telegram."""

    def verb(now: datetime) -> str:
        label = remove_account(account_id=account_id, actor=request.user, now=now)
        return _("%(account)s is removed; its session at Telegram is being ended.") % {"account": label}

    return _carry_out(request, verb)
