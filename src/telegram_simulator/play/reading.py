"""What a player has read. Telegram's read marks are not simulated: this is only for the page's own badges."""

import json
from dataclasses import dataclass

from telegram_simulator.world.messages import Peer
from telegram_simulator.world.people import Person
from telegram_simulator.world.seed import SEEDED_AT
from telegram_simulator.world.world import World

MOST = 999  # more unread messages than these are not counted


@dataclass(frozen=True, slots=True)
class Read:
    """Told to a player's other pages."""

    place: Peer


def box_of(person: Person, place: Peer) -> int:
    """The box in which the person finds the messages of a chat."""
    return -place[1] if place[0] == "channel" else person.id


def marks(world: World, person: Person) -> dict[str, int]:
    """Chat → the newest message that was read."""
    row = world.connection.execute("SELECT value FROM facts WHERE name = ?", (_name(person),)).fetchone()
    return {} if row is None else dict(json.loads(row["value"]))


def mark_read(world: World, person: Person, place: Peer, now: float) -> None:
    newest = world.messages.history(box_of(person, place), place, before_id=0, limit=1)
    if not newest:
        return
    with world.transaction():
        changed = marks(world, person) | {f"{place[0]}{place[1]}": newest[0].id}
        world.connection.execute(
            "INSERT INTO facts VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_name(person), json.dumps(changed)),
        )
        world.hub.tell(person.id, Read(place), now)


def unread_in(world: World, person: Person, place: Peer, read: dict[str, int]) -> int:
    """The sample world's own messages count as read."""
    row = world.connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM messages WHERE box = ? AND peer_kind = ? AND peer_id = ? AND id > ?"
        " AND from_id <> ? AND NOT deleted AND date > ? LIMIT ?)",
        (box_of(person, place), *place, read.get(f"{place[0]}{place[1]}", 0), person.id, SEEDED_AT, MOST),
    )
    return int(row.fetchone()[0])


def unread_of(world: World, person: Person) -> int:
    """In all private chats and groups together."""
    read = marks(world, person)
    return sum(unread_in(world, person, place, read) for place in places_of(world, person))


def places_of(world: World, person: Person) -> list[Peer]:
    """The person's chats."""
    places: list[Peer] = [chat.peer for chat in world.chats.of_person(person.id) if chat.migrated_to is None]
    return places + [("user", other) for other in world.messages.private_peers(person.id)]


def _name(person: Person) -> str:
    return f"play:read:{person.id}"
