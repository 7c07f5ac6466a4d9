"""Who is what in a group or channel, and the messages that say so."""

from dataclasses import replace
from typing import Any

from telegram_simulator.world.acts.posting import Posted, post
from telegram_simulator.world.chats import Chat, Membership
from telegram_simulator.world.hub import MemberChanged
from telegram_simulator.world.world import World


def change_membership(
    world: World, *, chat: Chat, actor_id: int, wanted: Membership, now: float, more: dict[str, Any] | None = None
) -> bool:  # fmt: skip
    """Make somebody what `wanted` says and tell the bots there. `more`: invite_link and the like for the update.

    False when nothing has changed.
    """
    before = world.chats.membership(chat.id, wanted.person_id)
    if wanted.present and not before.present:
        wanted = replace(wanted, joined_at=now)
    if before == wanted:
        return False
    with world.transaction():
        # Bots that are being removed still hear of it.
        readers = set(world.chats.participants(chat.id))
        world.chats.write_membership(wanted)
        readers |= set(world.chats.participants(chat.id)) | {wanted.person_id}
        for bot in world.bots.all():
            if bot.id in readers and wanted.present and bot.id != wanted.person_id:
                world.bots.acquaint(bot.id, wanted.person_id, now, may_write=False)
        fact = MemberChanged(chat, actor_id, wanted.person_id, as_fact(before), as_fact(wanted), more or {})
        for reader in sorted(readers):
            world.hub.tell(reader, fact, now)
    return True


More = dict[str, Any] | None


def as_fact(membership: Membership) -> dict[str, Any]:
    m = membership
    return {
        "role": m.role, "rights": m.rights, "title": m.title, "until": m.until, "is_member": m.is_member,
    }  # fmt: skip


def join(
    world: World, *, chat: Chat, person_id: int, now: float, added_by: int | None = None, more: More = None
) -> bool:  # fmt: skip
    """Somebody joins, or is added. Groups say so in a service message. False for who is there already."""
    with world.transaction():
        wanted = Membership(chat.id, person_id, "member")
        if world.chats.membership(chat.id, person_id).present:
            return False
        change_membership(world, chat=chat, actor_id=added_by or person_id, wanted=wanted, now=now, more=more)
        if chat.kind != "channel":
            service = {"kind": "new_chat_members", "people": [person_id]}
            service_message(world, chat=chat, actor_id=added_by or person_id, service=service, now=now)
    return True


def leave(world: World, *, chat: Chat, person_id: int, now: float, removed_by: int | None = None) -> bool:
    """Somebody leaves, or is banned by `removed_by`. False for who was not there."""
    role = "left" if removed_by is None else "banned"
    with world.transaction():
        was_present = world.chats.membership(chat.id, person_id).present
        if not was_present and removed_by is None:
            return False
        if was_present and chat.kind != "channel":
            service = {"kind": "left_chat_member", "people": [person_id]}
            service_message(world, chat=chat, actor_id=removed_by or person_id, service=service, now=now)
        wanted = Membership(chat.id, person_id, role)
        return change_membership(world, chat=chat, actor_id=removed_by or person_id, wanted=wanted, now=now)


def service_message(
    world: World, *, chat: Chat, actor_id: int, service: dict[str, Any], now: float
) -> Posted:
    return post(world, sender_id=actor_id, place=chat.peer, text="", now=now, content={"service": service})


def upgrade(world: World, *, chat: Chat, actor_id: int, now: float) -> Chat:
    """A small group becomes a supergroup: another chat with the same people, and the old one points to it."""
    with world.transaction():
        new = world.chats.create(kind="supergroup", title=chat.title, username=None, now=now)
        new = world.chats.change(new.id, members_may_write=int(chat.members_may_write), more=chat.more)
        for role in ("creator", "administrator", "member", "restricted", "banned"):
            for membership in world.chats.memberships(chat.id, role):
                world.chats.write_membership(replace(membership, chat_id=new.id))
        to = {"kind": "migrate_to_chat_id", "value": -1_000_000_000_000 - new.id}
        service_message(world, chat=chat, actor_id=actor_id, service=to, now=now)
        service_message(
            world, chat=new, actor_id=actor_id, service={"kind": "migrate_from_chat_id", "value": -chat.id}, now=now
        )  # fmt: skip
        world.chats.change(chat.id, migrated_to=new.id)
    return new
