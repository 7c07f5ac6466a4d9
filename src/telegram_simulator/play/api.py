"""The JSON of the play page: a person's chats, messages and acts. Tests use it through `testing.Player`."""

from typing import Any

from telegram_simulator.control.chats import person_of
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.cast import unused_phone
from telegram_simulator.play.reading import box_of
from telegram_simulator.play.shapes import message_json, person_json
from telegram_simulator.world import acts
from telegram_simulator.world.chats import Chat
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.people import Person, normalise_phone
from telegram_simulator.world.recognition import found_in

LONGEST_TEXT = 4096


def player_of(order: Order) -> Person:
    person = person_of(order, order.path["person"])
    if person.bot:
        raise Refused(400, "A bot is played by its program.")
    order.world.accounts.ensure(person.id)
    return person


def place_of(order: Order, given: object) -> Peer:
    """@username of a bot, person, channel or supergroup; an id of a person; or a chat's id as the Bot API has it."""
    text = str(given or "").strip()
    if text.startswith("-") and text[1:].isdigit():
        number = -int(text)
        kind_is_group = number < 1_000_000_000_000
        found = order.world.chats.by_id(number if kind_is_group else number - 1_000_000_000_000)
        if found is None:
            raise Refused(404, f"There is no chat {text}.")
        return found.peer
    chat = None if text.isdigit() else order.world.chats.by_username(text.removeprefix("@"))
    if chat is not None:
        return chat.peer
    return "user", person_of(order, text).id


def bot_id_of(order: Order, given: object) -> int:
    place = place_of(order, given)
    if place[0] != "user" or order.world.bots.by_id(place[1]) is None:
        raise Refused(404, f"There is no bot {given!r} that a program plays.")
    return place[1]


@route("POST", "/play/api/people")
async def find_or_create(order: Order) -> Any:
    """{"phone"} or {"person"} finds; {"name", "username"?, "phone"?, "language"?} creates somebody new."""
    wishes = order.wishes()
    known = wishes.get("person") or wishes.get("phone")
    if known and not wishes.get("name"):
        person = person_of(order, known)
    else:
        phone = normalise_phone(str(wishes.get("phone") or "")) or unused_phone(order.world)
        found = order.world.people.by_phone(phone)
        person = found or _create(order, wishes, phone)
    order.world.accounts.ensure(person.id)
    return person_json(person)


def _create(order: Order, wishes: dict[str, Any], phone: str) -> Person:
    first, _, last = str(wishes.get("name") or "").strip().partition(" ")
    if not first:
        raise Refused(400, "A new person needs a name.")
    wanted = {"phone": phone, "first_name": first, "last_name": last}
    wanted |= {name: wishes[name] for name in ("username", "language") if wishes.get(name)}
    return order.world.people.create(wanted)


@route("POST", "/play/api/{person}/send")
async def send(order: Order) -> Any:
    """{"to", "text", "reply_to"?: id}"""
    person, wishes = player_of(order), order.wishes()
    place, text = place_of(order, wishes.get("to")), wishes.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise Refused(400, "text must be a text of 1 to 4096 characters.")
    found = found_in(text.strip())
    content: dict[str, Any] = {"entities": found} if found else {}
    return post_of(order, person, place, text=text.strip(), content=content, reply_to=wishes.get("reply_to"))


@route("POST", "/play/api/{person}/contact")
async def share_contact(order: Order) -> Any:
    """{"to"}: the person's own number, as a request_contact button sends it."""
    person, wishes = player_of(order), order.wishes()
    contact = {"phone_number": f"+{person.phone}", "first_name": person.first_name, "user_id": person.id}
    if person.last_name:
        contact["last_name"] = person.last_name
    place, content = place_of(order, wishes.get("to")), {"shown": {"contact": contact}}
    return post_of(order, person, place, text="", content=content, reply_to=wishes.get("reply_to"))


@route("POST", "/play/api/{person}/location")
async def share_location(order: Order) -> Any:
    """{"to", "latitude", "longitude"}"""
    person, wishes = player_of(order), order.wishes()
    location = {}
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = wishes.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
            raise Refused(400, f"{name} must be a number of degrees.")
        location[name] = value
    place, content = place_of(order, wishes.get("to")), {"shown": {"location": location}}
    return post_of(order, person, place, text="", content=content, reply_to=wishes.get("reply_to"))


