"""What a bot may do in a group or channel, in Telegram's words for when it may not."""

from typing import Any

from telegram_simulator.bot_api.errors import bad_request, forbidden
from telegram_simulator.bot_api.register import BotCall, ChatId
from telegram_simulator.bot_api.targets import target_of
from telegram_simulator.world.chats import Chat, Membership

BOSSES = ("creator", "administrator")


def chat_of(call: BotCall, chat_id: ChatId, *, in_private: str) -> Chat:
    """A group, supergroup or channel that the bot can look into. `in_private`: what to say of a private chat."""
    target = target_of(call, chat_id)
    if target.chat is None:
        raise bad_request(in_private)
    chat = target.chat
    standing = call.world.chats.membership(chat.id, call.bot.id)
    kind = f"{chat.kind} chat"
    if standing.role == "banned":
        raise forbidden(f"bot was kicked from the {kind}")
    if not standing.present and (chat.username is None or chat.kind == "channel"):
        raise forbidden(f"bot is not a member of the {kind}")
    return chat


def is_boss(call: BotCall, chat: Chat) -> bool:
    return call.world.chats.role(chat.id, call.bot.id) in BOSSES


def check_right(call: BotCall, chat: Chat, right: str, sentence: str) -> Membership:
    """The bot's own standing when it is an administrator with this right. Raises 400 with the sentence."""
    standing = call.world.chats.membership(chat.id, call.bot.id)
    if not may(standing, right):
        raise bad_request(sentence)
    return standing


def may(standing: Membership, right: str) -> bool:
    """Administrators of whom no rights are written may do everything but promote."""
    if standing.role == "creator":
        return True
    if standing.role != "administrator":
        return False
    if not standing.rights:
        return right != "can_promote_members"
    return bool(standing.rights.get(right))


def everybody_may(chat: Chat, right: str) -> bool:
    permissions = chat.more.get("permissions", {})
    if right.startswith("can_send") and not chat.members_may_write:
        return False
    # Groups of the sample world: members write and invite, but change nothing.
    return bool(
        permissions.get(right, right not in ("can_change_info", "can_pin_messages", "can_manage_topics"))
    )


def permissions_of(given: Any, names: tuple[str, ...], *, independent: bool) -> dict[str, bool]:
    """ChatPermissions as {name: allowed}. Unless they are independent, what is larger implies what is smaller."""
    if not isinstance(given, dict):
        raise bad_request("can't parse permissions: expected an Object")
    allowed = {name: bool(given.get(name)) for name in names}
    if not independent:
        media = [name for name in names if name.startswith("can_send_") and name not in (
            "can_send_messages", "can_send_polls", "can_send_other_messages")]  # fmt: skip
        if "can_send_media_messages" in given:
            allowed |= dict.fromkeys(media, bool(given["can_send_media_messages"]))
        if allowed["can_send_other_messages"] or allowed["can_add_web_page_previews"]:
            allowed |= dict.fromkeys(media, True)
        if allowed["can_send_polls"] or any(allowed[name] for name in media):
            allowed["can_send_messages"] = True
    return allowed
