"""Writing, changing and taking back messages."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.hub import Arrived, Deleted, Edited
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.world import World


class UnableToAct(Exception):
    """A participant cannot do this; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The copies of one message, by box."""

    uid: int
    copies: dict[int, Message]
    own: Message  # the sender's copy, or the channel's


def post(
    world: World, *, sender_id: int, place: Peer, text: str, now: float, content: dict[str, Any] | None = None
) -> Posted:  # fmt: skip
    """Write a message into a place: ("user", person), ("chat", group) or ("channel", supergroup or channel)."""
    kind, place_id = place
    with world.transaction():
        if kind == "user":
            return _to_person(world, sender_id, place_id, text, now=now, content=content or {})
        return _to_chat(world, sender_id, place, text, now=now, content=content or {})


def _to_person(
    world: World, sender_id: int, other_id: int, text: str, *, now: float, content: dict[str, Any]
) -> Posted:
    bots = world.bots
    if bots.by_id(other_id) is not None:
        if bots.blocked_by(other_id, sender_id):
            raise UnableToAct("You have blocked this bot; unblock it first.")
        bots.acquaint(other_id, sender_id, now, may_write=True)
    uid = world.messages.new_uid()
    put = world.messages.put
    own = put(
        sender_id, peer=("user", other_id), from_id=sender_id, text=text, now=now, uid=uid, content=content
    )
    copies = {sender_id: own}
    if other_id != sender_id and reads(world, other_id):
        copies[other_id] = put(
            other_id,
            peer=("user", sender_id),
            from_id=sender_id,
            text=text,
            now=now,
            uid=uid,
            content=content,
        )
    for box, message in copies.items():
        world.hub.tell(box, Arrived(message), now)
    return Posted(uid, copies, own)


def _to_chat(
    world: World, sender_id: int, place: Peer, text: str, *, now: float, content: dict[str, Any]
) -> Posted:
    kind, chat_id = place
    readers = world.chats.participants(chat_id)
    world.chats.mark_wrote(chat_id, sender_id, now)
    uid = world.messages.new_uid()
    put = world.messages.put
    if kind == "channel":
        own = put(-chat_id, peer=place, from_id=sender_id, text=text, now=now, uid=uid, content=content)
        for reader in readers:
            world.hub.tell(reader, Arrived(own), now)
        return Posted(uid, {-chat_id: own}, own)
    boxes = readers if sender_id in readers else [*readers, sender_id]
    copies = {
        box: put(box, peer=place, from_id=sender_id, text=text, now=now, uid=uid, content=content)
        for box in boxes
    }
    for box, message in copies.items():
        world.hub.tell(box, Arrived(message), now)
    return Posted(uid, copies, copies[sender_id])


def reads(world: World, person_id: int) -> bool:
    """Whether copies are kept for somebody: accounts, bots, and people who have written something themselves."""
    return (
        world.accounts.by_id(person_id) is not None
        or world.bots.by_id(person_id) is not None
        or world.messages.has_box(person_id)
    )


def edit(
    world: World, *, message: Message, text: str, content: dict[str, Any], now: float, marked: bool = True
) -> Posted:
    """Change all copies. `marked` False: people see no "edited"."""
    if message.uid is None:
        raise UnableToAct("Messages of before bots cannot be changed.")
    with world.transaction():
        changed = world.messages.rewrite(
            message.uid, text=text, content=content, edited_at=now if marked else message.edited_at
        )
        for copy in changed:
            for reader in readers_of(world, copy):
                world.hub.tell(reader, Edited(copy), now)
    copies = {copy.box: copy for copy in changed}
    return Posted(message.uid, copies, copies[message.box])


def delete(world: World, *, message: Message, now: float, only_for: int | None = None) -> None:
    """Take a message back for everybody, or only out of one participant's own box."""
    if message.uid is None:
        raise UnableToAct("Messages of before bots cannot be deleted.")
    with world.transaction():
        for copy in world.messages.delete(message.uid, only_box=only_for):
            for reader in readers_of(world, copy):
                world.hub.tell(reader, Deleted(copy), now)


def readers_of(world: World, copy: Message) -> list[int]:
    """Who reads this copy: the owner of its box, or everybody in the channel."""
    return [copy.box] if copy.box > 0 else world.chats.participants(-copy.box)
