"""Who is in a group or channel, and changing what they are."""

from dataclasses import replace
from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.standing import BOSSES, chat_of, check_right, is_boss, may, permissions_of
from telegram_simulator.bot_api.targets import target_of
from telegram_simulator.world import acts
from telegram_simulator.world.acts.membership import as_fact
from telegram_simulator.world.chats import Chat, Membership

LONGEST_TITLE = 16
MAY_RESTRICT = "not enough rights to restrict/unrestrict chat member"
# Shorter or longer than this counts as forever.
SHORTEST_TERM, LONGEST_TERM = 30, 366 * 24 * 3600  # seconds


@method("getChatMember")
def get_chat_member(call: BotCall, *, chat_id: ChatId, user_id: int) -> Any:
    """Only an administrator can rely on it; other bots get an answer of people whom they have met."""
    chat = chat_of(call, chat_id, in_private="there is no such member in the private chat")
    person = _known(call, chat, user_id)
    fact = as_fact(current(call, chat, person))
    return shapes.member(call.world, person, fact, channel=chat.kind == "channel")


def _known(call: BotCall, chat: Chat, user_id: int) -> int:
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    boss = is_boss(call, chat)
    if chat.kind == "channel" and not boss:
        raise bad_request("member list is inaccessible")
    known = call.world.people.by_id(user_id) is not None
    met = user_id == call.bot.id or call.world.bots.acquaintance(call.bot.id, user_id) is not None
    in_charge = call.world.chats.role(chat.id, user_id) in BOSSES
    if not known or not (boss or met or in_charge):
        raise bad_request("PARTICIPANT_ID_INVALID")
    return user_id


def current(call: BotCall, chat: Chat, person_id: int) -> Membership:
    """What somebody is now: a ban or restriction whose time is over has ended."""
    found = call.world.chats.membership(chat.id, person_id)
    if found.until is None or found.until > call.now or found.role not in ("banned", "restricted"):
        return found
    present = found.role == "restricted" and found.is_member
    return Membership(chat.id, person_id, "member" if present else "left", joined_at=found.joined_at)


@method("getChatMemberCount")
def get_chat_member_count(call: BotCall, *, chat_id: ChatId) -> Any:
    if target_of(call, chat_id).chat is None:
        return 2
    return call.world.chats.member_count(chat_of(call, chat_id, in_private="").id)


@method("getChatAdministrators")
def get_chat_administrators(call: BotCall, *, chat_id: ChatId, return_bots: bool = False) -> Any:
    """Bots are left out unless it is the asking one, or they are asked for."""
    chat = chat_of(call, chat_id, in_private="there are no administrators in the private chat")
    if chat.kind == "channel" and not is_boss(call, chat):
        raise bad_request("member list is inaccessible")
    found = call.world.chats.memberships(chat.id, *BOSSES)
    people = call.world.people.by_ids([one.person_id for one in found])
    kept = [one for one in found if one.person_id in people]
    shown = [m for m in kept if return_bots or not people[m.person_id].bot or m.person_id == call.bot.id]
    channel = chat.kind == "channel"
    return [shapes.member(call.world, one.person_id, as_fact(one), channel=channel) for one in shown]


# Out and in ---------------------------------------------------------------------------------------------------------


def _term(until_date: int, now: float) -> float | None:
    return float(until_date) if SHORTEST_TERM <= until_date - now <= LONGEST_TERM else None


def _subject(call: BotCall, chat: Chat, user_id: int) -> Membership:
    """Somebody whom the bot wants to restrict: not itself, nobody in charge."""
    if call.world.people.by_id(user_id) is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if user_id > 0 else "invalid user_id specified")
    if user_id == call.bot.id:
        raise bad_request("can't restrict self")
    found = current(call, chat, user_id)
    if found.role == "creator":
        raise bad_request("can't remove chat owner")
    if found.role == "administrator":
        raise bad_request("user is an administrator of the chat")
    return found


@method("banChatMember")
def ban_chat_member(
    call: BotCall, *, chat_id: ChatId, user_id: int, until_date: int = 0, revoke_messages: bool = False
) -> Any:
    chat = chat_of(call, chat_id, in_private="can't ban members in private chats")
    check_right(call, chat, "can_restrict_members", MAY_RESTRICT)
    found = _subject(call, chat, user_id)
    _remove(call, chat, found, Membership(chat.id, user_id, "banned", until=_term(until_date, call.now)))
    return True


def _remove(call: BotCall, chat: Chat, found: Membership, wanted: Membership) -> None:
    with call.world.transaction():
        if found.present and chat.kind != "channel":
            service = {"kind": "left_chat_member", "people": [found.person_id]}
            acts.service_message(call.world, chat=chat, actor_id=call.bot.id, service=service, now=call.now)
        acts.change_membership(call.world, chat=chat, actor_id=call.bot.id, wanted=wanted, now=call.now)


