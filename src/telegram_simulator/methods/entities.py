"""People and chats of the world as TL objects, the way one viewer is allowed to see them."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as tl

from telegram_simulator.methods.call import Call
from telegram_simulator.methods.formatted import entities_from_tl, entities_to_tl, markup_to_tl
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world.chats import PRESENT, Chat
from telegram_simulator.world.contacts import OwnContact
from telegram_simulator.world.media import in_words
from telegram_simulator.world.messages import Message
from telegram_simulator.world.people import Person
from telegram_simulator.world.recognition import found_in, merged
from telegram_simulator.world.world import World

ONLINE_FOR = 300  # seconds that an "online" status promises to last


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def users(world: World, viewer_id: int, people: list[Person], now: float) -> list[Any]:
    """`User` objects. Contacts carry the names and numbers that the viewer gave them, not their profile's."""
    ids = [person.id for person in people]
    contacts = world.contacts.among(viewer_id, ids)
    knowing = world.people.knowing(viewer_id, ids)
    return [
        _user(world, viewer_id, person, contacts.get(person.id), known=person.id in knowing, now=now)
        for person in people
    ]


def _user(
    world: World, viewer_id: int, person: Person, contact: OwnContact | None, *, known: bool, now: float
) -> Any:
    is_self = person.id == viewer_id
    saved = contact is not None and contact.phone is not None
    phone = person.phone if is_self or world.people.shows_phone(person, known=known, saved=saved) else None
    names = (contact.first_name, contact.last_name) if contact else (person.first_name, person.last_name)
    username, usernames = person.username, None
    if person.second_username is not None:
        # With names bought on Fragment Telegram sends the list only, and leaves `username` out.
        usernames = [tl.Username(person.second_username, active=True)]
        if username is not None:
            usernames.insert(0, tl.Username(username, editable=True, active=True))
        username = None
    return tl.User(
        id=person.id,
        is_self=is_self or None,
        contact=contact is not None or None,
        mutual_contact=(contact is not None and known) or None,
        verified=person.verified or None,
        premium=person.premium or None,
        bot=person.bot or None,
        bot_info_version=1 if person.bot else None,
        access_hash=world.people.access_hash(viewer_id, person.id),
        first_name=names[0] or None,
        last_name=names[1] or None,
        username=username,
        usernames=usernames,
        phone=phone,
        status=status(person, now),
    )


def status(person: Person, now: float) -> Any:
    if person.bot:
        return None
    if person.last_seen == "online":
        return tl.UserStatusOnline(moment(now + ONLINE_FOR))
    if person.last_seen == "offline":  # an exact time, within three days, different for each person
        return tl.UserStatusOffline(moment(now - 600 - person.id * 7919 % 250_000))
    classes = {
        "recently": tl.UserStatusRecently,
        "last_week": tl.UserStatusLastWeek,
        "last_month": tl.UserStatusLastMonth,
        "long_ago": tl.UserStatusEmpty,
    }
    shown = classes.get(person.last_seen)
    return None if shown is None else shown()  # hidden: no status at all


def person_of(call: Call, given: Any) -> Person:
    """The person that an InputUser or InputPeerUser names. Raises 400 USER_ID_INVALID."""
    person = person_or_gone(call, given)
    if person is None:
        raise RpcError(400, "USER_ID_INVALID")
    return person


def person_or_gone(call: Call, given: Any) -> Person | None:
    """The same, or None for somebody who has left Telegram meanwhile. Checks the access hash of this viewer."""
    people = call.world.people
    if isinstance(given, tl.InputUserSelf | tl.InputPeerSelf):
        return people.by_id(call.account.id)
    if not isinstance(given, tl.InputUser | tl.InputPeerUser):
        raise RpcError(400, "USER_ID_INVALID")
    if given.access_hash != people.access_hash(call.account.id, given.user_id):
        raise RpcError(400, "USER_ID_INVALID")
    return people.by_id(given.user_id)


def chats(world: World, viewer_id: int, given: list[Chat]) -> list[Any]:
    return [_chat(world, viewer_id, chat) for chat in given]


def _chat(world: World, viewer_id: int, chat: Chat) -> Any:
    role = world.chats.role(chat.id, viewer_id)
    count = world.chats.member_count(chat.id)
    creator = role == "creator" or None
    left = role not in PRESENT or None
    rights = tl.ChatAdminRights(post_messages=True, other=True) if role == "administrator" else None
    silenced = tl.ChatBannedRights(until_date=None, send_messages=True, send_plain=True)
    everybody = None if chat.members_may_write else silenced
    if chat.kind == "group":
        return tl.Chat(
            id=chat.id, title=chat.title, photo=tl.ChatPhotoEmpty(), participants_count=count,
            date=moment(chat.created_at), version=1, creator=creator, left=left, admin_rights=rights,
            default_banned_rights=everybody,
        )  # fmt: skip
    access_hash = world.people.access_hash(viewer_id, -chat.id)
    if role == "banned":
        return tl.ChannelForbidden(
            id=chat.id, access_hash=access_hash, title=chat.title, broadcast=chat.kind == "channel" or None,
            megagroup=chat.kind == "supergroup" or None,
        )  # fmt: skip
    return tl.Channel(
        id=chat.id, title=chat.title, photo=tl.ChatPhotoEmpty(), date=moment(chat.created_at),
        creator=creator, left=left, broadcast=chat.kind == "channel" or None,
        megagroup=chat.kind == "supergroup" or None,
        slowmode_enabled=chat.slow_mode > 0 or None, access_hash=access_hash, username=chat.username,
        admin_rights=rights, banned_rights=silenced if role == "restricted" else None,
        default_banned_rights=everybody if chat.kind == "supergroup" else None, participants_count=count,
    )  # fmt: skip


