"""Inviting colleagues and taking invitations back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pult.core.people.access import PersonRequest, needs
from pult.core.people.models import EntryLink
from pult.core.people.operations import UnableToInvite, UnableToIssueLink, invite_colleague, revoke_link
from pult.core.people.queries import roles_to_give
from pult.core.people.rules import INVITATION_LIFE
from pult.core.people.web.forms import HOUR, InviteForm
from pult.core.people.web.people import show_link
from pult.core.registry import Role


@never_cache
@needs("people.manage")
def invite(request: PersonRequest) -> HttpResponse:
    """A form; then the page with the link, which is shown once."""
    form = InviteForm(
        request.POST or None,
        roles=roles_to_give(request.user),
        initial={"role": Role.OPERATOR.value, "hours": INVITATION_LIFE // HOUR},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            issued = invite_colleague(
                actor=request.user,
                email=given["email"],
                role=Role(given["role"]),
                life=HOUR * given["hours"],
                now=timezone.now(),
            )
        except UnableToInvite as unable:
            form.add_error("email", str(unable))
        else:
            return show_link(request, issued)
    return render(request, "people/invite.html", {"form": form})


@require_POST
@needs("people.manage")
def revoke(request: PersonRequest, link_id: UUID) -> HttpResponse:
    """Take an open invitation or sign-in link back."""
    try:
        revoked = revoke_link(actor=request.user, link_id=link_id, now=timezone.now())
    except EntryLink.DoesNotExist as error:
        raise Http404 from error
    except UnableToIssueLink as unable:
        messages.error(request, str(unable))
    else:
        if revoked:
            messages.success(request, _("The link no longer works."))
        else:
            messages.info(request, _("This link was used or taken back already."))
    return redirect("people:list")
