"""The people of this installation, for those who manage them."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.people.letters import post_link
from pult.core.people.models import EntryLink, Person, RoleChoice
from pult.core.people.operations import (
    IssuedLink,
    Unable,
    UnableToIssueLink,
    UnableToRemovePerson,
    change_role,
    create_sign_in_link,
    end_all_sessions,
    remove_person,
    reset_second_factor,
    switch_off,
    switch_on,
)
from pult.core.people.queries import (
    browser_sessions_of,
    factors_of,
    open_invitations,
    open_sign_in_link,
    people_listed,
    possibilities,
    telegram_of,
)
from pult.core.people.rules import INVITATION_PAYLOAD
from pult.core.people.telegram_sign_in import main_bot
from pult.core.people.web.forms import RemovalForm, RoleForm
from pult.core.people.web.tabs import people_tabs
from pult.core.people.zones import zone_name
from pult.core.registry import Role

PAGE_SIZE = 50


@require_GET
@needs("people.see")
def people_list(request: PersonRequest) -> HttpResponse:
    """Search, role and state live in the address; open invitations stand below."""
    asked = {
        "search": request.GET.get("q", "").replace("\0", "").strip()[:200],
        "role": request.GET.get("role", ""),
        "state": request.GET.get("state", ""),
        "way": request.GET.get("way", ""),
    }
    found = people_listed(**asked, sort=request.GET.get("sort", "name"))
    context = {
        "tabs": people_tabs(request, "people"),
        "ways": [("telegram", "Telegram"), ("email", _("E-mail")), ("both", _("Both"))],
        "may_demand": request.user.may("people.demand"),
        "may_manage": request.user.may("people.manage"),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "filtered": any(asked.values()),
        "roles": RoleChoice.choices,
        "states": [("active", _("May sign in")), ("off", _("Access closed"))],
        "invitations": open_invitations(now=timezone.now()),
    }
    return render(request, "people/list.html", context)


@require_GET
@needs("people.see")
def person_page(request: PersonRequest, person_id: int) -> HttpResponse:
    """One person and what may be done about them."""
    person = get_object_or_404(Person, pk=person_id)
    may = possibilities(actor=request.user, person=person)
    context = {
        "person": person,
        "may": may,
        "form": RoleForm(initial={"role": person.role}, roles=may.roles),
        "zone": zone_name(person.time_zone, get_language() or settings.LANGUAGE_CODE, timezone.localdate()),
        "open_link": open_sign_in_link(person=person, now=timezone.now()),
        "factors": factors_of(person),
        "sessions": browser_sessions_of(person, now=timezone.now()).count(),
        "telegram": telegram_of(person),
        "may_merge": may.end_sessions is None and request.user.may("people.manage"),
    }
    return render(request, "people/person.html", context)


Verb = Callable[[Person, datetime], str]


def _carry_out(request: HttpRequest, person_id: int, verb: Verb) -> HttpResponse:
    """Run one operation about a person and say on their page how it went."""
    person = get_object_or_404(Person, pk=person_id)
    try:
        messages.success(request, verb(person, timezone.now()))
    except Unable as unable:
        messages.error(request, str(unable))
    return redirect("people:person", person_id)


@require_POST
@needs("people.manage")
@lately_proved
def role(request: PersonRequest, person_id: int) -> HttpResponse:
    """POST role=administrator."""
    form = RoleForm(request.POST, roles=list(Role))
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("people:person", person_id)
    wanted = Role(form.cleaned_data["role"])

    def verb(person: Person, now: datetime) -> str:
        changed = change_role(actor=request.user, person=person, role=wanted, now=now)
        return _("%(name)s: the role is now “%(role)s”.") % {
            "name": changed,
            "role": RoleChoice(wanted.value).label,
        }

    return _carry_out(request, person_id, verb)


@require_POST
@needs("people.manage")
def off(request: PersonRequest, person_id: int) -> HttpResponse:
    """Shut a person out."""

    def verb(person: Person, now: datetime) -> str:
        switch_off(actor=request.user, person=person, now=now)
        return _("%(name)s: the access is closed, all sessions have ended.") % {"name": person}

    return _carry_out(request, person_id, verb)


@require_POST
@needs("people.manage")
def on(request: PersonRequest, person_id: int) -> HttpResponse:
    """Let a person in again."""

    def verb(person: Person, now: datetime) -> str:
        switch_on(actor=request.user, person=person, now=now)
        return _("%(name)s may sign in again.") % {"name": person}

    return _carry_out(request, person_id, verb)


@require_POST
@needs("people.manage")
@lately_proved
def without_second_factor(request: PersonRequest, person_id: int) -> HttpResponse:
    """Take the second factor of somebody who lost it away."""

    def verb(person: Person, now: datetime) -> str:
        reset_second_factor(actor=request.user, person=person, now=now)
        return _("%(name)s: the second factor is taken away; the password alone signs in.") % {"name": person}

    return _carry_out(request, person_id, verb)


@require_POST
@needs("people.manage")
def end_sessions(request: PersonRequest, person_id: int) -> HttpResponse:
    """Sign a person out everywhere."""

    def verb(person: Person, now: datetime) -> str:
        end_all_sessions(actor=request.user, person=person, now=now)
        return _("%(name)s is signed out everywhere.") % {"name": person}

    return _carry_out(request, person_id, verb)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("people.manage")
@lately_proved
def remove(request: PersonRequest, person_id: int) -> HttpResponse:
    """A page that says what goes and what stays; the e-mail (or name) typed by hand confirms it."""
    person = get_object_or_404(Person, pk=person_id)
    refusal = possibilities(actor=request.user, person=person).remove
    if refusal is not None:
        messages.error(request, str(Unable(refusal)))
        return redirect("people:person", person_id)
    form = RemovalForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            name = remove_person(actor=request.user, person=person, now=timezone.now())
        except UnableToRemovePerson as unable:
            messages.error(request, str(unable))
            return redirect("people:person", person_id)
        messages.success(request, _("%(name)s is removed.") % {"name": name})
        return redirect("people:list")
    return render(request, "people/remove.html", {"person": person, "form": form})


@never_cache
@require_POST
@needs("people.manage")
@lately_proved
def sign_in_link(request: PersonRequest, person_id: int) -> HttpResponse:
    """Make a one-time link; the page that answers is the only one that ever shows it."""
    person = get_object_or_404(Person, pk=person_id)
    try:
        issued = create_sign_in_link(actor=request.user, person=person, now=timezone.now())
    except UnableToIssueLink as unable:
        messages.error(request, str(unable))
        return redirect("people:person", person_id)
    return show_link(request, issued)


def show_link(request: HttpRequest, issued: IssuedLink) -> HttpResponse:
    """The page with a fresh link to copy; mailed as well where that is set up."""
    address = request.build_absolute_uri(issued.path())
    bot = main_bot() if issued.link.purpose == EntryLink.Purpose.INVITATION else None
    context = {
        "link": issued.link,
        "address": address,
        "mailed": post_link(issued, address=address),
        "bot": bot,
        "bot_address": bot.link(f"{INVITATION_PAYLOAD}{issued.secret}") if bot else "",
    }
    return render(request, "people/link_made.html", context)
