"""Every room that speaks in bots: reception ("home"), and those of the registered modules."""

import functools
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.module_loading import import_string

from pult.core.bots.rules.incoming import Incoming
from pult.core.bots.screens import Answer, BotRoom, Command, Entry, Handler
from pult.core.registry import registry

HOME = "home"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a room: its name ("checks.open"), and the permission that it demands (None: nobody's)."""

    name: str
    handler: Handler
    permission: str | None
    # For those that take files: the largest size in bytes.
    largest: int = 0

    def fitted(self, words: "Sequence[str]") -> tuple[str, ...] | None:
        """Of the words behind a command or on an old button as many as it takes; None where it needs more of them."""
        fewest, most = _words_taken(self.handler)
        return None if len(words) < fewest else tuple(words[:most])


@functools.cache
def _words_taken(handler: Handler) -> tuple[int, int | None]:
    """How many arguments beside the visit a function needs, and how many it takes (None: any number)."""
    _visit, *taken = inspect.signature(handler).parameters.values()
    plain = [one for one in taken if one.kind is not one.VAR_POSITIONAL]
    fewest = sum(1 for one in plain if one.default is one.empty)
    return fewest, len(plain) if len(plain) == len(taken) else None


@functools.cache
def all_rooms() -> Mapping[str, BotRoom]:
    """The rooms by name, home first. Raises ValueError for a name taken twice; an import error stops the process."""
    rooms: list[BotRoom] = [import_string("pult.core.bots.reception.room.room")]
    rooms += [import_string(module.bot) for module in registry if module.bot]
    found = {room.name: room for room in rooms}
    if len(found) < len(rooms):
        raise ValueError(f"two rooms of bots have the same name: {sorted(room.name for room in rooms)}")
    return found


def entries() -> list[Entry]:
    """Buttons of the main menu in their order, of all rooms; who may use them is asked by whoever shows them."""
    return sorted(
        (entry for room in all_rooms().values() for entry in room.entries), key=lambda one: one.order
    )


def commands() -> list[Command]:
    """Slash commands of all rooms; the first room that names one has it."""
    found: dict[str, Command] = {}
    for room in all_rooms().values():
        for command in room.commands:
            found.setdefault(command.name, command)
    return list(found.values())


def action(name: str) -> Function | None:
    """The function behind a button ("checks.open")."""
    room, inner = _room_of(name)
    handler = room.actions.get(inner) if room else None
    return None if room is None or handler is None else Function(name, handler, room.permission_of(handler))


def command(name: str) -> Function | None:
    """The function behind a slash command, with the permission that the command itself demands."""
    found = next((one for one in commands() if one.name == name), None)
    function = action(found.action) if found else None
    if found is None or function is None:
        return None
    return Function(function.name, function.handler, found.permission or function.permission)


def text(name: str) -> Function | None:
    """The function that takes a text which a screen expects."""
    room, inner = _room_of(name)
    handler = room.texts.get(inner) if room else None
    return None if room is None or handler is None else Function(name, handler, room.permission_of(handler))


def file(name: str) -> Function | None:
    """The function that takes a file which a screen expects."""
    room, inner = _room_of(name)
    wish = room.files.get(inner) if room else None
    if room is None or wish is None:
        return None
    return Function(name, wish.handler, room.permission_of(wish.handler), wish.largest)


def to_newcomer(incoming: Incoming, now: datetime) -> Answer:
    """What reception says to somebody who is nobody here yet."""
    answer: Answer = import_string("pult.core.bots.reception.newcomer.newcomer")(incoming, now)
    return answer


def to_shut_out(incoming: Incoming, now: datetime) -> Answer:
    """What reception says, once, to somebody whose access is closed."""
    answer: Answer = import_string("pult.core.bots.reception.newcomer.shut_out")(incoming, now)
    return answer


def _room_of(name: str) -> tuple[BotRoom | None, str]:
    room, _dot, inner = name.partition(".")
    return all_rooms().get(room), inner