@method("unbanChatMember")
def unban_chat_member(call: BotCall, *, chat_id: ChatId, user_id: int, only_if_banned: bool = False) -> Any:
    """Whoever is there is removed, too, unless only_if_banned."""
    words = "method is available for supergroup and channel chats only"
    chat = chat_of(call, chat_id, in_private=words)
    if chat.kind == "group":
        raise bad_request(words)
    check_right(call, chat, "can_restrict_members", MAY_RESTRICT)
    found = call.world.chats.membership(chat.id, user_id)
    if found.role == "banned" or not only_if_banned:
        found = _subject(call, chat, user_id)
        _remove(call, chat, found, Membership(chat.id, user_id, "left"))
    return True


@method("restrictChatMember")
def restrict_chat_member(
    call: BotCall, *, chat_id: ChatId, user_id: int, permissions: Json = None, until_date: int = 0,
    use_independent_chat_permissions: bool = False,
) -> Any:  # fmt: skip
    """With everything allowed the restrictions end."""
    words = "method is available only for supergroups"
    chat = chat_of(call, chat_id, in_private=words)
    if chat.kind != "supergroup":
        raise bad_request(words)
    allowed = permissions_of(
        {} if permissions is None else permissions,
        shapes.PERMISSIONS,
        independent=use_independent_chat_permissions,
    )
    check_right(call, chat, "can_restrict_members", MAY_RESTRICT)
    found = _subject(call, chat, user_id)
    if all(allowed.values()):
        wanted = replace(
            found, role="member" if found.present else "left", rights={}, until=None, is_member=True
        )
    else:
        wanted = Membership(
            chat.id, user_id, "restricted", allowed, None, _term(until_date, call.now), found.present, found.joined_at
        )  # fmt: skip
    acts.change_membership(call.world, chat=chat, actor_id=call.bot.id, wanted=wanted, now=call.now)
    return True


@method("promoteChatMember")
def promote_chat_member(
    call: BotCall, *, chat_id: ChatId, user_id: int, is_anonymous: bool = False, can_manage_chat: bool = False,
    can_delete_messages: bool = False, can_manage_video_chats: bool = False, can_restrict_members: bool = False,
    can_promote_members: bool = False, can_change_info: bool = False, can_invite_users: bool = False,
    can_post_stories: bool = False, can_edit_stories: bool = False, can_delete_stories: bool = False,
    can_post_messages: bool = False, can_edit_messages: bool = False, can_pin_messages: bool = False,
    can_manage_topics: bool = False, can_manage_direct_messages: bool = False, can_manage_tags: bool = False,
    can_send_welcome_messages: bool = False,
) -> Any:  # fmt: skip
    """With every right False the person becomes an ordinary member."""
    given = {name: value for name, value in locals().items() if name.startswith(("can_", "is_anonymous"))}
    chat = chat_of(call, chat_id, in_private="method is available for supergroup and channel chats only")
    if chat.kind == "group":
        raise bad_request("method is available for supergroup and channel chats only")
    standing = check_right(call, chat, "can_promote_members", "not enough rights")
    if call.world.people.by_id(user_id) is None or user_id == call.bot.id:
        raise bad_request("PARTICIPANT_ID_INVALID" if user_id != call.bot.id else "can't promote self")
    found = current(call, chat, user_id)
    if found.role == "creator":
        raise bad_request("can't demote chat creator" if not any(given.values()) else "not enough rights")
    if found.role == "banned":
        raise bad_request("USER_KICKED")
    if not found.present:
        raise bad_request("USER_NOT_PARTICIPANT")
    if any(value and name != "is_anonymous" and not may(standing, name) for name, value in given.items()):
        raise bad_request("RIGHT_FORBIDDEN")
    role, rights = ("administrator", given) if any(given.values()) else ("member", {})
    title = found.title if role == "administrator" else None
    wanted = replace(found, role=role, rights=rights, title=title, until=None, is_member=True)
    acts.change_membership(call.world, chat=chat, actor_id=call.bot.id, wanted=wanted, now=call.now)
    return True


@method("setChatAdministratorCustomTitle")
def set_administrator_title(call: BotCall, *, chat_id: ChatId, user_id: int, custom_title: str = "") -> Any:
    words = "method is available only for supergroups"
    chat = chat_of(call, chat_id, in_private=words)
    if chat.kind != "supergroup":
        raise bad_request(words)
    check_right(call, chat, "can_promote_members", "not enough rights to change custom title of the user")
    found = call.world.chats.membership(chat.id, user_id)
    if found.role == "creator":
        raise bad_request("only creator can edit their custom title")
    if found.role != "administrator":
        raise bad_request("user is not an administrator")
    if len(custom_title) > LONGEST_TITLE:
        raise bad_request("ADMIN_RANK_INVALID")
    wanted = replace(found, title=custom_title or None)
    acts.change_membership(call.world, chat=chat, actor_id=call.bot.id, wanted=wanted, now=call.now)
    return True


@method("leaveChat")
def leave_chat(call: BotCall, *, chat_id: ChatId) -> Any:
    chat = chat_of(call, chat_id, in_private="chat member status can't be changed in private chats")
    acts.leave(call.world, chat=chat, person_id=call.bot.id, now=call.now)
    return True
