"""Which function of which room an update is for, and whether this person may have it run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from pult.core.bots import rooms
from pult.core.bots.operations import words
from pult.core.bots.rules.incoming import Incoming
from pult.core.bots.screens import Answer, GivenFile, Toast, Visit
from pult.core.people.models import Person


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A file that could not be fetched from Telegram: "too_large", "gone", "silent" …"""

    kind: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be run, and the name under which the update remembers it."""

    name: str
    run: Callable[[], Answer]
    # What was expected has come: without a new screen that expects something, the waiting is over.
    consumes: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file must be fetched first: at most so many bytes."""

    largest: int


def deed_of(
    incoming: Incoming, person: Person, *, now: datetime, file: GivenFile | Unfetched | None
) -> Deed | Wanted:
    """What this person's update asks for. Nothing is run yet."""
    assert incoming.bot_id is not None and incoming.user_id is not None  # noqa: S101 - a person's update
    visit = Visit(
        person=person,
        bot_id=incoming.bot_id,
        chat_id=incoming.chat_id,
        user_id=incoming.user_id,
        now=now,
        notes=incoming.notes,
        payload=incoming.payload if incoming.command == "start" else "",
    )
    if incoming.query_id:
        return _tap(incoming, visit)
    if incoming.command:
        return _command(incoming, visit)
    if incoming.file is not None:
        return _file(incoming, visit, file)
    function = rooms.text(incoming.expects) if incoming.expects and incoming.text else None
    if function is not None:
        return _guarded(function, visit, (incoming.text,), consumes=True)
    return _unknown(incoming, visit)


def _guarded(
    function: rooms.Function, visit: Visit, arguments: tuple[object, ...], *, consumes: bool = False
) -> Deed:
    if visit.person.held_back():
        return Deed("engine.held_back", words.held_back)
    if function.permission is not None and not visit.person.may(function.permission):
        return Deed(function.name, words.not_allowed)
    return Deed(function.name, lambda: function.handler(visit, *arguments), consumes)


def _tap(incoming: Incoming, visit: Visit) -> Deed:
    function = rooms.action(incoming.action)
    given = None if function is None else function.fitted(incoming.arguments)
    if function is None or given is None:
        return Deed("engine.outdated", words.outdated_button)
    return _guarded(function, visit, given)


def _command(incoming: Incoming, visit: Visit) -> Deed:
    if incoming.command == "start" and incoming.payload:
        # "checks-…" is for the room of that name, if it takes such links.
        function = rooms.action(f"{incoming.payload.partition('-')[0]}.start")
        if function is not None and function.fitted(()) is not None:
            return _guarded(function, visit, ())
    function = rooms.command(incoming.command)
    said = incoming.payload.split() if incoming.command != "start" else ()
    given = None if function is None else function.fitted(said)
    if function is None or given is None:
        return _unknown(incoming, visit)
    return _guarded(function, visit, given)


def _file(incoming: Incoming, visit: Visit, file: GivenFile | Unfetched | None) -> Deed | Wanted:
    function = rooms.file(incoming.expects) if incoming.expects else None
    if function is None or incoming.file is None:
        return _unknown(incoming, visit)
    deed = _guarded(function, visit, (file,), consumes=True)
    if not deed.consumes:
        return deed
    if incoming.file.size > function.largest:
        return Deed(function.name, lambda: words.file_too_large(function.largest))
    if file is None:
        return Wanted(function.largest)
    if isinstance(file, Unfetched):
        return Deed(function.name, lambda: words.file_not_fetched(file.kind, function.largest))
    return deed


def _unknown(incoming: Incoming, visit: Visit) -> Deed:
    """Reception says what can be done instead: `home.unknown` gets "command", "file", "text" or "other"."""
    kind = (
        "command" if incoming.command else "file" if incoming.file else "text" if incoming.text else "other"
    )
    function = rooms.action("home.unknown")
    if function is None:
        return Deed(
            "engine.unknown", lambda: Toast(_("I do not understand this. /menu shows what I can do."))
        )
    return _guarded(function, visit, (kind,))
