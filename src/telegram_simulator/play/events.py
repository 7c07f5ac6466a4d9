"""Server-sent events of a player: what happens in their chats, and that something waits for other players."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from telegram_simulator.bot_api.shapes import chat_id as bot_api_id
from telegram_simulator.control.orders import Order, Stream, route
from telegram_simulator.play.api import player_of
from telegram_simulator.play.cast import OFFERED
from telegram_simulator.play.reading import Read, unread_of
from telegram_simulator.play.shapes import message_json
from telegram_simulator.world.acts.polling import PollChanged
from telegram_simulator.world.acts.reacting import Reacted
from telegram_simulator.world.hub import Acting, Arrived, Deleted, Edited, MemberChanged, TapAnswered
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World

ALIVE = 15.0  # seconds after which a silent stream says that it is still there
PAUSE = 0.5  # seconds in which news for other players are gathered


@route("GET", "/play/api/{person}/events")
async def events(order: Order) -> Any:
    """`message`, `edited`, `deleted`, `tap_answered`, `acting`, `chat`, `read`, `elsewhere`, each with JSON."""
    return Stream(_lines(order, player_of(order)), "text/event-stream")


class News:
    """What a player's page has to be told. News for other players are gathered for a moment."""

    def __init__(self, order: Order, person: Person) -> None:
        self._world, self._person = order.world, person
        self._queue: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()
        self._elsewhere: set[int] = set()
        self._loop = asyncio.get_running_loop()
        self.stop = order.world.hub.listen(self._hear)

    def _hear(self, reader: int, fact: Any) -> None:
        if reader == self._person.id:
            told = event_of(self._world, self._person, fact)
            if told is not None:
                self._queue.put_nowait(told)
        elif isinstance(fact, Arrived | Read) and self._world.accounts.by_id(reader) is not None:
            if not self._elsewhere:
                self._loop.call_later(PAUSE, self._queue.put_nowait, None)
            if len(self._elsewhere) < OFFERED:
                self._elsewhere.add(reader)

    async def next(self) -> list[tuple[str, Any]]:
        """Raises TimeoutError when nothing has happened for a while."""
        told = await asyncio.wait_for(self._queue.get(), timeout=ALIVE)
        return self._news_elsewhere() if told is None else [told]

    def _news_elsewhere(self) -> list[tuple[str, Any]]:
        people = self._world.people.by_ids(sorted(self._elsewhere))
        self._elsewhere.clear()
        return [
            ("elsewhere", {"person": other.id, "unread": unread_of(self._world, other)})
            for other in people.values()
        ]


async def _lines(order: Order, person: Person) -> AsyncIterator[bytes]:
    news = News(order, person)
    try:
        yield b": connected\n\n"
        while True:
            try:
                told = await news.next()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            for name, content in told:
                yield f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n".encode()
    finally:
        news.stop()


def event_of(world: World, person: Person, fact: Any) -> tuple[str, Any] | None:
    """(name, content); None for what a page need not know."""
    told: tuple[str, Any] | None = None
    match fact:
        case Arrived(message=message):
            told = "message", message_json(world, person, message)
        case Edited(message=message) | Reacted(message=message):
            told = "edited", message_json(world, person, message)
        case PollChanged(uid=uid):
            own = next(
                (copy for copy in world.messages.copies(uid) if copy.box in (person.id, -copy.peer_id)), None
            )
            told = None if own is None else ("edited", message_json(world, person, own))
        case Deleted(message=message):
            told = "deleted", {"chat": bot_api_id(message.peer), "id": message.id}
        case TapAnswered(callback_id=callback_id):
            found = world.callbacks.must(callback_id)
            told = (
                "tap_answered",
                {"id": found.id, "text": found.text, "alert": found.alert, "url": found.url},
            )
        case Acting(actor_id=actor_id, peer=peer, action=action):
            told = "acting", {"chat": bot_api_id(peer), "who": actor_id, "action": action}
        case MemberChanged(chat=chat):
            told = "chat", {"chat": None if chat is None else bot_api_id(chat.peer)}
        case Read(place=place):
            told = "read", {"chat": bot_api_id(place)}
    return told
