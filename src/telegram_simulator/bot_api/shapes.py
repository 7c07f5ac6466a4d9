"""People, chats, messages and members as the Bot API writes them."""

import hashlib
from collections.abc import Callable
from typing import Any

from telegram_simulator.bot_api.poll_shape import poll_shape
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.chats import Chat
from telegram_simulator.world.invites import Invite, Invites
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World

CHANNELS_FROM = 1_000_000_000_000  # channel and supergroup 17 is chat -1000000000017 in the Bot API

# kind of media → its fields for one bot; bot_api/methods/media.py enters itself here.
MEDIA: dict[str, Callable[[World, int, dict[str, Any]], dict[str, Any]]] = {}

ADMINISTRATOR_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_send_welcome_messages",
)  # fmt: skip
GROUP_RIGHTS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip


def user(person: Person | None, *, person_id: int = 0) -> dict[str, Any]:
    """A `User`; of somebody who has deleted their account only the id is left."""
    if person is None:
        return {"id": person_id, "is_bot": False, "first_name": ""}
    shape: dict[str, Any] = {"id": person.id, "is_bot": person.bot, "first_name": person.first_name}
    if person.last_name:
        shape["last_name"] = person.last_name
    if person.username or person.second_username:
        shape["username"] = person.username or person.second_username
    if not person.bot and person.language:
        shape["language_code"] = person.language
    if person.premium:
        shape["is_premium"] = True
    return shape


def user_by_id(world: World, person_id: int) -> dict[str, Any]:
    return user(world.people.by_id(person_id), person_id=person_id)


