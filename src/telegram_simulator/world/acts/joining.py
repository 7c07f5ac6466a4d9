"""Coming into a group or channel: by its username, by an invite link, or by asking."""

from dataclasses import dataclass

from telegram_simulator.world.acts.membership import change_membership, join, service_message
from telegram_simulator.world.acts.posting import UnableToAct
from telegram_simulator.world.chats import Chat, Membership
from telegram_simulator.world.invites import Invites
from telegram_simulator.world.world import World

JOINED, ASKED = "joined", "asked"


@dataclass(frozen=True, slots=True)
class JoinAsked:
    """Told to everybody in the chat; the doors know who of them may answer."""

    chat: Chat
    person_id: int
    bio: str
    link: str | None


def join_by_link(world: World, *, person_id: int, url: str, now: float, bio: str = "") -> tuple[Chat, str]:
    """(the chat, "joined" or "asked"). Raises UnableToAct for a link that leads nowhere (any more)."""
    invites = Invites(world.connection)
    invite = invites.get(url)
    if invite is None or not invite.open_at(now):
        raise UnableToAct("This invite link is invalid or has expired.")
    chat = world.chats.must(invite.chat_id)
    before = _admitted(world, chat, person_id, now)
    if before.present:
        return chat, JOINED
    with world.transaction():
        if invite.joins_by_request:
            if invites.ask(chat_id=chat.id, person_id=person_id, link=invite.link, bio=bio or None, now=now):
                fact = JoinAsked(chat, person_id, bio, invite.link)
                for reader in world.chats.participants(chat.id):
                    world.hub.tell(reader, fact, now)
            return chat, ASKED
        invites.count_joined(invite.link)
        join(world, chat=chat, person_id=person_id, now=now, more={"link": invite.link})
    return chat, JOINED


def join_public(world: World, *, person_id: int, chat: Chat, now: float) -> bool:
    """Anybody may come into a chat with a username. False for who is there already."""
    if chat.username is None:
        raise UnableToAct("This chat is private; only an invite link leads into it.")
    _admitted(world, chat, person_id, now)
    return join(world, chat=chat, person_id=person_id, now=now)


def _admitted(world: World, chat: Chat, person_id: int, now: float) -> Membership:
    """What somebody is there now. Raises UnableToAct for who is banned; a ban may have run out."""
    if chat.gone or chat.migrated_to is not None:
        raise UnableToAct("This chat is no longer there.")
    before = world.chats.membership(chat.id, person_id)
    if before.role == "banned" and (before.until is None or before.until > now):
        raise UnableToAct("You were banned from this chat.")
    return before


def let_in(world: World, *, chat: Chat, actor_id: int, person_id: int, now: float) -> None:
    """Grant somebody's wish to join."""
    invites = Invites(world.connection)
    asked = invites.asked(chat.id, person_id)
    if asked is None:
        raise UnableToAct("Nobody has asked to join.")
    more = {"via_join_request": True} | ({"link": asked.link} if asked.link else {})
    with world.transaction():
        invites.settle(chat.id, person_id)
        if asked.link:
            invites.count_joined(asked.link)
        wanted = Membership(chat.id, person_id, "member")
        if not change_membership(world, chat=chat, actor_id=actor_id, wanted=wanted, now=now, more=more):
            return
        if chat.kind != "channel":
            service = {"kind": "new_chat_members", "people": [person_id]}
            service_message(world, chat=chat, actor_id=person_id, service=service, now=now)


def turn_away(world: World, *, chat: Chat, person_id: int) -> None:
    """Refuse somebody's wish to join; Telegram tells nobody."""
    with world.transaction():
        Invites(world.connection).settle(chat.id, person_id)
