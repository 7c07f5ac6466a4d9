"""What people see and change about themselves."""

from allauth.account.internal.flows.login import record_authentication
from allauth.core.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from pult.core.people.access import PersonRequest, lately_proved, signed_in, ways_to_prove
from pult.core.people.models import PLACEHOLDER_EMAIL, Person
from pult.core.people.operations import (
    UnableToChangeEmail,
    UnableToSettleIn,
    change_email,
    change_profile,
    settle_in,
)
from pult.core.people.queries import factors_of, telegram_of
from pult.core.people.web.browsers import shown_sessions
from pult.core.people.web.entry import MAY_SET_PASSWORD_UNTIL, may_set_password
from pult.core.people.web.forms import EmailForm, ProfileForm, SettleInForm
from pult.core.people.web.language import remember_language


def _preferences(request: PersonRequest) -> dict[str, str]:
    person = request.user
    return {
        "name": person.name,
        "language": person.language or get_language() or settings.LANGUAGE_CODE,
        "time_zone": person.time_zone or settings.TIME_ZONE,
    }


@never_cache
@signed_in
def profile(request: PersonRequest) -> HttpResponse:
    """Name, language and time zone; the password has a page of its own."""
    form = ProfileForm(request.POST or None, initial=_preferences(request))
    if request.method == "POST" and form.is_valid():
        person = change_profile(person=request.user, now=timezone.now(), **form.cleaned_data)
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        response = redirect("people:profile")
        remember_language(response, person.language)
        return response
    context = {
        "form": form,
        "placeholder": PLACEHOLDER_EMAIL,
        "factors": factors_of(request.user),
        "telegram": telegram_of(request.user),
        "sessions": shown_sessions(request),
    }
    return render(request, "people/profile.html", context)


@never_cache
@sensitive_post_parameters("password")
@signed_in
def email(request: PersonRequest) -> HttpResponse:
    """Another e-mail, confirmed by the password."""
    if not request.user.has_usable_password():
        return redirect("people:welcome")
    form = EmailForm(request.POST or None, initial={"email": request.user.email})
    if request.method == "POST" and form.is_valid():
        person = _email_changed(request, form)
        if person is not None:
            messages.success(request, _("From now on you sign in as %(email)s.") % {"email": person.email})
            return redirect("people:profile")
    return render(request, "people/email.html", {"form": form})


def _email_changed(request: PersonRequest, form: EmailForm) -> Person | None:
    """Carry the form out; None with an error beside the field that was wrong."""
    if not consume(request, action="change_email", user=request.user):
        form.add_error("password", _("Too many attempts. Wait a few minutes and try again."))
        return None
    try:
        return change_email(person=request.user, now=timezone.now(), **form.cleaned_data)
    except UnableToChangeEmail as unable:
        form.add_error(unable.field, str(unable))
        return None


@never_cache
@sensitive_post_parameters("password", "password_again")
@signed_in
def welcome(request: PersonRequest) -> HttpResponseBase:
    """After a one-time link: name and a new password. Others, who have a password, change it with the old one.

    Who has only Telegram proves that first: a password outlives the session that chooses it.
    """
    if may_set_password(request):
        return _welcome(request)
    if request.user.has_usable_password():
        return redirect("people:profile")
    return (lately_proved(_welcome) if ways_to_prove(request.user) else _welcome)(request)


def _welcome(request: PersonRequest) -> HttpResponse:
    person = request.user
    known_email = "" if person.email == PLACEHOLDER_EMAIL else person.email
    form = SettleInForm(request.POST or None, known_email=known_email, initial=_preferences(request))
    if request.method == "POST" and form.is_valid():
        response = _settled(request, form)
        if response is not None:
            return response
    context = {"form": form, "known_email": known_email, "has_password": person.has_usable_password()}
    return render(request, "people/welcome.html", context)


def _settled(request: PersonRequest, form: SettleInForm) -> HttpResponse | None:
    """Carry the form out; None with an error in the form when that was not possible."""
    given = form.cleaned_data
    try:
        person = settle_in(
            person=request.user,
            name=given["name"],
            email=given.get("email", ""),
            password=given["password"],
            language=given["language"],
            time_zone=given["time_zone"],
            now=timezone.now(),
        )
    except UnableToSettleIn as unable:
        form.add_error("email", str(unable))
        return None
    except ValidationError as weak:
        form.add_error("password", weak)
        return None
    update_session_auth_hash(request, person)
    request.session.pop(MAY_SET_PASSWORD_UNTIL, None)
    # Chosen a moment ago: asking for it at once would be an insult.
    record_authentication(request, person, method="password", reauthenticated=True)
    response = redirect("/")
    remember_language(response, person.language)
    return response
