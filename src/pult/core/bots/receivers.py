"""What bots do about facts of people."""

from typing import Any

from pult.core.bots.models import Bot, Outgoing
from pult.core.people.events import people_merge
from pult.core.people.models import Person


def hand_over(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: bots that either added, and what is still to be said to them, are the kept person's."""
    Bot.objects.filter(added_by=merged).update(added_by=kept)
    Outgoing.objects.filter(person=merged).update(person=kept)


def connect() -> None:
    """Listen; called once when the app is ready."""
    people_merge.connect(hand_over, dispatch_uid="bots.hand_over")
