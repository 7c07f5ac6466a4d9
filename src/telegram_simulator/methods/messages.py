"""messages.*: dialogs, history and sending."""

import math
from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import messages as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, flood_wait, method
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world import acts
from telegram_simulator.world.chats import PRESENT, WRITERS, Chat
from telegram_simulator.world.messages import Message
from telegram_simulator.world.people import Person

LONGEST_TEXT = 4096


@method(fn.SendMessageRequest, refused_when_frozen=True)
def send_message(call: Call) -> Any:
    text = call.request.message
    if not text:
        raise RpcError(400, "MESSAGE_EMPTY")
    if len(text) > LONGEST_TEXT:
        raise RpcError(400, "MESSAGE_TOO_LONG")
    target = _target(call, call.request.peer)
    if call.world.messages.knows_random_id(call.account.id, call.request.random_id):
        raise RpcError(500, "RANDOM_ID_DUPLICATE")
    if isinstance(target, Chat):
        _may_write(call, target)
    _charge(call, target)
    with call.world.transaction():
        call.world.messages.remember_random_id(call.account.id, call.request.random_id)
        place = ("user", target.id) if isinstance(target, Person) else target.peer
        try:
            posted = acts.post(
                call.world,
                sender_id=call.account.id,
                place=place,
                text=text,
                now=call.now,
                content=entities.content_of(call, call.request, place),
            )
        except acts.UnableToAct:
            raise RpcError(400, "YOU_BLOCKED_USER") from None
        return receipt(call, posted.own)


def _target(call: Call, peer: Any) -> Person | Chat:
    if isinstance(peer, tl.InputPeerUser | tl.InputPeerSelf):
        return entities.person_of(call, peer)
    if isinstance(peer, tl.InputPeerChannel):
        return entities.channel_of(call, peer)
    if isinstance(peer, tl.InputPeerChat):
        chat = call.world.chats.by_id(peer.chat_id)
        if chat is not None and chat.kind == "group":
            if call.world.chats.role(chat.id, call.account.id) not in PRESENT:
                raise RpcError(403, "CHAT_WRITE_FORBIDDEN")
            return chat
    raise RpcError(400, "PEER_ID_INVALID")


def _may_write(call: Call, chat: Chat) -> None:
    """Raises CHAT_WRITE_FORBIDDEN, USER_BANNED_IN_CHANNEL, CHAT_ADMIN_REQUIRED or SLOWMODE_WAIT_X."""
    role = call.world.chats.role(chat.id, call.account.id)
    if role == "restricted":
        raise RpcError(400, "USER_BANNED_IN_CHANNEL")
    boss = role in ("creator", "administrator")
    if boss:
        return
    if chat.kind == "channel" and role in WRITERS:
        raise RpcError(400, "CHAT_ADMIN_REQUIRED")
    if role not in WRITERS or not chat.members_may_write:
        raise RpcError(403, "CHAT_WRITE_FORBIDDEN")
    left = call.world.chats.wrote_at(chat.id, call.account.id) + chat.slow_mode - call.now
    if chat.slow_mode and left > 0:
        subject = f"{call.account.phone}/{chat.id}"
        if call.world.buckets.waiting(subject, call.method, call.now):
            call.violate("early_request")
        else:
            call.world.buckets.announce(subject, call.method, math.ceil(left), call.now)
        raise RpcError(420, f"SLOWMODE_WAIT_{math.ceil(left)}")


def _charge(call: Call, target: Person | Chat) -> None:
    """A message that one limit refuses must not use up another one."""
    limits, phone = call.account.limits, call.account.phone
    place = target.id if isinstance(target, Person) else -target.id
    wanted = [(f"{phone}/{place}", "chat", limits.chat), (phone, "send", limits.send)]
    if isinstance(target, Person) and target.id != call.account.id and not _acquainted(call, target):
        wanted.append((phone, "strangers", limits.strangers))
    waits = {
        kind: call.world.buckets.wait_for(subject, kind, limit, 1, call.now)
        for subject, kind, limit in wanted
    }
    if waits.get("strangers"):
        raise RpcError(400, "PEER_FLOOD")
    if any(waits.values()):
        raise flood_wait(max(waits.values()))
    for subject, kind, limit in wanted:
        call.world.buckets.take(subject, kind, limit, 1, call.now)


