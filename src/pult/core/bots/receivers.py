"""What bots do about facts of people."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from pult.core.bots.models import Bot, Conversation, LiveScreen, Outgoing
from pult.core.people.events import (
    application_decided,
    application_made,
    people_merge,
    person_leaves,
    person_shut_out,
)
from pult.core.people.models import Application, Person, TelegramIdentity


def hand_over(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: bots that either added, and what is still to be said to them, are the kept person's."""
    Bot.objects.filter(added_by=merged).update(added_by=kept)
    Outgoing.objects.filter(person=merged).update(person=kept)


def ask_those_who_decide(sender: object, application: Application, now: datetime, **_: Any) -> None:
    """Somebody asks to be let in: administrators get the request in their chat with the bot."""
    from pult.core.bots.reception import application_notices

    application_notices.ask_those_who_decide(application=application, now=now)


def show_decision(sender: object, application: Application, now: datetime, **_: Any) -> None:
    """Somebody decided, here or on the web: the requests are closed, and the newcomer hears of it."""
    from pult.core.bots.reception import application_notices

    application_notices.show_decision(application=application, now=now)


def fall_silent(sender: object, person: Person, **_: Any) -> None:
    """Somebody's access was closed: nothing that still waits is sent to them, and no message of theirs lives on."""
    from pult.core.bots.operations import outbox

    outbox.drop(Outgoing.objects.filter(person=person))
    LiveScreen.objects.filter(_with(person)).delete()


def forget(sender: object, person: Person, **_: Any) -> None:
    """Somebody leaves for good: as above, and whoever writes from their Telegram now is a stranger."""
    fall_silent(sender, person)
    Conversation.objects.filter(_with(person)).delete()


def _with(person: Person) -> Q:
    """What belongs to the person's Telegram: a simulated user and a real one of the same number are two."""
    identities = TelegramIdentity.objects.filter(person=person)
    theirs = (Q(user_id=one.user_id, bot__simulated=one.simulated) for one in identities)
    return reduce(or_, theirs, Q(pk__in=[]))


def connect() -> None:
    """Listen; called once when the app is ready."""
    application_made.connect(ask_those_who_decide, dispatch_uid="bots.ask_those_who_decide")
    application_decided.connect(show_decision, dispatch_uid="bots.show_decision")
    person_shut_out.connect(fall_silent, dispatch_uid="bots.fall_silent")
    person_leaves.connect(forget, dispatch_uid="bots.forget")
    people_merge.connect(hand_over, dispatch_uid="bots.hand_over")
