"""Connecting an account: the page that starts it, and the pages of its steps. Everything works without scripts too."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import segno
import structlog
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pult.core.jobs import alive_workers
from pult.core.people.access import PersonRequest, needs
from pult.core.secrets import UnableToReveal, reveal
from pult.core.telegram.models import SignIn
from pult.core.telegram.operations import sign_ins as operations
from pult.core.telegram.operations.key_pairs import provide_sample_key_pair
from pult.core.telegram.operations.sign_ins import UnableToContinueSignIn, UnableToStartSignIn
from pult.core.telegram.queries import key_pairs, sign_ins_of
from pult.core.telegram.web.forms import CodeForm, ConnectForm, PasswordForm, PhoneForm, show_refusal
from pult.core.telegram.web.samples import sample_accounts

log = structlog.get_logger(__name__)
State = SignIn.State


@never_cache
@sensitive_post_parameters("proxy")
@require_http_methods(["GET", "POST"])
@needs("telegram.accounts")
def connect(request: PersonRequest) -> HttpResponse:
    """Choose key pair and way; starting leads to the page of the steps."""
    provide_sample_key_pair(now=timezone.now())
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            started = operations.start_sign_in(
                key_pair_id=given["key_pair"].pk,
                method=given["method"],
                phone=given["phone"],
                shared=given["shared"],
                proxy=given["proxy"],
                actor=request.user,
                now=timezone.now(),
            )
        except UnableToStartSignIn as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("telegram:sign_in", started.pk)
    context = {
        "form": form,
        "key_pairs": key_pairs().exists(),
        "samples": sample_accounts(),
        "perms_key_pairs": request.user.may("telegram.key_pairs"),
    }
    return render(request, "telegram/connect.html", context)


@dataclass(frozen=True, slots=True)
class TypedStep:
    """A step at which the person types something."""

    form: type[forms.Form]
    field: str
    verb: str
    problems: frozenset[str]
    """What Telegram says about the very thing typed: shown beside the field instead of above the step."""


TYPED_STEPS = {
    State.PHONE_WANTED: TypedStep(
        PhoneForm, "phone", "give_phone", frozenset({"bad_phone", "no_account", "phone_banned"})
    ),
    State.CODE_WANTED: TypedStep(CodeForm, "code", "give_code", frozenset({"wrong_code", "expired_code"})),
    State.PASSWORD_WANTED: TypedStep(
        PasswordForm, "password", "give_password", frozenset({"wrong_password"})
    ),
}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs("telegram.accounts")
def sign_in(request: PersonRequest, sign_in_id: UUID) -> HttpResponse:
    """The present step; a POST hands in what it asks for."""
    found = _own(request, sign_in_id)
    form = None
    if request.method == "POST":
        form = _hand_in(request, found)
        if form is None:
            return redirect("telegram:sign_in", sign_in_id)
    topic = f"sign-in:{found.pk}"
    context = _step_context(found, form) | {"live_address": f"/live/?topic={topic}"}
    return render(request, "telegram/sign_in.html", context)


@never_cache
@require_GET
@needs("telegram.accounts")
def step(request: PersonRequest, sign_in_id: UUID) -> HttpResponse:
    """The part of the page that changes, for htmx."""
    return render(request, "telegram/sign_in_step.html", _step_context(_own(request, sign_in_id), None))


@require_POST
@needs("telegram.accounts")
def again(request: PersonRequest, sign_in_id: UUID) -> HttpResponse:
    """Ask for a new code, show a new QR code, or go on after a pause."""
    return _press(request, sign_in_id, "try_again")


@require_POST
@needs("telegram.accounts")
def cancel(request: PersonRequest, sign_in_id: UUID) -> HttpResponse:
    """Give up; what was typed is erased."""
    return _press(request, sign_in_id, "cancel_sign_in")


def _press(request: PersonRequest, sign_in_id: UUID, verb: str) -> HttpResponse:
    try:
        getattr(operations, verb)(sign_in_id=sign_in_id, actor=request.user, now=timezone.now())
    except UnableToContinueSignIn as refusal:
        messages.error(request, str(refusal))
    return redirect("telegram:sign_in", sign_in_id)


def _own(request: PersonRequest, sign_in_id: UUID) -> SignIn:
    found = sign_ins_of(request.user).filter(pk=sign_in_id).first()
    if found is None:
        raise Http404
    return found


def _hand_in(request: PersonRequest, found: SignIn) -> forms.Form | None:
    """Give what was typed to its operation. None when it was taken, else the form with what to correct."""
    typed = next((kind for kind in TYPED_STEPS.values() if kind.field in request.POST), None)
    if typed is None:
        return None
    form = typed.form(request.POST)
    if not form.is_valid():
        return form
    try:
        getattr(operations, typed.verb)(
            sign_in_id=found.pk,
            actor=request.user,
            now=timezone.now(),
            **{typed.field: form.cleaned_data[typed.field]},
        )
    except UnableToContinueSignIn as refusal:
        if refusal.field is None:
            # The sign-in has moved on meanwhile: its page says how.
            messages.error(request, str(refusal))
            return None
        show_refusal(form, refusal)
        return form
    return None


def _step_context(found: SignIn, form: forms.Form | None) -> dict[str, Any]:
    now = timezone.now()
    typed = TYPED_STEPS.get(State(found.state))
    if form is None and typed is not None:
        form = typed.form(initial=_kept(found))
        if found.problem in typed.problems:
            form = _refused(typed, found)
    link = _qr_link(found)
    return {
        "sign_in": found,
        "form": form,
        "qr": _picture(link) if link else None,
        # A simulated person scans by pasting the link; the real one is a key to the account and stays in the picture.
        "qr_link": link if settings.TELEGRAM.simulated else "",
        "problem_beside_field": typed is not None and found.problem in typed.problems,
        "event": f"sse:sign-in-{found.pk}",
        "waits": found.wait_until is not None and found.wait_until > now,
        "with_worker": found.state in SignIn.WITH_WORKER,
        "no_worker": found.state in SignIn.WITH_WORKER and alive_workers() == 0,
        "simulator": settings.TELEGRAM.control_url if settings.TELEGRAM.simulated else "",
    }


def _refused(typed: TypedStep, found: SignIn) -> forms.Form:
    """The form as it was handed in, with Telegram's objection beside the field; codes and passwords come back empty."""
    form = typed.form(_kept(found))
    form.full_clean()
    form.errors.clear()
    form.add_error(typed.field, found.problem_in_words)
    return form


def _kept(found: SignIn) -> dict[str, str]:
    """The number as it was typed, for its own person to correct."""
    if found.state != State.PHONE_WANTED or found.phone is None:
        return {}
    try:
        return {"phone": f"+{reveal(found, 'phone')}"}
    except UnableToReveal as error:
        log.error("sign_in.not_revealed", sign_in=str(found.pk), reason=str(error))
        return {}


def _qr_link(found: SignIn) -> str:
    if found.state != State.SCAN_WANTED or found.qr_link is None:
        return ""
    try:
        return reveal(found, "qr_link")
    except UnableToReveal as error:
        log.error("sign_in.not_revealed", sign_in=str(found.pk), reason=str(error))
        return ""


def _picture(link: str) -> SafeString:
    """The QR code as SVG: dark on light in every theme, or phones cannot read it."""
    drawn = segno.make(link, error="m").svg_inline(scale=6, dark="#000", light="#fff")
    return mark_safe(drawn)  # noqa: S308 - drawn by segno from a link that Pult made