def me(world: World, bot: Bot) -> dict[str, Any]:
    return user_by_id(world, bot.id) | {
        "can_join_groups": bot.can_join_groups,
        "can_read_all_group_messages": bot.can_read_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_id(peer: Peer) -> int:
    """The Bot API's number of a chat; the other way round see `bot_api/targets.py`."""
    kind, place_id = peer
    return {"user": place_id, "chat": -place_id, "channel": -CHANNELS_FROM - place_id}[kind]


def chat(world: World, peer: Peer) -> dict[str, Any]:
    kind, place_id = peer
    if kind == "user":
        full = user_by_id(world, place_id)
        kept = {name: full[name] for name in ("id", "first_name", "last_name", "username") if name in full}
        return kept | {"type": "private"}
    return chat_of(world.chats.must(place_id))


def chat_of(given: Chat) -> dict[str, Any]:
    shape: dict[str, Any] = {"id": chat_id(given.peer), "title": given.title, "type": given.kind}
    if given.username:
        shape["username"] = given.username
    if given.forum:
        shape["is_forum"] = True
    return shape


def message(world: World, bot_id: int, given: Message, *, depth: int = 1) -> dict[str, Any]:
    """A `Message` as this bot sees it; `depth`: how many messages that it answers are shown."""
    content = given.content
    shape: dict[str, Any] = {"message_id": given.id}
    if "topic" in content:
        shape |= {"message_thread_id": content["topic"], "is_topic_message": True}
    shape |= _sender(world, given)
    shape |= {"chat": chat(world, given.peer), "date": int(given.date)}
    if given.edited_at is not None:
        shape["edit_date"] = int(given.edited_at)
    if "forward" in content:
        shape["forward_origin"] = content["forward"]
    if "reply_to" in content and depth:
        answered = world.messages.copy_in(given.box, content["reply_to"])
        if answered is not None:
            shape["reply_to_message"] = message(world, bot_id, answered, depth=depth - 1)
    if "via_bot" in content:
        shape["via_bot"] = user_by_id(world, content["via_bot"])
    if content.get("protected"):
        shape["has_protected_content"] = True
    if "inline_keyboard" in content.get("markup", {}):
        shape["reply_markup"] = content["markup"]
    return shape | _body(world, bot_id, given)


def _sender(world: World, given: Message) -> dict[str, Any]:
    if given.peer_kind == "channel" and world.chats.must(given.peer_id).kind == "channel":
        return {"sender_chat": chat(world, given.peer)}
    return {"from": user_by_id(world, given.from_id)}


def _body(world: World, bot_id: int, given: Message) -> dict[str, Any]:
    content = given.content
    if "service" in content:
        return service(world, bot_id, given)
    shape: dict[str, Any] = dict(content.get("shown", {}))
    media = content.get("media")
    if media:
        shape |= MEDIA[media["kind"]](world, bot_id, media)
    if "poll" in content:
        shape["poll"] = poll_shape(content["poll"])
    if given.text:
        shape["caption" if media else "text"] = given.text
        if content.get("entities"):
            shape["caption_entities" if media else "entities"] = content["entities"]
    if "link_preview" in content and not media:
        shape["link_preview_options"] = content["link_preview"]
    return shape


def service(world: World, bot_id: int, given: Message) -> dict[str, Any]:
    """`{"kind": field, "people": ids}`, `{"kind": field, "value": anything}`, or "uid" of the message meant."""
    service = given.content["service"]
    kind = service["kind"]
    if "uid" in service:
        meant = world.messages.copy_in(given.box, service["uid"])
        return {} if meant is None else {kind: message(world, bot_id, meant, depth=0)}
    people = [user_by_id(world, person_id) for person_id in service.get("people", [])]
    if kind == "new_chat_members":
        return {"new_chat_members": people}
    if people:
        return {kind: people[0]}
    return {kind: service["value"]}


def member(world: World, person_id: int, fact: dict[str, Any], *, channel: bool = False) -> dict[str, Any]:
    """A `ChatMember` from {"role", "rights", "title", "until", "is_member"}."""
    role, rights = fact["role"], fact.get("rights", {})
    who = {"user": user_by_id(world, person_id)}
    title = {"custom_title": fact["title"]} if fact.get("title") else {}
    until = int(fact.get("until") or 0)
    match role:
        case "creator":
            return who | {"status": "creator", "is_anonymous": bool(rights.get("is_anonymous"))} | title
        case "administrator":
            return (
                who
                | {"status": "administrator", "can_be_edited": False, **admin_rights(rights, channel=channel)}
                | title
            )
        case "restricted":
            allowed = {name: bool(rights.get(name)) for name in PERMISSIONS}
            still_there = bool(fact.get("is_member", True))
            return who | {"status": "restricted", "is_member": still_there, **allowed, "until_date": until}
        case "banned":
            return who | {"status": "kicked", "until_date": until}
        case "left":
            return who | {"status": "left"}
    return who | {"status": "member"} | ({"until_date": until} if until else {})


def admin_rights(rights: dict[str, Any], *, channel: bool) -> dict[str, bool]:
    """An administrator of the sample world, of whom nothing is written, may do everything but promote."""
    names = (*ADMINISTRATOR_RIGHTS, *(CHANNEL_RIGHTS if channel else GROUP_RIGHTS))
    may = {
        name: bool(rights[name]) if name in rights else (not rights and name != "can_promote_members")
        for name in names
    }
    return {**may, "can_manage_chat": True, "is_anonymous": bool(rights.get("is_anonymous"))}


def invite_link(world: World, invite: Invite) -> dict[str, Any]:
    """A `ChatInviteLink`."""
    shape: dict[str, Any] = {
        "invite_link": invite.url, "creator": user_by_id(world, invite.creator_id),
        "creates_join_request": invite.joins_by_request, "is_primary": invite.is_primary, "is_revoked": invite.revoked,
    }  # fmt: skip
    said = {"name": invite.name, "member_limit": invite.member_limit}
    shape |= {name: value for name, value in said.items() if value}
    if invite.expires_at is not None:
        shape["expire_date"] = int(invite.expires_at)
    waiting = Invites(world.connection).waiting(invite.link)
    return shape | ({"pending_join_request_count": waiting} if waiting else {})


def chat_instance(peer: Peer) -> str:
    digest = hashlib.blake2b(f"{peer[0]}:{peer[1]}".encode(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big", signed=True))
