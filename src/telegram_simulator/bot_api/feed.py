"""From what happens in the world to the updates of bots, written down in the same transaction."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.hub import Arrived, Edited, MemberChanged, Tapped, UpdateQueued
from telegram_simulator.world.invites import Invites
from telegram_simulator.world.messages import Message
from telegram_simulator.world.recognition import commands_in
from telegram_simulator.world.updates import ONLY_WHEN_NAMED
from telegram_simulator.world.world import World

TOLD_TO_ITS_DOER = (
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "pinned_message",
)
# Taps of a person are delivered to a webhook beside their messages, not behind them, as Telegram's server does it.
LANE_OF_TAPS = 3 << 33


class Feed:
    def __init__(self, world: World) -> None:
        self._world = world
        world.hub.witness(self._witness)

    def _witness(self, person_id: int, fact: Any, now: float) -> None:
        bot = self._world.bots.by_id(person_id)
        if bot is None:
            return
        match fact:
            case Arrived(message=message):
                self._message(bot, message, now, edited=False)
            case Edited(message=message):
                self._message(bot, message, now, edited=True)
            case Tapped():
                self._tap(bot, fact, now)
            case MemberChanged():
                self._member(bot, fact, now)

    def _message(self, bot: Bot, message: Message, now: float, *, edited: bool) -> None:
        if message.from_id == bot.id:
            # Of its own acts a bot only hears what changes the chat.
            if message.content.get("service", {}).get("kind") not in TOLD_TO_ITS_DOER or edited:
                return
        elif not may_read(self._world, bot, message):
            return
        in_channel = (
            message.peer_kind == "channel" and self._world.chats.must(message.peer_id).kind == "channel"
        )
        kind = ("edited_" if edited else "") + ("channel_post" if in_channel else "message")
        if wants(bot, kind):
            content = shapes.message(self._world, bot.id, message)
            queue(self._world, bot, kind, content, lane=content["chat"]["id"], now=now)

    def _tap(self, bot: Bot, fact: Tapped, now: float) -> None:
        if not wants(bot, "callback_query"):
            return
        content: dict[str, Any] = {
            "id": fact.callback_id,
            "from": shapes.user_by_id(self._world, fact.person_id),
            "message": shapes.message(self._world, bot.id, fact.message),
            "chat_instance": shapes.chat_instance(fact.message.peer),
            "data": fact.data,
        }
        queue(self._world, bot, "callback_query", content, lane=fact.person_id + LANE_OF_TAPS, now=now)

    def _member(self, bot: Bot, fact: MemberChanged, now: float) -> None:
        own = fact.person_id == bot.id
        kind = "my_chat_member" if own else "chat_member"
        if not wants(bot, kind) or not (own or is_administrator(self._world, fact, bot)):
            return
        world, channel = self._world, fact.chat is not None and fact.chat.kind == "channel"
        peer = ("user", fact.actor_id) if fact.chat is None else fact.chat.peer
        content: dict[str, Any] = {
            "chat": shapes.chat(world, peer),
            "from": shapes.user_by_id(world, fact.actor_id),
            "date": int(now),
            "old_chat_member": shapes.member(world, fact.person_id, fact.before, channel=channel),
            "new_chat_member": shapes.member(world, fact.person_id, fact.after, channel=channel),
            **_more(world, fact.more),
        }
        queue(world, bot, kind, content, lane=content["chat"]["id"], now=now)


def _more(world: World, more: dict[str, Any]) -> dict[str, Any]:
    """What else a change of a member says; an invite link is told by its own shape."""
    invite = Invites(world.connection).get(more["link"]) if "link" in more else None
    told = {name: value for name, value in more.items() if name != "link"}
    return told | ({} if invite is None else {"invite_link": shapes.invite_link(world, invite)})


def queue(world: World, bot: Bot, kind: str, content: Any, *, lane: int, now: float) -> None:
    """Put an update into a bot's queue and wake who waits for it. `lane`: the id of its chat or person."""
    world.updates.queue(bot.id, kind, content, lane=lane, now=now)
    world.hub.tell(bot.id, UpdateQueued(), now)


def wants(bot: Bot, kind: str) -> bool:
    if bot.allowed_updates:
        return kind in bot.allowed_updates
    return kind not in ONLY_WHEN_NAMED


def is_administrator(world: World, fact: MemberChanged, bot: Bot) -> bool:
    return fact.chat is not None and world.chats.role(fact.chat.id, bot.id) in ("creator", "administrator")


def may_read(world: World, bot: Bot, message: Message) -> bool:
    """Privacy mode: in groups a bot hears what is meant for it. Bots never hear other bots."""
    if message.peer_kind == "user":
        return world.bots.by_id(message.from_id) is None
    chat = world.chats.must(message.peer_id)
    if chat.kind == "channel" or "service" in message.content:
        return True
    sender = world.people.by_id(message.from_id)
    if sender is not None and sender.bot:
        return False
    if bot.can_read_all_group_messages:
        return True
    if world.chats.role(chat.id, bot.id) in ("creator", "administrator"):
        return True
    return _answers(world, bot, message) or _commands(world, bot, message)


def _answers(world: World, bot: Bot, message: Message) -> bool:
    if "reply_to" not in message.content:
        return False
    answered = world.messages.copy_in(message.box, message.content["reply_to"])
    return answered is not None and answered.from_id == bot.id


def _commands(world: World, bot: Bot, message: Message) -> bool:
    """/this@that_bot is for that bot; a bare /this for the bot that wrote last, or that is alone in the group."""
    for _, named in commands_in(message.text):
        if named is not None:
            if named.lower() == bot.username.lower():
                return True
            continue
        bots = [one for one in world.chats.participants(message.peer_id) if world.bots.by_id(one) is not None]
        if bots == [bot.id] or _wrote_last(world, bots, message) == bot.id:
            return True
    return False


def _wrote_last(world: World, bots: list[int], message: Message) -> int | None:
    earlier = world.messages.history(message.box, message.peer, before_id=message.id, limit=100)
    return next((one.from_id for one in earlier if one.from_id in bots), None)
