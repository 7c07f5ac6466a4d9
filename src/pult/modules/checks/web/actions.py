"""What a person does with a check: each address is one operation, then back to the check."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pult.core.people.access import PersonRequest, needs
from pult.modules.checks.models import Check
from pult.modules.checks.operations import control
from pult.modules.checks.web.check_page import own_check, preview_page
from pult.modules.checks.web.reuse import ReuseForm

Operation = Callable[..., Any]


def _act(request: PersonRequest, check_id: int, operation: Operation) -> tuple[bool, Any]:
    """Run an operation on the person's own check; a refusal becomes a message."""
    try:
        return True, operation(actor=request.user, check_id=check_id, now=timezone.now())
    except Check.DoesNotExist:
        raise Http404 from None
    except control.UnableToChangeCheck as refusal:
        messages.error(request, str(refusal.reason))
        return False, None


@require_POST
@needs("checks.use")
def start(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/start/: with the answer about earlier verdicts, which is asked again where it cannot be."""
    check = own_check(request, check_id)
    form = ReuseForm(request.POST)
    if not form.is_valid() and check.state == Check.State.READY:
        return preview_page(request, check, typed=request.POST)
    _act(request, check_id, partial(control.start_check, reuse_days=form.reuse_days))
    return redirect("checks:check", check_id)


@require_POST
@needs("checks.use")
def pause(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/pause/"""
    _act(request, check_id, control.pause_check)
    return redirect("checks:check", check_id)


@require_POST
@needs("checks.use")
def resume(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/resume/"""
    _act(request, check_id, control.resume_check)
    return redirect("checks:check", check_id)


@require_POST
@needs("checks.use")
def cancel(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/cancel/"""
    done, _check = _act(request, check_id, control.cancel_check)
    if done:
        messages.success(request, _("The check was cancelled. The verdicts so far are kept."))
    return redirect("checks:check", check_id)


@require_POST
@needs("checks.use")
def ask_again(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/ask-again/"""
    done, count = _act(request, check_id, control.ask_again)
    if done:
        text = ngettext("%(count)s number is asked again.", "%(count)s numbers are asked again.", count)
        messages.success(request, text % {"count": count})
    return redirect("checks:check", check_id)


@require_POST
@needs("checks.use")
def remove(request: PersonRequest, check_id: int) -> HttpResponseBase:
    """/checks/12/remove/"""
    done, _nothing = _act(request, check_id, control.remove_check)
    if not done:
        return redirect("checks:check", check_id)
    messages.success(request, _("The check was removed with its list and verdicts."))
    return redirect("checks:history")