def _acquainted(call: Call, person: Person) -> bool:
    """A bot, or a person who has the account among their contacts or has written to it before."""
    if person.bot:
        return True
    if call.world.people.knowing(call.account.id, [person.id]):
        return True
    history = call.world.messages.history(call.account.id, ("user", person.id), before_id=0, limit=100)
    return any(message.from_id == person.id for message in history)


def receipt(call: Call, sent: Message) -> Any:
    """What the sender gets: which random_id became which message."""
    people, seen = entities.named_in(call.world, [sent])
    named = tl.UpdateMessageID(id=sent.id, random_id=call.request.random_id)
    arrived = entities.change(call.world, sent, call.account.id)
    return entities.updates(call, [named, arrived], people, seen)


@method(fn.GetHistoryRequest)
def get_history(call: Call) -> Any:
    target = _target(call, call.request.peer)
    box, peer = _place(call, target)
    limit = max(1, min(call.request.limit or 100, 100))
    found = call.world.messages.history(box, peer, before_id=call.request.offset_id, limit=limit)
    people = list(call.world.people.by_ids(sorted({m.from_id for m in found})).values())
    seen = [target] if isinstance(target, Chat) else []
    if isinstance(target, Person) and target not in people:
        people.append(target)
    return _messages(call, found, people, seen)


@method(fn.GetDialogsRequest)
def get_dialogs(call: Call) -> Any:
    """All dialogs at once: the world's accounts have few."""
    chats = call.world.chats.of_person(call.account.id)
    partners = call.world.people.by_ids(call.world.messages.private_peers(call.account.id))
    targets: list[Person | Chat] = [*chats, *partners.values()]
    dialogs, newest = [], []
    for target in targets:
        box, peer = _place(call, target)
        last = call.world.messages.history(box, peer, before_id=0, limit=1)
        newest += last
        dialogs.append(
            tl.Dialog(
                peer=entities.peer(*peer), top_message=last[0].id if last else 0, read_inbox_max_id=0,
                read_outbox_max_id=0, unread_count=0, unread_mentions_count=0, unread_reactions_count=0,
                unread_poll_votes_count=0, notify_settings=tl.PeerNotifySettings(),
                pts=call.world.messages.pts(box) if peer[0] == "channel" else None,
            )
        )  # fmt: skip
    senders = call.world.people.by_ids(sorted({message.from_id for message in newest}))
    people = {**partners, **senders}
    return tl.messages.Dialogs(
        dialogs=dialogs,
        messages=[entities.message(call.world, message, call.account.id) for message in newest],
        chats=entities.chats(call.world, call.account.id, chats),
        users=entities.users(call.world, call.account.id, list(people.values()), call.now),
    )


def place_of(call: Call, given: Any) -> tuple[int, tuple[str, int]]:
    """The same for an InputPeer."""
    return _place(call, _target(call, given))


def _place(call: Call, target: Person | Chat) -> tuple[int, tuple[str, int]]:
    """(message box, peer) in which the account's messages with the target lie."""
    if isinstance(target, Person):
        return call.account.id, ("user", target.id)
    if target.kind == "group":
        return call.account.id, ("chat", target.id)
    return -target.id, ("channel", target.id)


def _messages(call: Call, found: list[Message], people: list[Person], seen: list[Chat]) -> Any:
    parts: dict[str, Any] = {
        "messages": [entities.message(call.world, message, call.account.id) for message in found],
        "topics": [],
        "chats": entities.chats(call.world, call.account.id, seen),
        "users": entities.users(call.world, call.account.id, people, call.now),
    }
    if seen and seen[0].kind != "group":
        box = -seen[0].id
        return tl.messages.ChannelMessages(pts=call.world.messages.pts(box), count=len(found), **parts)
    return tl.messages.Messages(**parts)
