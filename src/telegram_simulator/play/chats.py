"""A player's chats: the list, the messages of one, what is read, and looking for more."""

import re
from typing import Any

from telegram_simulator.bot_api.shapes import chat_id as bot_api_id
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.api import place_of, player_of
from telegram_simulator.play.reading import box_of, mark_read, marks, places_of, unread_in
from telegram_simulator.play.shapes import chat_json, message_json
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World

MOST_FOUND = 20
MOST_BOTS = 5
LOOKED_BACK = 50  # messages in which the bot's keyboard is looked for


@route("GET", "/play/api/{person}/chats")
async def chats(order: Order) -> Any:
    """The person's chats, the one with the newest message first; and bots that the person does not know yet."""
    person, world = player_of(order), order.world
    read, places = marks(world, person), places_of(world, person)
    found = [_row(world, person, place, read) for place in places]
    others = [("user", bot.id) for bot in world.bots.all() if ("user", bot.id) not in places]
    return {
        "chats": sorted(found, key=lambda one: one["at"], reverse=True),
        "bots": [_row(world, person, place, read) for place in others[:MOST_BOTS]],
    }


def _row(world: World, person: Person, place: Peer, read: dict[str, int]) -> dict[str, Any]:
    newest = world.messages.history(box_of(person, place), place, before_id=0, limit=1)
    unread = unread_in(world, person, place, read) if _may_read(world, person, place) else 0
    return chat_json(world, person, place, newest[0] if newest else None) | {"unread": unread}


@route("GET", "/play/api/{person}/chats/{peer}/messages")
async def messages(order: Order) -> Any:
    """Newest last. ?before= an id, ?limit= up to 200"""
    person = player_of(order)
    place = place_of(order, order.path["peer"])
    if not _may_read(order.world, person, place):
        raise Refused(403, "This person is not in the chat.")
    before, limit = (
        int(order.query[name]) if order.query.get(name, "").isdigit() else 0 for name in ("before", "limit")
    )
    history = order.world.messages.history
    found = history(box_of(person, place), place, before_id=before, limit=min(limit or 100, 200))
    latest = history(box_of(person, place), place, before_id=0, limit=LOOKED_BACK) if before else found
    return {
        "chat": _row(order.world, person, place, marks(order.world, person))
        | {"keyboard": _keyboard(latest, place)},
        "messages": [message_json(order.world, person, message) for message in reversed(found)],
    }


def _may_read(world: World, person: Person, place: Peer) -> bool:
    """Chats with a username are open to everybody."""
    if place[0] == "user":
        return True
    chat = world.chats.must(place[1])
    return chat.username is not None or world.chats.membership(chat.id, person.id).present


def _keyboard(newest_first: list[Message], place: Peer) -> dict[str, Any] | None:
    """The keyboard that a bot has put in place of the person's own."""
    for message in newest_first:
        markup = message.content.get("markup", {})
        if place[0] != "user" and markup.get("selective"):
            continue
        if "keyboard" in markup:
            return dict(markup)
        if markup.get("remove_keyboard") or markup.get("force_reply"):
            return dict(markup) if markup.get("force_reply") else None
    return None


@route("POST", "/play/api/{person}/read")
async def read(order: Order) -> Any:
    """{"to"}: everything that is in the chat by now"""
    person = player_of(order)
    mark_read(order.world, person, place_of(order, order.wishes().get("to")), order.now)
    return {"read": True}


# Looking for somebody ---------------------------------------------------------------------------------------------


@route("GET", "/play/api/{person}/look")
async def look(order: Order) -> Any:
    """?text= a @username, a number, or the beginning of a title or name: own chats first, then bots and public ones."""
    person, world = player_of(order), order.world
    text = order.query.get("text", "").strip()[:200]
    found: list[Peer] = []
    for place in [*_exactly(order, text), *_own(world, person, text), *_public(world, text)]:
        if place not in found and _may_read(world, person, place):
            found.append(place)
    read = marks(world, person)
    return {"found": [_row(world, person, place, read) for place in found[:MOST_FOUND]]}


def _exactly(order: Order, text: str) -> list[Peer]:
    if not re.fullmatch(r"@?[A-Za-z]\w{3,31}|-?\d{1,15}", text):
        return []
    try:
        return [place_of(order, text)]
    except Refused:
        return []  # nobody has exactly this name


def _own(world: World, person: Person, text: str) -> list[Peer]:
    wanted = text.removeprefix("@").casefold()
    if not wanted:
        return []
    found = []
    for place in places_of(world, person):
        about = chat_json(world, person, place, None)
        if wanted in f"{about['title']} {about['username'] or ''}".casefold():
            found.append((bot_api_id(place), place))
    return [place for _, place in found]


def _public(world: World, text: str) -> list[Peer]:
    """Bots by name or username; people and chats by the beginning of their username."""
    wanted = text.removeprefix("@").casefold()
    if len(wanted) < 2:
        return []
    bots = [bot for bot in world.bots.all() if wanted in f"{bot.first_name} {bot.username}".casefold()]
    start = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    chats = world.connection.execute(
        "SELECT id FROM chats WHERE username LIKE ? ESCAPE '\\' AND NOT gone LIMIT ?", (start, MOST_FOUND)
    )
    people = world.connection.execute(
        "SELECT id FROM people WHERE username LIKE ? ESCAPE '\\' LIMIT ?", (start, MOST_FOUND)
    )
    places: list[Peer] = [("user", bot.id) for bot in bots]
    places += [world.chats.must(row["id"]).peer for row in chats]
    return places + [("user", row["id"]) for row in people]
