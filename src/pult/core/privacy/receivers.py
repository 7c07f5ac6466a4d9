"""What this room does about facts of people."""

from typing import Any

from pult.core.people.events import people_merge
from pult.core.people.models import Person
from pult.core.privacy.models import Inquiry, RetentionPolicy


def hand_over_inquiries(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: who asked and who decided is now found under the kept person."""
    Inquiry.objects.filter(asked_by=merged).update(asked_by=kept)
    RetentionPolicy.objects.filter(changed_by=merged).update(changed_by=kept)


def connect() -> None:
    """Listen; called once when the app is ready."""
    people_merge.connect(hand_over_inquiries, dispatch_uid="privacy.hand_over_inquiries")
