"""Invite links, and answering people who ask to be let in."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, method
from telegram_simulator.bot_api.standing import chat_of, check_right
from telegram_simulator.world.acts.joining import let_in, turn_away
from telegram_simulator.world.chats import Chat
from telegram_simulator.world.invites import Invite, Invites

LONGEST_NAME = 32
LARGEST_LIMIT = 99_999
NO_RIGHT = "not enough rights to manage chat invite link"


def _chat(call: BotCall, chat_id: ChatId) -> Chat:
    chat = chat_of(call, chat_id, in_private="can't create invite link for the chat")
    check_right(call, chat, "can_invite_users", NO_RIGHT)
    return chat


def _wishes(
    call: BotCall, name: str, expire_date: int, member_limit: int, *, by_request: bool
) -> dict[str, Any]:
    if len(name) > LONGEST_NAME:
        raise bad_request("INVITE_NAME_TOO_LONG")
    if expire_date and expire_date <= call.now:
        raise bad_request("EXPIRE_DATE_INVALID")
    if member_limit and by_request:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    if not 0 <= member_limit <= LARGEST_LIMIT:
        raise bad_request("USAGE_LIMIT_INVALID")
    return {
        "name": name or None, "expires_at": float(expire_date) if expire_date else None,
        "member_limit": member_limit or None, "joins_by_request": by_request,
    }  # fmt: skip


@method("createChatInviteLink")
def create_invite_link(
    call: BotCall, *, chat_id: ChatId, name: str = "", expire_date: int = 0, member_limit: int = 0,
    creates_join_request: bool = False,
) -> Any:  # fmt: skip
    chat = _chat(call, chat_id)
    wishes = _wishes(call, name, expire_date, member_limit, by_request=creates_join_request)
    invite = Invites(call.world.connection).create(
        chat_id=chat.id, creator_id=call.bot.id, now=call.now, **wishes
    )
    return shapes.invite_link(call.world, invite)


def _own(call: BotCall, chat: Chat, url: str) -> Invite:
    """A link that this bot has made. Raises 400."""
    invite = Invites(call.world.connection).get(url) if url else None
    if invite is None or invite.chat_id != chat.id or invite.creator_id != call.bot.id:
        raise bad_request("INVITE_HASH_EXPIRED" if url else "invite link must be non-empty")
    return invite


@method("editChatInviteLink")
def edit_invite_link(
    call: BotCall, *, chat_id: ChatId, invite_link: str = "", name: str = "", expire_date: int = 0,
    member_limit: int = 0, creates_join_request: bool = False,
) -> Any:  # fmt: skip
    """What is not named is taken away."""
    invite = _own(call, _chat(call, chat_id), invite_link)
    if invite.is_primary or invite.revoked:
        raise bad_request("CHAT_INVITE_PERMANENT" if invite.is_primary else "INVITE_HASH_EXPIRED")
    wishes = _wishes(call, name, expire_date, member_limit, by_request=creates_join_request)
    return shapes.invite_link(call.world, Invites(call.world.connection).change(invite.link, **wishes))


@method("revokeChatInviteLink")
def revoke_invite_link(call: BotCall, *, chat_id: ChatId, invite_link: str = "") -> Any:
    """Revoking the primary link makes a new one."""
    chat = _chat(call, chat_id)
    invite = _own(call, chat, invite_link)
    invites = Invites(call.world.connection)
    with call.world.transaction():
        revoked = invites.change(invite.link, revoked=1)
        if invite.is_primary:
            invites.create(chat_id=chat.id, creator_id=call.bot.id, is_primary=True, now=call.now)
    return shapes.invite_link(call.world, revoked)


@method("exportChatInviteLink")
def export_invite_link(call: BotCall, *, chat_id: ChatId) -> Any:
    """A new primary link of the bot; its former one is revoked."""
    chat = _chat(call, chat_id)
    invites = Invites(call.world.connection)
    with call.world.transaction():
        former = invites.primary(chat.id, call.bot.id)
        if former is not None:
            invites.change(former.link, revoked=1)
        return invites.create(chat_id=chat.id, creator_id=call.bot.id, is_primary=True, now=call.now).url


@method("approveChatJoinRequest")
def approve_join_request(call: BotCall, *, chat_id: ChatId, user_id: int) -> Any:
    chat = _answerable(call, chat_id, user_id)
    let_in(call.world, chat=chat, actor_id=call.bot.id, person_id=user_id, now=call.now)
    return True


@method("declineChatJoinRequest")
def decline_join_request(call: BotCall, *, chat_id: ChatId, user_id: int) -> Any:
    turn_away(call.world, chat=_answerable(call, chat_id, user_id), person_id=user_id)
    return True


def _answerable(call: BotCall, chat_id: ChatId, user_id: int) -> Chat:
    chat = chat_of(call, chat_id, in_private="the chat can't have join requests")
    check_right(call, chat, "can_invite_users", "not enough rights to manage chat join requests")
    if call.world.people.by_id(user_id) is None:
        raise bad_request("invalid user_id specified")
    if call.world.chats.membership(chat.id, user_id).present:
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if Invites(call.world.connection).asked(chat.id, user_id) is None:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return chat
