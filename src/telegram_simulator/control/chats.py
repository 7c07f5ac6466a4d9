"""Groups and channels seen from outside: creating them, and putting people and bots into them."""

from dataclasses import asdict, replace
from typing import Any

from telegram_simulator.bot_api.shapes import chat_id as bot_api_id
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.world import acts
from telegram_simulator.world.chats import Chat, Membership
from telegram_simulator.world.people import Person, normalise_phone

KINDS = ("group", "supergroup", "channel")
ROLES = ("creator", "administrator", "member", "restricted", "left", "banned")


def person_of(order: Order, given: object) -> Person:
    """A person or bot by id, phone or @username."""
    text = str(given or "").strip()
    people = order.world.people
    found = None
    if text.lstrip("+").isdigit():
        found = people.by_id(int(text)) if not text.startswith("+") and len(text) <= 10 else None
        phone = normalise_phone(text)
        found = found or (people.by_phone(phone) if phone else None)
    elif text:
        found = people.by_username(text.removeprefix("@"))
    if found is None:
        raise Refused(404, f"There is nobody {text!r} in this world.")
    return found


def chat_of(order: Order) -> Chat:
    given = order.path["chat"]
    chats = order.world.chats
    chat = chats.by_id(int(given)) if given.isdigit() else chats.by_username(given.removeprefix("@"))
    if chat is None:
        raise Refused(404, f"There is no chat {given!r}.")
    return chat


def as_json(order: Order, chat: Chat) -> dict[str, Any]:
    people = order.world.connection.execute(
        "SELECT person_id, role FROM members WHERE chat_id = ? ORDER BY person_id", (chat.id,)
    )
    return asdict(chat) | {
        "bot_api_id": bot_api_id(chat.peer),
        "members": [{"person": row["person_id"], "role": row["role"]} for row in people],
    }


@route("GET", "/api/chats")
async def list_chats(order: Order) -> Any:
    rows = order.world.connection.execute("SELECT id FROM chats ORDER BY id").fetchall()
    return {"chats": [as_json(order, order.world.chats.must(row["id"])) for row in rows]}


@route("POST", "/api/chats")
async def create_chat(order: Order) -> Any:
    """{"kind": group, supergroup or channel, "title", "username"?, "creator": id, phone or @username, "forum"?}"""
    wishes = order.wishes()
    kind, title, username = (wishes.get(name) for name in ("kind", "title", "username"))
    if kind not in KINDS or not isinstance(title, str) or not title:
        raise Refused(400, f"A chat needs a title, and kind must be one of {', '.join(KINDS)}.")
    if username is not None and (kind == "group" or order.world.chats.by_username(str(username))):
        raise Refused(400, "This username is taken, or the chat is a small group, which has none.")
    creator = person_of(order, wishes.get("creator"))
    with order.world.transaction():
        chat = order.world.chats.create(kind=kind, title=title, username=username, now=order.now)
        if wishes.get("forum"):
            chat = order.world.chats.change(chat.id, forum=1)
        order.world.chats.write_membership(Membership(chat.id, creator.id, "creator", joined_at=order.now))
    return as_json(order, chat)


@route("GET", "/api/chats/{chat}")
async def show_chat(order: Order) -> Any:
    return as_json(order, chat_of(order))


@route("POST", "/api/chats/{chat}/members")
async def set_member(order: Order) -> Any:
    """{"person": id, phone or @username, "role", "rights"?, "actor"?}: what an administrator does in the app.

    Joining and leaving write service messages; bots hear of everything as Telegram tells them.
    """
    chat, wishes = chat_of(order), order.wishes()
    person, role = person_of(order, wishes.get("person")), wishes.get("role", "member")
    if role not in ROLES:
        raise Refused(400, f"role must be one of {', '.join(ROLES)}.")
    actor = person_of(order, wishes["actor"]).id if wishes.get("actor") else _creator(order, chat)
    before = order.world.chats.membership(chat.id, person.id)
    with order.world.transaction():
        if role == "banned":
            acts.leave(order.world, chat=chat, person_id=person.id, now=order.now, removed_by=actor)
        elif role == "left":
            acts.leave(order.world, chat=chat, person_id=person.id, now=order.now)
        else:
            if not before.present and role != "restricted" and chat.kind != "channel":
                acts.join(order.world, chat=chat, person_id=person.id, now=order.now, added_by=actor)
            now_there = order.world.chats.membership(chat.id, person.id)
            wanted = replace(now_there, role=role, rights=wishes.get("rights") or {}, until=None)
            acts.change_membership(order.world, chat=chat, actor_id=actor, wanted=wanted, now=order.now)
    return as_json(order, chat_of(order))


def _creator(order: Order, chat: Chat) -> int:
    creators = order.world.chats.memberships(chat.id, "creator", "administrator")
    if not creators:
        raise Refused(400, "The chat has no creator; name an actor.")
    return creators[0].person_id


@route("POST", "/api/chats/{chat}/{act}")
async def act_on_chat(order: Order) -> Any:
    """upgrade (a group becomes a supergroup under a new id), delete, silence and unsilence (who may write)."""
    chat = chat_of(order)
    match order.path["act"]:
        case "upgrade":
            if chat.kind != "group" or chat.migrated_to is not None:
                raise Refused(400, "Only a small group can become a supergroup.")
            return as_json(
                order, acts.upgrade(order.world, chat=chat, actor_id=_creator(order, chat), now=order.now)
            )
        case "delete":
            return as_json(order, order.world.chats.change(chat.id, gone=1))
        case "silence" | "unsilence" as act:
            return as_json(
                order, order.world.chats.change(chat.id, members_may_write=int(act == "unsilence"))
            )
        case act:
            raise Refused(
                404, f"There is no {act!r}; there are upgrade, delete, silence, unsilence, members."
            )
