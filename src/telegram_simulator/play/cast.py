"""Whom one can play: a few people with a part, the sample accounts, and whoever was played before."""

import secrets
from dataclasses import dataclass
from typing import Any

from telegram_simulator.control.orders import Order, route
from telegram_simulator.play.reading import unread_of
from telegram_simulator.play.shapes import person_json
from telegram_simulator.world.people import Person
from telegram_simulator.world.world import World

OFFERED = 40  # people in the list; anybody else is found by name, phone, @username or id


@dataclass(frozen=True, slots=True)
class Part:
    """`note` names the part; the page has words for it."""

    phone: str
    first_name: str
    last_name: str
    username: str
    language: str
    note: str


CAST = (
    Part("79990000001", "Ольга", "Новикова", "olga_novikova", "ru", "newcomer"),
    Part("79990000002", "Павел", "Админов", "pavel_adminov", "ru", "administrator"),
    Part("447700900101", "Sarah", "Miller", "sarah_miller", "en", "english"),
    Part("971500000101", "ليلى", "حداد", "layla_haddad", "ar", "arabic"),
)


@route("GET", "/play/api/people")
async def people(order: Order) -> Any:
    """Whom the page offers, with what each has not read yet."""
    world = order.world
    notes = {_part(world, part).id: part.note for part in CAST}
    rows = world.connection.execute(
        "SELECT person_id FROM accounts ORDER BY sample DESC, person_id DESC LIMIT ?", (OFFERED,)
    )
    ids = [*notes, *(row["person_id"] for row in rows if row["person_id"] not in notes)]
    known = world.people.by_ids(ids)
    return {
        "people": [
            person_json(known[one]) | {"note": notes.get(one), "unread": unread_of(world, known[one])}
            for one in ids
            if one in known
        ]
    }


def _part(world: World, part: Part) -> Person:
    """The person of this part, who is made when first asked for."""
    person = world.people.by_username(part.username)
    if person is None:
        taken = world.people.by_phone(part.phone) is not None
        wishes = {name: getattr(part, name) for name in ("first_name", "last_name", "username", "language")}
        with world.transaction():
            person = world.people.create(wishes | {"phone": unused_phone(world) if taken else part.phone})
    if world.accounts.by_id(person.id) is None:
        world.accounts.ensure(person.id)
    return person


def unused_phone(world: World) -> str:
    while True:
        phone = f"7988{secrets.randbelow(10**7):07d}"
        if world.people.by_phone(phone) is None:
            return phone
