"""What all methods that send have in common."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.methods.keyboards import markup_of
from telegram_simulator.bot_api.register import BotCall, ChatId, Json
from telegram_simulator.bot_api.targets import Target, charge, check_may_write, message_of, target_of
from telegram_simulator.world import acts
from telegram_simulator.world.messages import Message


@dataclass(slots=True)
class SendOptions:
    """Parameters that every sending method has."""

    reply_markup: Json = None
    reply_parameters: Json = None
    reply_to_message_id: int = 0
    allow_sending_without_reply: bool = False
    disable_notification: bool = False
    protect_content: bool = False
    message_thread_id: int = 0


def send(
    call: BotCall, chat_id: ChatId, text: str, content: dict[str, Any], options: SendOptions, *,
    right: str = "can_send_messages", what: str = "text messages",
) -> dict[str, Any]:  # fmt: skip
    """Check everything in Telegram's order, write the message, return it as the bot sees it.

    `text` is the caption when `content` has media. `right` and `what`: which permission of a group is needed.
    """
    target = target_of(call, chat_id)
    content = prepared(call, target, content, options)
    charge(call, target)
    check_may_write(call, target, right=right, what=what)
    posted = acts.post(
        call.world, sender_id=call.bot.id, place=target.peer, text=text, now=call.now, content=content
    )
    return shapes.message(call.world, call.bot.id, posted.own)


def prepared(call: BotCall, target: Target, content: dict[str, Any], options: SendOptions) -> dict[str, Any]:
    """The content with what the common parameters add. Raises 400 for what is wrong with them."""
    content = dict(content)
    markup = markup_of(options.reply_markup, private=target.chat is None)
    if markup:
        content["markup"] = markup
    answered = _answered(call, target, options)
    if answered is not None:
        content["reply_to"] = answered.uid
    if options.message_thread_id:
        content["topic"] = topic_of(call, target, options.message_thread_id)
    if options.protect_content:
        content["protected"] = True
    if options.disable_notification:
        content["silent"] = True
    return content


def _answered(call: BotCall, target: Target, options: SendOptions) -> Message | None:
    wish = options.reply_parameters or {}
    if not isinstance(wish, dict):
        raise bad_request("can't parse reply parameters: expected an Object")
    number = wish.get("message_id", options.reply_to_message_id)
    if not number:
        return None
    if "chat_id" in wish and str(wish["chat_id"]) != str(shapes.chat_id(target.peer)):
        raise bad_request("the simulator does not know replies to other chats")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise bad_request('can\'t parse reply parameters: Field "message_id" must be of type Number')
    found = message_of(call, target, number)
    if found is not None and found.uid is not None:
        return found
    if wish.get("allow_sending_without_reply", options.allow_sending_without_reply):
        return None
    raise bad_request("message to be replied not found")


def topic_of(call: BotCall, target: Target, topic_id: int) -> int:
    """The number of an open topic of a forum. Raises 400."""
    row = call.world.connection.execute(
        "SELECT closed FROM topics WHERE chat_id = ? AND id = ?",
        (target.chat.id if target.chat else 0, topic_id),
    ).fetchone()
    if row is None:
        raise bad_request("message thread not found")
    if row["closed"]:
        raise bad_request("TOPIC_CLOSED")
    return topic_id
