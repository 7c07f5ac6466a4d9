"""What a chat is: its title, description, permissions and pinned messages."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.standing import (
    BOSSES,
    chat_of,
    check_right,
    everybody_may,
    may,
    permissions_of,
)
from telegram_simulator.bot_api.targets import Target, message_of, target_of
from telegram_simulator.world import acts
from telegram_simulator.world.chats import Chat
from telegram_simulator.world.invites import Invites

LONGEST_TITLE = 128
LONGEST_DESCRIPTION = 255


@method("getChat")
def get_chat(call: BotCall, *, chat_id: ChatId) -> Any:
    """A ChatFullInfo. The primary invite link only for administrators that may invite."""
    target = target_of(call, chat_id)
    shape = shapes.chat(call.world, target.peer) | {
        "accent_color_id": abs(shapes.chat_id(target.peer)) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }  # fmt: skip
    if shape.get("username"):
        shape["active_usernames"] = [shape["username"]]
    if target.chat is not None:
        chat = chat_of(call, chat_id, in_private="")
        shape |= _of_group(call, chat)
    pinned = _pinned(call, target)
    return shape | ({"pinned_message": shapes.message(call.world, call.bot.id, pinned)} if pinned else {})


def _of_group(call: BotCall, chat: Chat) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    if chat.about:
        shape["description"] = chat.about
    standing = call.world.chats.membership(chat.id, call.bot.id)
    if may(standing, "can_invite_users"):
        primary = Invites(call.world.connection).primary(chat.id, call.bot.id)
        shape |= {"invite_link": primary.url} if primary else {}
    if chat.kind != "channel":
        shape["permissions"] = {name: everybody_may(chat, name) for name in shapes.PERMISSIONS}
    if chat.slow_mode:
        shape["slow_mode_delay"] = chat.slow_mode
    if chat.kind == "supergroup":
        shape["join_to_send_messages"] = True
    return shape


def _changeable(call: BotCall, chat_id: ChatId, what: str) -> Chat:
    """A chat whose title and the like this bot may change."""
    chat = chat_of(call, chat_id, in_private=f"can't change private chat {what}")
    standing = call.world.chats.membership(chat.id, call.bot.id)
    member_may = chat.kind != "channel" and standing.present and everybody_may(chat, "can_change_info")
    if not (may(standing, "can_change_info") or (member_may and standing.role not in BOSSES)):
        raise bad_request(f"not enough rights to change chat {what}")
    return chat


@method("setChatTitle")
def set_chat_title(call: BotCall, *, chat_id: ChatId, title: str = "") -> Any:
    chat = _changeable(call, chat_id, "title")
    if not title.strip():
        raise bad_request("title must be non-empty")
    if len(title) > LONGEST_TITLE:
        raise bad_request("CHAT_TITLE_TOO_LONG")
    if title.strip() == chat.title:
        raise bad_request("chat title is not modified")
    with call.world.transaction():
        changed = call.world.chats.change(chat.id, title=title.strip())
        if chat.kind != "channel":
            _say(call, changed, {"kind": "new_chat_title", "value": changed.title})
    return True


@method("setChatDescription")
def set_chat_description(call: BotCall, *, chat_id: ChatId, description: str = "") -> Any:
    chat = _changeable(call, chat_id, "description")
    if len(description) > LONGEST_DESCRIPTION:
        raise bad_request("CHAT_ABOUT_TOO_LONG")
    if description.strip() == chat.about:
        raise bad_request("chat description is not modified")
    call.world.chats.change(chat.id, about=description.strip())
    return True


@method("setChatPermissions")
def set_chat_permissions(
    call: BotCall,
    *,
    chat_id: ChatId,
    permissions: Json = None,
    use_independent_chat_permissions: bool = False,
) -> Any:
    chat = chat_of(call, chat_id, in_private="can't change private chat permissions")
    if chat.kind == "channel":
        raise bad_request("can't change channel chat permissions")
    allowed = permissions_of(
        {} if permissions is None else permissions,
        shapes.PERMISSIONS,
        independent=use_independent_chat_permissions,
    )
    check_right(call, chat, "can_restrict_members", "not enough rights to change chat permissions")
    if allowed == {name: everybody_may(chat, name) for name in shapes.PERMISSIONS}:
        raise bad_request("CHAT_NOT_MODIFIED")
    may_write = allowed["can_send_messages"]
    call.world.chats.change(chat.id, more=chat.more | {"permissions": allowed}, members_may_write=may_write)
    return True


def _say(call: BotCall, chat: Chat, service: dict[str, Any]) -> None:
    acts.service_message(call.world, chat=chat, actor_id=call.bot.id, service=service, now=call.now)


# Pinned messages ----------------------------------------------------------------------------------------------------


def _pins(call: BotCall, target: Target) -> tuple[str, list[int]]:
    """(where they are kept, uids of pinned messages, the newest last)."""
    name = f"pins {call.bot.id} {target.peer[1]}"
    if target.chat is not None:
        return "pins", list(target.chat.more.get("pins", []))
    row = call.world.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return name, [int(uid) for uid in row["value"].split()] if row else []


def _keep_pins(call: BotCall, target: Target, name: str, uids: list[int]) -> None:
    if target.chat is not None:
        call.world.chats.change(target.chat.id, more=target.chat.more | {"pins": uids})
        return
    value = " ".join(str(uid) for uid in uids)
    call.world.connection.execute("INSERT OR REPLACE INTO facts VALUES (?,?)", (name, value))


def _pinned(call: BotCall, target: Target) -> Any:
    for uid in reversed(_pins(call, target)[1]):
        found = call.world.messages.copy_in(target.box_owner or call.bot.id, uid)
        if found is not None:
            return found
    return None


def _check_may_pin(call: BotCall, target: Target) -> None:
    if target.chat is None:
        return
    chat = chat_of(call, ChatId(str(shapes.chat_id(target.peer))), in_private="")
    standing = call.world.chats.membership(chat.id, call.bot.id)
    right = "can_edit_messages" if chat.kind == "channel" else "can_pin_messages"
    member_may = chat.kind != "channel" and standing.role == "member" and everybody_may(chat, right)
    if not (may(standing, right) or member_may):
        raise bad_request("not enough rights to manage pinned messages in the chat")


@method("pinChatMessage")
def pin_chat_message(
    call: BotCall, *, chat_id: ChatId, message_id: int, disable_notification: bool = False
) -> Any:
    target = target_of(call, chat_id)
    _check_may_pin(call, target)
    message = message_of(call, target, message_id)
    if message is None or message.uid is None:
        raise bad_request("message to pin not found")
    if "service" in message.content:
        raise bad_request("message can't be pinned")
    with call.world.transaction():
        name, uids = _pins(call, target)
        _keep_pins(call, target, name, [uid for uid in uids if uid != message.uid] + [message.uid])
        service = {"kind": "pinned_message", "uid": message.uid}
        acts.post(
            call.world, sender_id=call.bot.id, place=target.peer, text="", now=call.now, content={"service": service}
        )  # fmt: skip
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: BotCall, *, chat_id: ChatId, message_id: int = 0) -> Any:
    """Without a number: the newest one."""
    target = target_of(call, chat_id)
    _check_may_pin(call, target)
    name, uids = _pins(call, target)
    message = message_of(call, target, message_id) if message_id else _pinned(call, target)
    if message is None or message.uid not in uids:
        raise bad_request("message to unpin not found")
    _keep_pins(call, target, name, [uid for uid in uids if uid != message.uid])
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(call: BotCall, *, chat_id: ChatId) -> Any:
    target = target_of(call, chat_id)
    _check_may_pin(call, target)
    name, _ = _pins(call, target)
    _keep_pins(call, target, name, [])
    return True
