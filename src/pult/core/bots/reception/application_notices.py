"""Applications in bots: those who decide are asked, and everybody concerned hears how it ended."""

from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from pult.core.bots.models import Conversation, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.operations.grounds import ground, person_ground
from pult.core.bots.operations.rendering import PRIORITY_NOTICE, Target, message_of, render
from pult.core.bots.operations.telling import tell
from pult.core.bots.queries import main_bot, running_bots
from pult.core.bots.screens import Screen
from pult.core.people.models import Application, Person
from pult.core.people.queries import administrators_in_telegram, applications_waiting

# So many open requests are enough messages: the menu counts the others, and strangers cannot flood a chat.
MOST_ASKED_ABOUT = 20


def ask_those_who_decide(*, application: Application, now: datetime) -> int:
    """Send the request with its buttons to everybody who may decide and can be reached; returns to how many."""
    from pult.core.bots.reception.approvals import request_screen

    if applications_waiting().count() > MOST_ASKED_ABOUT:
        return 0
    told = 0
    for person, _user_id in administrators_in_telegram():
        with person_ground(person):
            screen = request_screen(application)
        row = tell(person=person, screen=screen, now=now, key=_key(application, person))
        told += row is not None
    return told


def show_decision(*, application: Application, now: datetime) -> None:
    """The request disappears from every administrator's chat, and whoever asked hears the answer."""
    from pult.core.bots.reception.approvals import decided_screen

    asked = (
        Outgoing.objects.filter(key__startswith=_prefix(application)).select_related("person").order_by("pk")
    )
    for row in asked:
        with _ground_of(row.person):
            screen = decided_screen(application)
        if row.state == Outgoing.State.SENT and row.message_id is not None:
            _edit(row, screen, now)
        elif row.state == Outgoing.State.WAITING:
            # Nobody needs to be asked any more. One that is just being sent keeps its buttons: they say who decided.
            Outgoing.objects.filter(pk=row.pk, state=Outgoing.State.WAITING).update(
                state=Outgoing.State.DROPPED
            )
    _answer_newcomer(application, now)


def withdraw_answer(*, application: Application) -> None:
    """Whoever asked is answered in another way at this moment."""
    Outgoing.objects.filter(key__startswith=_answer_key(application), state=Outgoing.State.WAITING).update(
        state=Outgoing.State.DROPPED
    )


def _edit(row: Outgoing, screen: Screen, now: datetime) -> None:
    with _ground_of(row.person):
        message = message_of(screen, bot_id=row.bot_id, user_id=row.chat_id)
    outbox.enqueue(
        bot_id=row.bot_id,
        chat_id=row.chat_id,
        method="editMessageText",
        payload={"chat_id": row.chat_id, "message_id": row.message_id, **message},
        now=now,
        priority=PRIORITY_NOTICE,
        person=row.person,
    )


def _ground_of(person: Person | None) -> AbstractContextManager[None]:
    return person_ground(person) if person else ground(language="")


def _answer_newcomer(application: Application, now: datetime) -> None:
    from pult.core.bots.reception.menu import main_menu
    from pult.core.bots.reception.newcomer import declined_screen, let_in_words

    bot_id = _bot_of(application.user_id)
    if bot_id is None:
        return
    person = application.person
    with person_ground(person) if person else ground(language=application.language):
        screen = main_menu(person, first=let_in_words(application)) if person else declined_screen()
        target = Target(
            bot_id=bot_id,
            chat_id=application.user_id,
            user_id=application.user_id,
            person=person,
            key=_answer_key(application),
        )
        render(screen, target=target, now=now)
    # What was expected of the newcomer (a nickname) is expected no longer.
    Conversation.objects.filter(
        user_id=application.user_id, bot__simulated=application.simulated, expects__startswith="home."
    ).update(expects="", notes={})


def _bot_of(user_id: int) -> UUID | None:
    """The bot in which they wrote last; the main one for somebody who asked elsewhere."""
    latest = (
        Conversation.objects.filter(user_id=user_id, bot__in=running_bots()).order_by("-changed_at").first()
    )
    if latest is not None:
        return latest.bot_id
    bot = main_bot()
    return None if bot is None else bot.pk


def _prefix(application: Application) -> str:
    return f"application.{application.pk}.to."


def _key(application: Application, person: Person) -> str:
    return f"{_prefix(application)}{person.pk}"


def _answer_key(application: Application) -> str:
    return f"application.{application.pk}.answer"
