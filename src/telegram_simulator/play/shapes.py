"""People, chats and messages as the play page and the tests' player see them."""

from typing import Any

from telegram_simulator.bot_api import shapes as bot_api_shapes
from telegram_simulator.bot_api.poll_shape import poll_shape
from telegram_simulator.bot_api.shapes import chat_id as bot_api_id
from telegram_simulator.world.chats import Chat, Membership
from telegram_simulator.world.invites import Invites
from telegram_simulator.world.media import described
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World


def person_json(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "phone": person.phone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": f"{person.first_name} {person.last_name}".strip(),
        "username": person.username or person.second_username,
        "language": person.language,
        "bot": person.bot,
    }


def chat_json(world: World, person: Person, place: Peer, last: Message | None) -> dict[str, Any]:
    """`id` is the one of the Bot API; `at` is when something last happened."""
    shape: dict[str, Any] = {
        "id": bot_api_id(place),
        "at": last.date if last else 0.0,
        "last": message_json(world, person, last) if last else None,
    }
    if place[0] == "user":
        other = world.people.by_id(place[1])
        if other is None:
            return shape | {"kind": "person", "title": "", "username": None}
        about = person_json(other)
        shape |= {
            "kind": "bot" if other.bot else "person",
            "title": about["name"],
            "username": about["username"],
        }
        bot = world.bots.by_id(other.id)
        if bot is not None:
            shape |= {
                "blocked": world.bots.blocked_by(bot.id, person.id),
                "commands": commands_for(world, bot.id, person),
                "menu_button": bot.menu_buttons.get(str(person.id)) or bot.menu_buttons.get("default"),
                "description": bot.texts.get(f"description {person.language}")
                or bot.texts.get("description ", ""),
            }
        return shape
    chat = world.chats.must(place[1])
    membership = world.chats.membership(chat.id, person.id)
    return shape | {
        "kind": chat.kind,
        "title": chat.title,
        "username": chat.username,
        "description": chat.about,
        "role": membership.role,
        "present": membership.present,
        "may_write": may_write(chat, membership),
        "asked": Invites(world.connection).asked(chat.id, person.id) is not None,
        "members": world.chats.member_count(chat.id),
    }


def may_write(chat: Chat, membership: Membership) -> bool:
    """What a person may do who is in the chat; administrators may everywhere."""
    if not membership.present or chat.gone or chat.migrated_to is not None:
        return False
    if membership.role in ("creator", "administrator"):
        return True
    permitted = chat.members_may_write and chat.more.get("permissions", {}).get("can_send_messages", True)
    return chat.kind != "channel" and permitted and membership.role != "restricted"


def commands_for(world: World, bot_id: int, person: Person) -> list[dict[str, str]]:
    """The list that this person sees in the private chat: the narrowest scope and the own language first."""
    bot = world.bots.by_id(bot_id)
    if bot is None:
        return []
    for scope in (f"chat:user{person.id}", "all_private_chats", "default"):
        for language in (person.language, ""):
            if bot.commands.get(f"{scope} {language}"):
                return bot.commands[f"{scope} {language}"]
    return []


def message_json(world: World, person: Person, message: Message, *, depth: int = 1) -> dict[str, Any]:
    """A message as the person sees it; `depth`: how many messages that it answers are shown."""
    content = message.content
    shape: dict[str, Any] = {
        "id": message.id,
        "uid": message.uid,
        "chat": bot_api_id(message.peer),
        "from": _sender(world, message),
        "out": message.from_id == person.id,
        "text": message.text,
        "entities": content.get("entities", []),
        "date": message.date,
        "edited": message.edited_at is not None,
        "buttons": content.get("markup", {}).get("inline_keyboard", []),
        "reply_markup": content.get("markup"),
        "files": [described(world, content["media"])] if "media" in content else [],
        "shown": content.get("shown"),
        "poll": poll_shape(content["poll"]) if "poll" in content else None,
        "voted": content["poll"]["votes"].get(str(person.id), []) if "poll" in content else [],
        "reactions": content.get("reactions", {}),
        "forward": content.get("forward"),
        "service": content.get("service"),
        "told": bot_api_shapes.service(world, person.id, message) if "service" in content else None,
        "reply_to": None,
    }
    if "reply_to" in content and depth:
        answered = world.messages.copy_in(message.box, content["reply_to"])
        if answered is not None:
            shape["reply_to"] = message_json(world, person, answered, depth=depth - 1)
    return shape


def _sender(world: World, message: Message) -> dict[str, Any] | None:
    """Who wrote it; in channels the channel itself."""
    if message.peer_kind == "channel":
        chat = world.chats.by_id(message.peer_id)
        if chat is not None and chat.kind == "channel":
            return {"id": bot_api_id(chat.peer), "name": chat.title, "bot": False}
    sender = world.people.by_id(message.from_id)
    return (
        None if sender is None else {"id": sender.id, "name": person_json(sender)["name"], "bot": sender.bot}
    )
