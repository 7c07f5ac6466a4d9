"""Reacting to messages."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.targets import check_may_write, message_of, target_of
from telegram_simulator.world.acts.reacting import EMOJI, react

MOST = 1  # a bot may choose one, as people without Premium


@method("setMessageReaction")
def set_message_reaction(
    call: BotCall, *, chat_id: ChatId, message_id: int, reaction: Json = None, is_big: bool = False
) -> Any:
    """Not counted against the budgets. Custom emoji and paid reactions are not simulated."""
    wanted = _emoji(reaction or [])
    target = target_of(call, chat_id)
    message = message_of(call, target, message_id)
    if message is None:
        raise bad_request("message to react not found")
    if target.chat is None or target.chat.kind != "channel":
        check_may_write(call, target, right="can_react_to_messages", what="reactions")
    if message.uid is None or "service" in message.content:
        raise bad_request("MESSAGE_ID_INVALID")
    react(call.world, message=message, person_id=call.bot.id, emoji=wanted, now=call.now)
    return True


def _emoji(given: Any) -> list[str]:
    if not isinstance(given, list):
        raise bad_request("can't parse reaction: expected an Array of ReactionType")
    if len(given) > MOST:
        raise bad_request("REACTIONS_TOO_MANY")
    wanted = []
    for one in given:
        if not isinstance(one, dict) or one.get("type") not in ("emoji", "custom_emoji", "paid"):
            raise bad_request("can't parse ReactionType: invalid reaction type specified")
        if one["type"] != "emoji" or one.get("emoji") not in EMOJI:
            raise bad_request("REACTION_INVALID")
        wanted.append(str(one["emoji"]))
    return wanted
