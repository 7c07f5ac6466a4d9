"""What people do about facts of Django's sign-in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from pult.core.audit.operations import record
from pult.core.people.models import Person


def note_sign_in(*, user: Person, **_rest: Any) -> None:
    """Every sign-in is in the trail, whichever way it came."""
    record(action="person.signed_in", actor=user, now=timezone.now(), object_type="person", object_id=user.pk)


def connect() -> None:
    """Called once when the application is ready."""
    user_logged_in.connect(note_sign_in, dispatch_uid="people.note_sign_in")
