"""Who waits to be let in, and the buttons that decide."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import Application, RoleChoice
from pult.core.people.operations import UnableToDecide, decide_application
from pult.core.people.operations.applications import TOPIC
from pult.core.people.queries import applications_decided, applications_waiting, roles_to_give
from pult.core.people.telegram_sign_in import main_bot
from pult.core.people.web.tabs import people_tabs
from pult.core.registry import Role

PAGE_SIZE = 25
DECIDED_SHOWN = 20


@require_GET
@needs("people.manage")
def waiting(request: PersonRequest) -> HttpResponse:
    """/people/waiting/: kept fresh while it is open, so that what a colleague decides goes from the page."""
    page = Paginator(applications_waiting(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": people_tabs(request, "waiting"),
        "page": page,
        "decided": applications_decided()[:DECIDED_SHOWN],
        "roles": [(role.value, RoleChoice(role.value).label) for role in roles_to_give(request.user)],
        "topic": TOPIC,
        "event": TOPIC.replace(":", "-"),
        "bot": main_bot(),
    }
    return render(request, "people/waiting.html", context)


@require_POST
@needs("people.manage")
def decide(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """POST decision=approve&role=operator, or decision=decline."""
    decision, role = request.POST.get("decision"), request.POST.get("role", Role.OPERATOR.value)
    if decision not in {"approve", "decline"} or role not in {known.value for known in Role}:
        messages.error(request, _("Choose one of the roles."))
        return redirect("people:waiting")
    try:
        decided = decide_application(
            actor=request.user,
            application_id=application_id,
            approve=decision == "approve",
            role=Role(role),
            now=timezone.now(),
        )
    except Application.DoesNotExist as error:
        raise Http404 from error
    except UnableToDecide as unable:
        messages.warning(request, str(unable))
        return redirect("people:waiting")
    if decided.state == Application.State.APPROVED:
        words = _("%(name)s may come in: “%(role)s”.")
        messages.success(request, words % {"name": decided.nickname, "role": RoleChoice(role).label})
    else:
        messages.success(request, _("%(name)s is declined.") % {"name": decided.nickname})
    return redirect("people:waiting")
