"""What people do about facts of Django's and allauth's sign-in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_init, post_save
from django.http import HttpRequest
from django.utils import timezone

from pult.core.audit.operations import record
from pult.core.people.models import Person
from pult.core.people.operations import begin_browser_session
from pult.core.people.second_factor import refuse_moved_factor

BROWSER_SESSION = "people_browser_session"
"""The entry of a session that names its row: [id, session key, seconds of the epoch when it was last written down]."""


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address as the limits of sign-in count it; None when nobody can tell."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return None


def note_sign_in(*, user: Person, request: HttpRequest, **_rest: Any) -> None:
    """Every sign-in is in the trail, whichever way it came, and its browser in the person's list."""
    now = timezone.now()
    way = way_of(request, user)
    record(
        action="person.signed_in",
        actor=user,
        now=now,
        object_type="person",
        object_id=user.pk,
        **({"way": way} if way else {}),
    )
    write_browser_down(request, user)


def way_of(request: HttpRequest, person: Person) -> str:
    """By which first step somebody came in: "password", "one_time_link", or a way of Telegram; "" if unknown."""
    ways = [
        record.get("way", record["method"])
        for record in get_authentication_records(request, person)
        if record["method"] in {"password", "one_time_link", "telegram"}
    ]
    return str(ways[-1]) if ways else ""


def write_browser_down(request: HttpRequest, person: Person) -> None:
    """Give the session of this request its row."""
    key = request.session.session_key
    if key is None:
        return
    now = timezone.now()
    began = begin_browser_session(
        person=person,
        session_key=key,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        address=address_of(request),
        now=now,
    )
    request.session[BROWSER_SESSION] = [str(began.pk), key, now.timestamp()]


def note_new_factor(*, instance: Authenticator, created: bool, **_rest: Any) -> None:
    """A factor set up (only its person can) is in the trail; what a manager took away is made good."""
    if not created:
        return
    Person.objects.filter(pk=instance.user_id).update(second_factor_reset_at=None)
    record(
        action="person.second_factor_added",
        actor=Person.objects.get(pk=instance.user_id),
        now=timezone.now(),
        object_type="person",
        object_id=instance.user_id,
        factor=instance.type,
    )


def note_removed_factor(*, user: Person, authenticator: Authenticator, **_rest: Any) -> None:
    """A factor that its person removed."""
    record(
        action="person.second_factor_removed",
        actor=user,
        now=timezone.now(),
        object_type="person",
        object_id=user.pk,
        factor=authenticator.type,
    )


def connect() -> None:
    """Called once when the application is ready."""
    user_logged_in.connect(note_sign_in, dispatch_uid="people.note_sign_in")
    post_init.connect(refuse_moved_factor, sender=Authenticator, dispatch_uid="people.refuse_moved_factor")
    post_save.connect(note_new_factor, sender=Authenticator, dispatch_uid="people.note_new_factor")
    authenticator_removed.connect(note_removed_factor, dispatch_uid="people.note_removed_factor")
