"""What each role may do: a table of tick boxes, and the way back to what Pult comes with."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.people.models import RoleChoice
from pult.core.people.operations import Unable, choose_permissions, reset_permissions
from pult.core.people.operations.permissions import Change
from pult.core.people.queries import rights_of_roles, roles_changed
from pult.core.people.web.tabs import people_tabs
from pult.core.registry import Role, registry


@dataclass(frozen=True, slots=True)
class Ticks:
    """What a page showed and what came back: {permission: wanted} of one role, only where somebody changed a box."""

    role: Role
    wanted: dict[str, bool]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("people.permissions")
def roles(request: PersonRequest) -> HttpResponseBase:
    """/people/roles/: modules × rights × roles."""
    if request.method == "POST":
        return _save(request)
    context = {
        "tabs": people_tabs(request, "roles"),
        "modules": rights_of_roles(request.user),
        "roles": [(role.value, RoleChoice(role.value).label) for role in Role],
        "changed": [(role.value, RoleChoice(role.value).label) for role in roles_changed(request.user)],
    }
    return render(request, "people/roles.html", context)


def _ticks(shown: Iterable[str], ticked: Iterable[str]) -> list[Ticks]:
    """From "operator/audit.see/1" (as the page showed it) and "operator/audit.see" (ticked now).

    What a colleague changed meanwhile and nobody touched here stays as the colleague left it.
    """
    known = {permission.name for permission in registry.permissions()}
    now = set(ticked)
    found: dict[Role, dict[str, bool]] = {}
    for cell in shown:
        role, _slash, rest = cell.partition("/")
        name, _slash, before = rest.partition("/")
        if role not in {one.value for one in Role} or name not in known or before not in {"0", "1"}:
            continue
        wanted = f"{role}/{name}" in now
        if wanted != (before == "1"):
            found.setdefault(Role(role), {})[name] = wanted
    return [Ticks(role, found[role]) for role in Role if role in found]


@lately_proved
def _save(request: PersonRequest) -> HttpResponse:
    changes: list[Change] = []
    try:
        for ticks in _ticks(request.POST.getlist("shown"), request.POST.getlist("right")):
            changes += choose_permissions(
                actor=request.user, role=ticks.role, wanted=ticks.wanted, now=timezone.now()
            )
    except Unable as unable:
        messages.error(request, str(unable))
    if changes:
        words = ngettext("%(count)d right is changed.", "%(count)d rights are changed.", len(changes))
        messages.success(request, words % {"count": len(changes)})
    return redirect("people:roles")


@require_POST
@needs("people.permissions")
@lately_proved
def reset(request: PersonRequest, role: str) -> HttpResponse:
    """Back to what Pult comes with, for one role."""
    if role not in {known.value for known in Role}:
        raise Http404
    try:
        reset_permissions(actor=request.user, role=Role(role), now=timezone.now())
    except Unable as unable:
        messages.error(request, str(unable))
    else:
        words = _("“%(role)s” may do again what Pult comes with.")
        messages.success(request, words % {"role": RoleChoice(role).label})
    return redirect("people:roles")
