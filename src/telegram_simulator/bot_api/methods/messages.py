"""Writing, changing and deleting messages."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.formatting import formatted_caption, formatted_text
from telegram_simulator.bot_api.methods.keyboards import markup_of
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, send
from telegram_simulator.bot_api.targets import Target, charge, check_may_write, message_of, target_of
from telegram_simulator.world import acts
from telegram_simulator.world.hub import Acting
from telegram_simulator.world.messages import Message

DELETABLE_FOR = 48 * 3600  # seconds
ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "record_audio",
    "upload_audio", "upload_document", "choose_sticker", "find_location", "pick_up_location", "record_video_note",
    "upload_video_note", "cancel",
)  # fmt: skip


@method("sendMessage")
def send_message(
    call: BotCall, *, chat_id: ChatId, text: str, options: SendOptions, parse_mode: str = "", entities: Json = None,
    link_preview_options: Json = None, disable_web_page_preview: bool = False,
) -> Any:  # fmt: skip
    plain, found = formatted_text(call, text, parse_mode, entities)
    content: dict[str, Any] = {"entities": found} if found else {}
    preview = link_preview_options or ({"is_disabled": True} if disable_web_page_preview else None)
    if preview:
        content["link_preview"] = preview
    return send(call, chat_id, plain, content, options)


@method("sendChatAction")
def send_chat_action(call: BotCall, *, chat_id: ChatId, action: str, message_thread_id: int = 0) -> Any:
    """Not counted against the budgets; pages show it for a few seconds."""
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    target = target_of(call, chat_id)
    check_may_write(call, target)
    people = [target.peer[1]] if target.chat is None else call.world.chats.participants(target.chat.id)
    peer = ("user", call.bot.id) if target.chat is None else target.peer
    for person_id in people:
        call.world.hub.tell(person_id, Acting(call.bot.id, peer, action), call.now)
    return True


# Changing ---------------------------------------------------------------------------------------------------------


def message_to_edit(call: BotCall, target: Target, message_id: int) -> Message:
    """A message of the bot that it may change. Raises 400."""
    message = message_of(call, target, message_id)
    if message is None:
        raise bad_request("message to edit not found")
    in_channel = target.chat is not None and target.chat.kind == "channel"
    if (
        not (message.from_id == call.bot.id or in_channel)
        or "service" in message.content
        or message.uid is None
    ):
        raise bad_request("message can't be edited")
    return message


def change(call: BotCall, target: Target, message: Message, text: str, content: dict[str, Any]) -> Any:
    """Write the new version, unless nothing would change. Counts as a message."""
    if text == message.text and content == message.content:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    charge(call, target)
    check_may_write(call, target)
    posted = acts.edit(call.world, message=message, text=text, content=content, now=call.now)
    return shapes.message(call.world, call.bot.id, posted.own)


def with_markup(content: dict[str, Any], given: Any, target: Target) -> dict[str, Any]:
    """A message that is edited without a keyboard loses the one that it had."""
    kept = {name: value for name, value in content.items() if name != "markup"}
    markup = markup_of(given, private=target.chat is None, only_inline=True)
    return kept | ({"markup": markup} if markup else {})


@method("editMessageText")
def edit_message_text(
    call: BotCall, *, text: str, chat_id: ChatId, message_id: int, parse_mode: str = "", entities: Json = None,
    reply_markup: Json = None, link_preview_options: Json = None, disable_web_page_preview: bool = False,
) -> Any:  # fmt: skip
    plain, found = formatted_text(call, text, parse_mode, entities)
    target = target_of(call, chat_id)
    message = message_to_edit(call, target, message_id)
    if "media" in message.content or "shown" in message.content:
        raise bad_request("there is no text in the message to edit")
    content = with_markup(message.content, reply_markup, target)
    content.pop("entities", None)
    content.pop("link_preview", None)
    preview = link_preview_options or ({"is_disabled": True} if disable_web_page_preview else None)
    content |= ({"entities": found} if found else {}) | ({"link_preview": preview} if preview else {})
    return change(call, target, message, plain, content)


@method("editMessageCaption")
def edit_message_caption(
    call: BotCall, *, chat_id: ChatId, message_id: int, caption: str = "", parse_mode: str = "",
    caption_entities: Json = None, show_caption_above_media: bool = False, reply_markup: Json = None,
) -> Any:  # fmt: skip
    plain, found = formatted_caption(call, caption, parse_mode, caption_entities)
    target = target_of(call, chat_id)
    message = message_to_edit(call, target, message_id)
    if "media" not in message.content:
        raise bad_request("there is no caption in the message to edit")
    content = with_markup(message.content, reply_markup, target)
    content.pop("entities", None)
    return change(call, target, message, plain, content | ({"entities": found} if found else {}))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(
    call: BotCall, *, chat_id: ChatId, message_id: int, reply_markup: Json = None
) -> Any:
    target = target_of(call, chat_id)
    message = message_to_edit(call, target, message_id)
    return change(call, target, message, message.text, with_markup(message.content, reply_markup, target))


# Deleting ---------------------------------------------------------------------------------------------------------


def check_may_delete(call: BotCall, target: Target, message: Message) -> None:
    """Within 48 hours a bot deletes its own messages and, in private chats, also the other's.

    Administrators of a group or channel that may delete messages delete everything there.
    """
    if message.uid is None:
        raise bad_request("message can't be deleted")
    own = message.from_id == call.bot.id
    if target.chat is not None:
        membership = call.world.chats.membership(target.chat.id, call.bot.id)
        boss = membership.role in ("creator", "administrator")
        if boss and membership.rights.get("can_delete_messages", True):
            return
        if not own:
            raise bad_request("message can't be deleted")
    if call.now - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


@method("deleteMessage")
def delete_message(call: BotCall, *, chat_id: ChatId, message_id: int) -> Any:
    target = target_of(call, chat_id)
    message = message_of(call, target, message_id)
    if message is None:
        raise bad_request("message to delete not found")
    check_may_delete(call, target, message)
    acts.delete(call.world, message=message, now=call.now)
    return True


@method("deleteMessages")
def delete_messages(call: BotCall, *, chat_id: ChatId, message_ids: Json) -> Any:
    """Messages that are not there (any more) are skipped."""
    target = target_of(call, chat_id)
    found = [message_of(call, target, number) for number in numbers_of(message_ids)]
    messages = [message for message in found if message is not None]
    for message in messages:
        check_may_delete(call, target, message)
    with call.world.transaction():
        for message in messages:
            acts.delete(call.world, message=message, now=call.now)
    return True


def numbers_of(given: Any) -> list[int]:
    if not isinstance(given, list) or not given:
        raise bad_request("message identifiers are not specified")
    if len(given) > 100:
        raise bad_request("too many message identifiers specified")
    try:
        return [int(number) for number in given]
    except (TypeError, ValueError):
        raise bad_request("invalid message identifier specified") from None