def post_of(
    order: Order, person: Person, place: Peer, *, text: str, content: dict[str, Any], reply_to: object
) -> Any:
    if place[0] != "user":
        check_may_write(order, person, order.world.chats.must(place[1]))
    if isinstance(reply_to, int):
        answered = order.world.messages.get(box_of(person, place), reply_to)
        if answered is None or answered.uid is None:
            raise Refused(404, "The message to answer is not there (any more).")
        content["reply_to"] = answered.uid
    posted = acts.post(
        order.world, sender_id=person.id, place=place, text=text, now=order.now, content=content
    )
    return message_json(order.world, person, posted.own)


def check_may_write(order: Order, person: Person, chat: Chat) -> None:
    membership = order.world.chats.membership(chat.id, person.id)
    boss = membership.role in ("creator", "administrator")
    if not membership.present or chat.gone or chat.migrated_to is not None:
        raise Refused(403, "This person is not in the chat.")
    if not boss and (chat.kind == "channel" or not chat.members_may_write or membership.role == "restricted"):
        raise Refused(403, "This person may not write here.")


@route("POST", "/play/api/{person}/edit")
async def edit(order: Order) -> Any:
    """{"to", "message": id, "text"}: one's own message."""
    message = _own_message(order)
    text = str(order.wishes().get("text") or "").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise Refused(400, "text must be a text of 1 to 4096 characters.")
    content = {name: value for name, value in message.content.items() if name != "entities"}
    found = found_in(text)
    content |= {"entities": found} if found else {}
    posted = acts.edit(order.world, message=message, text=text, content=content, now=order.now)
    return message_json(order.world, player_of(order), posted.own)


@route("POST", "/play/api/{person}/delete")
async def delete(order: Order) -> Any:
    """{"to", "message": id}: one's own message, for everybody."""
    acts.delete(order.world, message=_own_message(order), now=order.now)
    return {"deleted": True}


def _own_message(order: Order) -> Message:
    person, message = player_of(order), message_of(order)
    if message.from_id != person.id:
        raise Refused(403, "This is somebody else's message.")
    return message


def message_of(order: Order) -> Message:
    person, wishes = player_of(order), order.wishes()
    number = wishes.get("message")
    place = place_of(order, wishes.get("to"))
    found = order.world.messages.get(box_of(person, place), number) if isinstance(number, int) else None
    if found is None or found.peer != place:
        raise Refused(404, "There is no such message (any more).")
    return found


@route("POST", "/play/api/{person}/tap")
async def tap(order: Order) -> Any:
    """{"to", "message": id, "data"} → {"callback": id}; the answer is at /callbacks/{id} and in the events."""
    person = player_of(order)
    callback = acts.tap(
        order.world, person_id=person.id, message=message_of(order), data=str(order.wishes().get("data")), now=order.now
    )  # fmt: skip
    return {"callback": callback.id}


@route("GET", "/play/api/{person}/callbacks/{callback}")
async def callback(order: Order) -> Any:
    """{"answered", "expired", "text", "alert", "url"}"""
    found = order.world.callbacks.get(order.path["callback"])
    if found is None or found.person_id != player_of(order).id:
        raise Refused(404, "There is no such tap.")
    return {
        "id": found.id,
        "answered": found.answered_at is not None,
        "expired": found.answered_at is None and found.expires_at < order.now,
        "text": found.text,
        "alert": found.alert,
        "url": found.url,
    }


@route("POST", "/play/api/{person}/start")
async def start(order: Order) -> Any:
    """{"bot": "@username", "payload"?}: the Start button, or a link t.me/bot?start=payload."""
    person, wishes = player_of(order), order.wishes()
    payload = str(wishes.get("payload") or "")
    if len(payload) > 64 or not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in payload):
        raise Refused(400, "payload must be up to 64 letters, digits, _ and -.")
    posted = acts.press_start(
        order.world, person_id=person.id, bot_id=bot_id_of(order, wishes.get("bot")), payload=payload, now=order.now
    )  # fmt: skip
    return message_json(order.world, person, posted.own)


@route("POST", "/play/api/{person}/block")
async def block(order: Order) -> Any:
    """{"bot": "@username"}"""
    person_id, bot_id = player_of(order).id, bot_id_of(order, order.wishes().get("bot"))
    return {"changed": acts.block(order.world, person_id=person_id, bot_id=bot_id, now=order.now)}


@route("POST", "/play/api/{person}/unblock")
async def unblock(order: Order) -> Any:
    person_id, bot_id = player_of(order).id, bot_id_of(order, order.wishes().get("bot"))
    return {"changed": acts.unblock(order.world, person_id=person_id, bot_id=bot_id, now=order.now)}
