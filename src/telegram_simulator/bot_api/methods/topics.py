"""Topics of a forum. The number of a topic is the number of the service message that opened it."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, method
from telegram_simulator.bot_api.standing import check_right
from telegram_simulator.bot_api.targets import target_of
from telegram_simulator.world import acts
from telegram_simulator.world.chats import Chat

LONGEST_NAME = 128
COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
GENERAL = 1


def forum_of(call: BotCall, chat_id: ChatId) -> Chat:
    chat = target_of(call, chat_id).chat
    if chat is None or not chat.forum:
        raise bad_request("the chat is not a forum")
    check_right(call, chat, "can_manage_topics", "not enough rights to manage topics")
    return chat


def say(call: BotCall, chat: Chat, topic: int, kind: str, value: dict[str, Any]) -> None:
    content: dict[str, Any] = {"service": {"kind": kind, "value": value}}
    if topic != GENERAL:
        content["topic"] = topic
    acts.post(call.world, sender_id=call.bot.id, place=chat.peer, text="", now=call.now, content=content)


def _row(call: BotCall, chat: Chat, topic: int) -> Any:
    row = call.world.connection.execute(
        "SELECT * FROM topics WHERE chat_id = ? AND id = ?", (chat.id, topic)
    ).fetchone()
    if row is None:
        raise bad_request("TOPIC_ID_INVALID")
    return row


def _change(call: BotCall, chat: Chat, topic: int, **columns: Any) -> None:
    for name, value in columns.items():
        call.world.connection.execute(
            f"UPDATE topics SET {name} = ? WHERE chat_id = ? AND id = ?",  # noqa: S608 - names from this file
            (value, chat.id, topic),
        )


@method("createForumTopic")
def create_forum_topic(
    call: BotCall,
    *,
    chat_id: ChatId,
    name: str = "",
    icon_color: int = COLORS[0],
    icon_custom_emoji_id: str = "",
) -> Any:
    chat = forum_of(call, chat_id)
    check_name(name)
    if icon_color not in COLORS:
        raise bad_request("invalid topic icon color specified")
    color = {"icon_color": icon_color}
    emoji = {"icon_custom_emoji_id": icon_custom_emoji_id} if icon_custom_emoji_id else {}
    with call.world.transaction():
        row = call.world.connection.execute("SELECT last_id FROM boxes WHERE box = ?", (-chat.id,)).fetchone()
        topic = 2 if row is None else int(row["last_id"]) + 1
        if row is None:  # number 1 is the general topic's
            call.world.connection.execute("INSERT INTO boxes VALUES (?, 1, 1)", (-chat.id,))
        call.world.connection.execute(
            "INSERT INTO topics (chat_id, id, name, icon_color, icon, creator_id, created_at) VALUES (?,?,?,?,?,?,?)",
            (chat.id, topic, name.strip(), icon_color, icon_custom_emoji_id or None, call.bot.id, call.now),
        )
        say(call, chat, topic, "forum_topic_created", {"name": name.strip()} | color | emoji)
    return {"message_thread_id": topic, "name": name.strip()} | color | emoji


def check_name(name: str) -> None:
    if not name.strip():
        raise bad_request("topic name must be non-empty")
    if len(name) > LONGEST_NAME:
        raise bad_request("TOPIC_TITLE_INVALID")


@method("editForumTopic")
def edit_forum_topic(
    call: BotCall,
    *,
    chat_id: ChatId,
    message_thread_id: int,
    name: str = "",
    icon_custom_emoji_id: str | None = None,
) -> Any:
    chat = forum_of(call, chat_id)
    row = _row(call, chat, message_thread_id)
    columns: dict[str, Any] = {}
    if name.strip() and name.strip() != row["name"]:
        check_name(name)
        columns["name"] = name.strip()
    if icon_custom_emoji_id is not None and (icon_custom_emoji_id or None) != row["icon"]:
        columns["icon"] = icon_custom_emoji_id or None
    if not columns:
        raise bad_request("TOPIC_NOT_MODIFIED")
    with call.world.transaction():
        _change(call, chat, message_thread_id, **columns)
        told = {"name": columns.get("name"), "icon_custom_emoji_id": columns.get("icon")}
        told = {name: value for name, value in told.items() if value}
        say(call, chat, message_thread_id, "forum_topic_edited", told)
    return True


@method("closeForumTopic")
def close_forum_topic(call: BotCall, *, chat_id: ChatId, message_thread_id: int) -> Any:
    return _set_closed(call, chat_id, message_thread_id, closed=True)


@method("reopenForumTopic")
def reopen_forum_topic(call: BotCall, *, chat_id: ChatId, message_thread_id: int) -> Any:
    return _set_closed(call, chat_id, message_thread_id, closed=False)


def _set_closed(call: BotCall, chat_id: ChatId, topic: int, *, closed: bool) -> bool:
    chat = forum_of(call, chat_id)
    if bool(_row(call, chat, topic)["closed"]) == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    with call.world.transaction():
        _change(call, chat, topic, closed=closed)
        say(call, chat, topic, "forum_topic_closed" if closed else "forum_topic_reopened", {})
    return True


@method("deleteForumTopic")
def delete_forum_topic(call: BotCall, *, chat_id: ChatId, message_thread_id: int) -> Any:
    """The topic goes with all its messages."""
    chat = forum_of(call, chat_id)
    check_right(call, chat, "can_delete_messages", "not enough rights to delete messages")
    _row(call, chat, message_thread_id)
    with call.world.transaction():
        history = call.world.messages.history(-chat.id, chat.peer, before_id=0, limit=1_000_000)
        for message in history:
            if message.content.get("topic") == message_thread_id:
                acts.delete(call.world, message=message, now=call.now)
        call.world.connection.execute(
            "DELETE FROM topics WHERE chat_id = ? AND id = ?", (chat.id, message_thread_id)
        )
    return True
