"""Copying and forwarding messages."""

import secrets
from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.formatting import formatted_caption
from telegram_simulator.bot_api.methods.messages import numbers_of
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, prepared, send
from telegram_simulator.bot_api.targets import charge, check_may_write, message_of, target_of
from telegram_simulator.world import acts
from telegram_simulator.world.messages import Message


@method("forwardMessage")
def forward_message(
    call: BotCall, *, chat_id: ChatId, from_chat_id: ChatId, message_id: int, message_thread_id: int = 0,
    disable_notification: bool = False, protect_content: bool = False,
) -> Any:  # fmt: skip
    message = _message_to_pass_on(call, from_chat_id, message_id, "forward")
    options = SendOptions(
        message_thread_id=message_thread_id, disable_notification=disable_notification, protect_content=protect_content
    )  # fmt: skip
    ((text, content),) = _regrouped([(message.text, _forwarded(call, message))])
    return send(call, chat_id, text, content, options)


@method("forwardMessages")
def forward_messages(
    call: BotCall, *, chat_id: ChatId, from_chat_id: ChatId, message_ids: Json, message_thread_id: int = 0,
    disable_notification: bool = False, protect_content: bool = False,
) -> Any:  # fmt: skip
    options = SendOptions(
        message_thread_id=message_thread_id, disable_notification=disable_notification, protect_content=protect_content
    )  # fmt: skip
    found = _messages_to_pass_on(call, from_chat_id, message_ids, "forward")
    return _send_all(call, chat_id, [(m.text, _forwarded(call, m)) for m in found], options)


@method("copyMessage")
def copy_message(
    call: BotCall, *, chat_id: ChatId, from_chat_id: ChatId, message_id: int, options: SendOptions,
    caption: str | None = None, parse_mode: str = "", caption_entities: Json = None,
    show_caption_above_media: bool = False,
) -> Any:  # fmt: skip
    message = _message_to_pass_on(call, from_chat_id, message_id, "copy")
    text, content = message.text, _copied(message)
    if caption is not None and "media" in content:
        text, found = formatted_caption(call, caption, parse_mode, caption_entities)
        content.pop("entities", None)
        content |= {"entities": found} if found else {}
    ((text, content),) = _regrouped([(text, content)])
    return {"message_id": send(call, chat_id, text, content, options)["message_id"]}


@method("copyMessages")
def copy_messages(
    call: BotCall, *, chat_id: ChatId, from_chat_id: ChatId, message_ids: Json, message_thread_id: int = 0,
    disable_notification: bool = False, protect_content: bool = False, remove_caption: bool = False,
) -> Any:  # fmt: skip
    options = SendOptions(
        message_thread_id=message_thread_id, disable_notification=disable_notification, protect_content=protect_content
    )  # fmt: skip
    parts = []
    for message in _messages_to_pass_on(call, from_chat_id, message_ids, "copy"):
        content = _copied(message)
        text = message.text
        if remove_caption and "media" in content:
            text = ""
            content.pop("entities", None)
        parts.append((text, content))
    return _send_all(call, chat_id, parts, options)


def _send_all(
    call: BotCall, chat_id: ChatId, parts: list[tuple[str, dict[str, Any]]], options: SendOptions
) -> Any:
    """All or nothing, charged at once: a hundred messages in one request must not wait for each other."""
    target = target_of(call, chat_id)
    ready = [(text, prepared(call, target, content, options)) for text, content in _regrouped(parts)]
    charge(call, target, messages=len(ready))
    check_may_write(call, target)
    place, sent = target.peer, []
    with call.world.transaction():
        for text, content in ready:
            posted = acts.post(
                call.world, sender_id=call.bot.id, place=place, text=text, now=call.now, content=content
            )
            sent.append({"message_id": posted.own.id})
    return sent


def _message_to_pass_on(call: BotCall, from_chat_id: ChatId, message_id: int, verb: str) -> Message:
    message = message_of(call, target_of(call, from_chat_id), message_id)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if not _may_pass_on(message, verb):
        forwarded = "forwarded" if verb == "forward" else "copied"
        raise bad_request(f"message can't be {forwarded}")
    return message


def _may_pass_on(message: Message, verb: str) -> bool:
    """Invoices can be forwarded, but not copied. Polls: the simulator passes none on, Telegram would."""
    content = message.content
    if "service" in content or content.get("protected") or "poll" in content:
        return False
    return verb == "forward" or "invoice" not in content


def _messages_to_pass_on(call: BotCall, from_chat_id: ChatId, given: Any, verb: str) -> list[Message]:
    target = target_of(call, from_chat_id)
    numbers = numbers_of(given)
    if numbers != sorted(set(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    found = [message_of(call, target, number) for number in numbers]
    messages = [m for m in found if m is not None and _may_pass_on(m, verb)]
    if not messages:
        raise bad_request(f"there are no messages to {verb}")
    return messages


def _copied(message: Message) -> dict[str, Any]:
    return {
        name: value for name, value in message.content.items() if name in ("entities", "media", "shown", "link_preview")
    }  # fmt: skip


def _regrouped(parts: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Albums stay together under a new number; a single file out of one stands for itself."""
    groups = [content.get("media", {}).get("group") for _, content in parts]
    fresh = {old: str(secrets.randbits(62) + 2**62) for old in groups if old and groups.count(old) > 1}
    regrouped = []
    for (text, content), old in zip(parts, groups, strict=True):
        if not old:
            regrouped.append((text, content))
            continue
        media = {name: value for name, value in content["media"].items() if name != "group"}
        media |= {"group": fresh[old]} if old in fresh else {}
        regrouped.append((text, content | {"media": media}))
    return regrouped


def _forwarded(call: BotCall, message: Message) -> dict[str, Any]:
    origin = message.content.get("forward") or origin_of(call, message)
    invoice = {"invoice": message.content["invoice"]} if "invoice" in message.content else {}
    return _copied(message) | invoice | {"forward": origin}


def origin_of(call: BotCall, message: Message) -> dict[str, Any]:
    """A MessageOrigin."""
    date = {"date": int(message.date)}
    if message.peer_kind == "channel" and call.world.chats.must(message.peer_id).kind == "channel":
        chat = shapes.chat(call.world, message.peer)
        return {"type": "channel", **date, "chat": chat, "message_id": message.id}
    person = shapes.user_by_id(call.world, message.from_id)
    return {"type": "user", **date, "sender_user": person}
