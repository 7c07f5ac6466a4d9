"""The main menu, what the bot can do, and an answer to whatever no room expected."""

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.bots import rooms
from pult.core.bots.keyboards import columns, lines, menu_button, titled
from pult.core.bots.operations.grounds import conversation_of
from pult.core.bots.reception import entering
from pult.core.bots.reception.desk import room
from pult.core.bots.screens import Answer, Button, Rows, Screen, Toast, Visit, below
from pult.core.people.models import Person
from pult.core.people.queries import applications_waiting
from pult.core.registry import Text


def main_menu(person: Person, *, first: Text = "") -> Screen:
    """The buttons of all rooms that this person may enter; `first` stands above them. Texts in the active language."""
    buttons = [
        Button(str(entry.title), entry.action)
        for entry in rooms.entries()
        if entry.permission is None or person.may(entry.permission)
    ]
    words = (
        _("What shall we do?") if buttons else _("Nothing is open to your role yet. Ask an administrator.")
    )
    greeting = first or _("Hello, %(name)s!") % {"name": person}
    return below(
        titled(greeting, words),
        *columns(buttons),
        _waiting_row(person),
        (Button(_("⚙️ Settings"), "home.settings"), Button(_("❔ Help"), "home.help")),
    )


def _waiting_row(person: Person) -> tuple[Button, ...]:
    """Who waits to be let in, for those who decide."""
    count = applications_waiting().count() if person.may("people.manage") else 0
    if not count:
        return ()
    text = ngettext("🚪 %(count)s person waits to be let in", "🚪 %(count)s people wait to be let in", count)
    return (Button(text % {"count": count}, "home.waiting"),)


@room.action("start")
def start(visit: Visit) -> Answer:
    """/start: the menu, or what the link behind it was for."""
    if visit.payload:
        return entering.known_person_with_link(visit)
    return main_menu(visit.person)


@room.action("menu")
def menu(visit: Visit, *_words: str) -> Answer:
    """The menu, in the place of whatever stood there."""
    return main_menu(visit.person)


@room.action("cancel")
def cancel(visit: Visit, *_words: str) -> Answer:
    """Nothing is expected any more; what was done stays done."""
    return main_menu(visit.person, first=_("Stopped."))


@room.action("help")
def show_help(visit: Visit, *_words: str) -> Answer:
    """What can be done here, as sentences with their commands."""
    open_to_them = [
        command
        for command in rooms.commands()
        if command.name != "start" and (command.permission is None or visit.person.may(command.permission))
    ]
    # What one comes for stands before what every bot can do.
    open_to_them.sort(key=lambda command: command.action.startswith("home."))
    commands = [format_html("/{} – {}", command.name, command.title) for command in open_to_them]
    web = _("Everything can be done on the web as well: %(address)s") % {"address": settings.PULT_ADDRESS}
    return below(titled(_("What I can do"), lines(*commands), format_html("\n{}", web)), (menu_button(),))


@room.action("unknown")
def unknown(visit: Visit, kind: str = "other") -> Answer:
    """A text, file or command that no room expected. What was expected before goes on being expected."""
    conversation = conversation_of(bot_id=visit.bot_id, chat_id=visit.chat_id, user_id=visit.user_id)
    if conversation is not None and conversation.expects:
        return Toast(_waiting_for(conversation.expects))
    return below(_not_understood(kind), *_rooms_open_to(visit.person), (menu_button(),))


def _waiting_for(expects: str) -> str:
    if rooms.file(expects) is not None and rooms.text(expects) is not None:
        return _("I am waiting for a text or a file. /cancel stops that.")
    if rooms.file(expects) is not None:
        return _("I am waiting for a file. /cancel stops that.")
    return _("I am waiting for a text. /cancel stops that.")


def _not_understood(kind: str) -> SafeString:
    sentences = {
        "command": _("I do not know this command. /help shows those that I know."),
        "file": _("I do not know what this file is for. Choose first what to do, then send it again."),
        "text": _("I did not expect a text just now. Choose what to do:"),
    }
    return lines(sentences.get(kind, _("I understand texts, files and buttons. Choose what to do:")))


def _rooms_open_to(person: Person) -> Rows:
    return columns(
        [
            Button(str(entry.title), entry.action)
            for entry in rooms.entries()
            if entry.permission is None or person.may(entry.permission)
        ]
    )
