"""Who hears of what happens: clients, polls, webhooks and pages.

A fact is told while it is being written down: *witnesses* hear it at once, inside the transaction (they may write
down something themselves, such as a bot's update); *listeners* hear it after the transaction was committed, and
never when it was taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.chats import Chat
from telegram_simulator.world.messages import Message


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message came into a box that the person reads (also the sender's own copy)."""

    message: Message


@dataclass(frozen=True, slots=True)
class Edited:
    message: Message


@dataclass(frozen=True, slots=True)
class Deleted:
    message: Message


@dataclass(frozen=True, slots=True)
class Tapped:
    """Somebody tapped a button under a message of the bot; `message` is the bot's copy."""

    callback_id: str
    person_id: int
    message: Message
    data: str


@dataclass(frozen=True, slots=True)
class TapAnswered:
    """The bot has answered a tap of this person."""

    callback_id: str


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """What somebody is in a chat has changed; `chat` None: whether the person lets the bot write to them."""

    chat: Chat | None
    actor_id: int
    person_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acting:
    """A bot shows that it is typing, or the like."""

    actor_id: int
    peer: tuple[str, int]
    action: str


@dataclass(frozen=True, slots=True)
class UpdateQueued:
    """Something waits for a bot to be fetched."""


Fact = Arrived | Edited | Deleted | Tapped | TapAnswered | MemberChanged | Acting | UpdateQueued
Witness = Callable[[int, Any, float], None]  # (person or bot, fact, now)
Listener = Callable[[int, Any], None]


class Hub:
    def __init__(self) -> None:
        self._witnesses: list[Witness] = []
        self._listeners: list[Listener] = []
        self._by_person: dict[int, list[Listener]] = {}
        self._held: list[tuple[int, Any]] = []
        self.holding = False

    def tell(self, person_id: int, fact: Any, now: float) -> None:
        for witness in self._witnesses:
            witness(person_id, fact, now)
        if self.holding:
            self._held.append((person_id, fact))
        else:
            self._deliver(person_id, fact)

    def release(self) -> None:
        """The transaction was committed."""
        held, self._held = self._held, []
        for person_id, fact in held:
            self._deliver(person_id, fact)

    def forget(self) -> None:
        """The transaction was taken back: nothing has happened."""
        self._held = []

    def witness(self, witness: Witness) -> None:
        self._witnesses.append(witness)

    def listen(self, listener: Listener, person_id: int | None = None) -> Callable[[], None]:
        """Hear everything, or what one person (or bot) hears; returns how to stop."""
        listeners = self._listeners if person_id is None else self._by_person.setdefault(person_id, [])
        listeners.append(listener)

        def stop() -> None:
            listeners.remove(listener)
            if person_id is not None and not self._by_person.get(person_id):
                self._by_person.pop(person_id, None)

        return stop

    def _deliver(self, person_id: int, fact: Any) -> None:
        for listener in [*self._listeners, *self._by_person.get(person_id, ())]:
            listener(person_id, fact)
