"""What the hub tells an account goes to its sessions as TL updates."""

from typing import TYPE_CHECKING, Any

from telethon.tl import types as tl

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call
from telegram_simulator.world.hub import Arrived, Deleted, Edited
from telegram_simulator.world.world import World

if TYPE_CHECKING:
    from telegram_simulator.methods.dispatch import Dispatcher


class Hearing:
    """The session that has asked for the act itself hears of it in the answer to its request, not here."""

    def __init__(self, world: World, dispatcher: "Dispatcher") -> None:
        self._world = world
        self._dispatcher = dispatcher
        self.answering: Call | None = None
        world.hub.listen(self._hear)

    def _hear(self, person_id: int, fact: Any) -> None:
        if not isinstance(fact, Arrived | Edited | Deleted):
            return
        keys = self._world.keys.of_account(person_id)
        if not keys:
            return
        now = self._dispatcher.clock()
        pushed = _updates(self._world, person_id, fact, now)
        for key in keys:
            if self.answering is None:
                self._dispatcher.push_now(key.id, pushed)
            elif self.answering.key.id != key.id:
                self.answering.pushes.append((key.id, pushed))


def _updates(world: World, person_id: int, fact: Arrived | Edited | Deleted, now: float) -> Any:
    people, seen = entities.named_in(world, [fact.message])
    return tl.Updates(
        updates=[entities.change(world, fact.message, person_id)],
        users=entities.users(world, person_id, people, now),
        chats=entities.chats(world, person_id, seen),
        date=entities.moment(now),
        seq=0,
    )
