"""Where a bot wants to write: does it know the chat, may it write there, does its budget allow it?"""

from dataclasses import dataclass

from telegram_simulator.bot_api.errors import BotApiError, bad_request, forbidden, too_many_requests
from telegram_simulator.bot_api.register import BotCall, ChatId
from telegram_simulator.bot_api.shapes import CHANNELS_FROM
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.chats import Chat, Membership
from telegram_simulator.world.invites import Invites
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.world import World

# What was on its way already while a refusal was being announced does not count as disregarding it.
IN_FLIGHT = 0.5  # seconds

LARGEST_ID = 2**52  # numbers of chats have at most 52 bits, as Telegram promises


@dataclass(frozen=True, slots=True)
class Target:
    """A chat that the bot knows. `chat` is None for a private one."""

    peer: Peer
    chat: Chat | None

    @property
    def box_owner(self) -> int | None:
        """The channel's box as a negative number; None: the bot's own box."""
        return -self.peer[1] if self.peer[0] == "channel" else None


def target_of(call: BotCall, chat_id: ChatId) -> Target:
    """Raises 400 "chat not found", or that the group has become a supergroup."""
    world = call.world
    if chat_id.startswith("@"):
        chat = world.chats.by_username(chat_id[1:])
        if chat is None:
            raise bad_request("chat not found")
        return Target(chat.peer, chat)
    try:
        number = int(chat_id)
    except ValueError:
        raise bad_request("chat not found") from None
    if abs(number) >= LARGEST_ID:
        raise bad_request("chat not found")
    if number > 0:
        return _private(world, call.bot, number)
    chat = world.chats.by_id(-number - CHANNELS_FROM if number < -CHANNELS_FROM else -number)
    if chat is None or (chat.kind == "group") != (number > -CHANNELS_FROM):
        raise bad_request("chat not found")
    if chat.username is None and world.chats.role(chat.id, call.bot.id) is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-CHANNELS_FROM - chat.migrated_to,
        )
    return Target(chat.peer, chat)


def _private(world: World, bot: Bot, person_id: int) -> Target:
    if person_id != bot.id and world.bots.acquaintance(bot.id, person_id) is None:
        person = world.people.by_id(person_id)
        if person is None or not person.bot:
            raise bad_request("chat not found")
    return Target(("user", person_id), None)


def message_of(call: BotCall, target: Target, message_id: int) -> Message | None:
    """The message that the bot calls so in this chat."""
    found = call.world.messages.get(target.box_owner or call.bot.id, message_id)
    return found if found is not None and found.peer == target.peer else None


def check_may_write(
    call: BotCall, target: Target, *, right: str = "can_send_messages", what: str = "text messages"
) -> None:
    """Raises Telegram's words for why this bot may not write here. `right`: of the permissions of a chat."""
    if target.chat is None:
        _check_person(call, target.peer[1])
        return
    chat = target.chat
    membership = call.world.chats.membership(chat.id, call.bot.id)
    _check_presence(chat, membership)
    if membership.role in ("creator", "administrator"):
        return
    if chat.kind == "channel":
        raise bad_request("need administrator rights in the channel chat")
    may = chat.members_may_write and chat.more.get("permissions", {}).get(right, True)
    if membership.role == "restricted":
        may = may and bool(membership.rights.get(right))
    if not may:
        raise bad_request(f"not enough rights to send {what} to the chat")


def _check_presence(chat: Chat, membership: Membership) -> None:
    if chat.gone and chat.kind == "group":
        raise forbidden("the group chat was deleted")
    if membership.role == "banned" or chat.gone:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if not membership.present:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")


def _check_person(call: BotCall, person_id: int) -> None:
    world, bot = call.world, call.bot
    person = world.people.by_id(person_id)
    if person is not None and person.bot:
        raise forbidden("bot can't send messages to bots")
    account = world.accounts.by_id(person_id)
    if person is None or (account is not None and account.banned):
        raise forbidden("user is deactivated")
    if world.bots.blocked_by(bot.id, person_id):
        raise forbidden("bot was blocked by the user")
    if world.bots.acquaintance(bot.id, person_id) == "writes":
        return
    if not Invites(world.connection).asks_lately(bot.id, person_id, call.now):
        raise forbidden("bot can't initiate conversation with a user")


def charge(call: BotCall, target: Target, *, messages: int = 1) -> None:
    """Take from the budgets of the bot. A request that one limit refuses does not use up the other.

    Raises 429. Asking again before the announced time is over is the violation `early_request`.
    """
    world, bot, now = call.world, call.bot, call.now
    place = f"{bot.subject}/{target.peer[0]}{target.peer[1]}"
    _refuse_while_waiting(call, place)
    own = bot.limits.private if target.peer[0] == "user" else bot.limits.group
    kind = "private" if target.peer[0] == "user" else "group"
    wanted = [(place, kind, own), (bot.subject, "everything", bot.limits.everything)]
    refused: list[tuple[int, str]] = []
    for subject, name, limit in wanted:
        if limit is not None:
            amount = min(float(messages), limit.capacity) if limit.capacity else 1.0
            wait = world.buckets.wait_for(subject, name, limit, amount, now)
            if wait:
                refused.append((wait, subject))
    if refused:
        wait, subject = max(refused)
        world.buckets.announce(subject, "send", wait, now)
        raise met_limit(call, wait)
    for subject, name, limit in wanted:
        if limit is not None:
            world.buckets.take(subject, name, limit, min(float(messages), limit.capacity), now)


def _refuse_while_waiting(call: BotCall, place: str) -> None:
    buckets = call.world.buckets
    for subject in (place, call.bot.subject):
        wait = buckets.waiting(subject, "send", call.now)
        if wait:
            if not buckets.announced_lately(subject, "send", call.now, IN_FLIGHT):
                call.count("violations:early_request")
            raise met_limit(call, wait)


def met_limit(call: BotCall, seconds: int) -> BotApiError:
    call.count("limit_met")
    call.count("answered_waits")
    return too_many_requests(seconds)
