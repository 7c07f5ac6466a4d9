"""Key pairs: those that are kept, adding one, removing one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pult.core.people.access import PersonRequest, lately_proved_to_change, needs
from pult.core.telegram.operations.key_pairs import (
    UnableToKeepKeyPair,
    add_key_pair,
    provide_sample_key_pair,
    remove_key_pair,
)
from pult.core.telegram.queries import key_pairs_listed
from pult.core.telegram.web.forms import KeyPairForm, show_refusal


@sensitive_post_parameters("api_hash")
@require_http_methods(["GET", "POST"])
@needs("telegram.key_pairs")
@lately_proved_to_change
def key_pairs(request: PersonRequest) -> HttpResponse:
    """The list and, below it, the form that adds one."""
    provide_sample_key_pair(now=timezone.now())
    form = KeyPairForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_key_pair(**form.cleaned_data, actor=request.user, now=timezone.now())
        except UnableToKeepKeyPair as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Key pair “%(title)s” is kept.") % {"title": added.title})
            return redirect("telegram:key_pairs")
    return render(request, "telegram/key_pairs.html", {"form": form, "key_pairs": key_pairs_listed()})


@require_POST
@needs("telegram.key_pairs")
@lately_proved_to_change
def remove(request: PersonRequest, key_pair_id: UUID) -> HttpResponse:
    """Remove a key pair that no account uses."""
    try:
        title = remove_key_pair(key_pair_id=key_pair_id, actor=request.user, now=timezone.now())
        messages.success(request, _("Key pair “%(title)s” is removed.") % {"title": title})
    except UnableToKeepKeyPair as refusal:
        messages.error(request, str(refusal))
    return redirect("telegram:key_pairs")
