"""Which roles must have a second factor: decided by owners."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pult.core.people.access import PersonRequest, lately_proved, needs
from pult.core.people.models import RoleChoice
from pult.core.people.operations import UnableToDemand, demand_second_factor
from pult.core.people.queries import factors_of, safety_of_roles
from pult.core.people.web.second_factor_forms import DemandForm
from pult.core.registry import Role


@require_http_methods(["GET", "HEAD", "POST"])
@needs("people.demand")
@lately_proved
def demands(request: PersonRequest) -> HttpResponse:
    """Tick boxes, and how many of each role have a second factor already."""
    roles = safety_of_roles()
    form = DemandForm(
        request.POST if request.method == "POST" else None,
        initial={"roles": [row.role.value for row in roles if row.demanded]},
    )
    if request.method == "POST" and form.is_valid():
        wanted = [Role(role) for role in form.cleaned_data["roles"]]
        try:
            demand_second_factor(actor=request.user, roles=wanted, now=timezone.now())
        except UnableToDemand as unable:
            form.add_error("roles", str(unable))
        else:
            messages.success(request, _("Saved."))
            return redirect("people:demands")
    context = {
        "form": form,
        "roles": [(RoleChoice(row.role.value).label, row) for row in roles],
        "protected": bool(factors_of(request.user)),
    }
    return render(request, "people/demands.html", context)