def peer(kind: str, peer_id: int) -> Any:
    return {"user": tl.PeerUser, "chat": tl.PeerChat, "channel": tl.PeerChannel}[kind](peer_id)


def message(world: World, given: Message, viewer_id: int) -> Any:
    """A `Message` or `MessageService` as its reader sees it."""
    content = given.content
    parts: dict[str, Any] = {
        "id": given.id,
        "peer_id": peer(given.peer_kind, given.peer_id),
        "date": moment(given.date),
        "out": given.from_id == viewer_id or None,
        "from_id": tl.PeerUser(given.from_id),
        "reply_to": _reply_header(world, given),
    }
    if "service" in content:
        return tl.MessageService(action=_service(content["service"]), **parts)
    return tl.Message(
        message=_words(world, given),
        entities=entities_to_tl([] if "media" in content else content.get("entities", [])),
        reply_markup=markup_to_tl(content.get("markup")),
        edit_date=None if given.edited_at is None else moment(given.edited_at),
        **parts,
    )


def _words(world: World, given: Message) -> str:
    """Clients get no files and the like here; that there is one is said in words, before the caption."""
    content = given.content
    if "media" in content:
        return "\n".join(part for part in (in_words(world, content["media"]), given.text) if part)
    if given.text or "service" in content:
        return given.text
    return f"[{next(iter(content.get('shown', {})), 'poll')}]"


def _reply_header(world: World, given: Message) -> Any:
    if "reply_to" not in given.content:
        return None
    answered = world.messages.copy_in(given.box, given.content["reply_to"])
    return None if answered is None else tl.MessageReplyHeader(reply_to_msg_id=answered.id)


def _service(service: dict[str, Any]) -> Any:
    match service["kind"]:
        case "new_chat_members":
            return tl.MessageActionChatAddUser(users=service["people"])
        case "left_chat_member":
            return tl.MessageActionChatDeleteUser(user_id=service["people"][0])
        case "new_chat_title":
            return tl.MessageActionChatEditTitle(title=service["value"])
        case kind:
            return tl.MessageActionCustomAction(message=kind)


def change(world: World, given: Message, viewer_id: int) -> Any:
    """The update that tells of a message as it is now: new, edited or deleted."""
    channel = given.peer_kind == "channel"
    place = {"pts": given.pts, "pts_count": 1}
    if given.deleted and channel:
        return tl.UpdateDeleteChannelMessages(channel_id=given.peer_id, messages=[given.id], **place)
    if given.deleted:
        return tl.UpdateDeleteMessages(messages=[given.id], **place)
    if given.pts != given.first_pts:
        kind = tl.UpdateEditChannelMessage if channel else tl.UpdateEditMessage
    else:
        kind = tl.UpdateNewChannelMessage if channel else tl.UpdateNewMessage
    return kind(message=message(world, given, viewer_id), **place)


def named_in(world: World, messages: list[Message]) -> tuple[list[Person], list[Chat]]:
    """Everybody and every chat that these messages speak of."""
    people_ids = {m.from_id for m in messages} | {m.peer_id for m in messages if m.peer_kind == "user"}
    for given in messages:
        people_ids.update(given.content.get("service", {}).get("people", []))
    chat_ids = sorted({m.peer_id for m in messages if m.peer_kind != "user"})
    found = [world.chats.by_id(chat_id) for chat_id in chat_ids]
    return list(world.people.by_ids(sorted(people_ids)).values()), [chat for chat in found if chat]


def content_of(call: Call, request: Any, peer_of_message: tuple[str, int]) -> dict[str, Any]:
    """What a client program sends beside the text: formatting, found commands, and what it answers."""
    content: dict[str, Any] = {}
    given = entities_from_tl(request.entities)
    found = merged(given, found_in(request.message))
    if found:
        content["entities"] = found
    reply = getattr(request, "reply_to", None)
    if isinstance(reply, tl.InputReplyToMessage):
        box = -peer_of_message[1] if peer_of_message[0] == "channel" else call.account.id
        answered = call.world.messages.get(box, reply.reply_to_msg_id)
        if answered is not None and answered.uid is not None:
            content["reply_to"] = answered.uid
    return content


def updates(call: Call, changes: list[Any], people: list[Person], seen: list[Chat] | None = None) -> Any:
    """An `Updates` answer that names everybody it speaks of."""
    viewer = call.account.id
    return tl.Updates(
        updates=changes,
        users=users(call.world, viewer, people, call.now),
        chats=chats(call.world, viewer, seen or []),
        date=moment(call.now),
        seq=0,
    )


def channel_of(call: Call, given: Any) -> Chat:
    """The channel or supergroup that an InputChannel or InputPeerChannel names, if the account may see it.

    Raises 400 CHANNEL_INVALID or CHANNEL_PRIVATE.
    """
    if not isinstance(given, tl.InputChannel | tl.InputPeerChannel):
        raise RpcError(400, "CHANNEL_INVALID")
    if given.access_hash != call.world.people.access_hash(call.account.id, -given.channel_id):
        raise RpcError(400, "CHANNEL_INVALID")
    chat = call.world.chats.by_id(given.channel_id)
    if chat is None:
        raise RpcError(400, "CHANNEL_INVALID")
    role = call.world.chats.role(chat.id, call.account.id)
    if role == "banned" or (chat.username is None and role not in PRESENT):
        raise RpcError(400, "CHANNEL_PRIVATE")
    return chat
