"""The general topic of a forum, which is always there; its state is kept with the chat."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.methods.topics import GENERAL, check_name, forum_of, say
from telegram_simulator.bot_api.register import BotCall, ChatId, method


def _change(call: BotCall, chat_id: ChatId, kind: str, value: dict[str, Any], **wanted: Any) -> bool:
    """Keep what is wanted and say so in the chat. `kind` and `value`: of the service message."""
    chat = forum_of(call, chat_id)
    before = chat.more.get("general", {"name": "General", "closed": False, "hidden": False})
    after = before | wanted
    if after == before:
        raise bad_request("TOPIC_NOT_MODIFIED")
    with call.world.transaction():
        changed = call.world.chats.change(chat.id, more=chat.more | {"general": after})
        say(call, changed, GENERAL, kind, value)
    return True


@method("editGeneralForumTopic")
def edit_general_topic(call: BotCall, *, chat_id: ChatId, name: str = "") -> Any:
    check_name(name)
    return _change(call, chat_id, "forum_topic_edited", {"name": name.strip()}, name=name.strip())


@method("closeGeneralForumTopic")
def close_general_topic(call: BotCall, *, chat_id: ChatId) -> Any:
    return _change(call, chat_id, "forum_topic_closed", {}, closed=True)


@method("reopenGeneralForumTopic")
def reopen_general_topic(call: BotCall, *, chat_id: ChatId) -> Any:
    """It is shown again, too."""
    return _change(call, chat_id, "forum_topic_reopened", {}, closed=False, hidden=False)


@method("hideGeneralForumTopic")
def hide_general_topic(call: BotCall, *, chat_id: ChatId) -> Any:
    """It is closed, too."""
    return _change(call, chat_id, "general_forum_topic_hidden", {}, closed=True, hidden=True)


@method("unhideGeneralForumTopic")
def unhide_general_topic(call: BotCall, *, chat_id: ChatId) -> Any:
    return _change(call, chat_id, "general_forum_topic_unhidden", {}, hidden=False)
