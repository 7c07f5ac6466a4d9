"""People of the world: look somebody up, add somebody, change what they let others see."""

from dataclasses import asdict
from typing import Any

from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.world.people import Person, normalise_phone


def _by_phone(order: Order, text: str) -> Person:
    phone = normalise_phone(text)
    if phone is None:
        raise Refused(400, "phone must be an international number.")
    person = order.world.people.by_phone(phone)
    if person is None:
        raise Refused(404, "Nobody in this world has this phone.")
    return person


@route("GET", "/api/people")
async def look_up(order: Order) -> Any:
    """?phone= or ?username= or ?id="""
    if "phone" in order.query:
        return asdict(_by_phone(order, order.query["phone"]))
    person = None
    if "username" in order.query:
        person = order.world.people.by_username(order.query["username"])
    elif order.query.get("id", "").isdigit():
        person = order.world.people.by_id(int(order.query["id"]))
    else:
        raise Refused(400, "Name whom to look up: ?phone=, ?username= or ?id=.")
    if person is None:
        raise Refused(404, "There is no such person in this world.")
    return asdict(person)


@route("POST", "/api/people")
async def create(order: Order) -> Any:
    """{"phone", "first_name", and anything else that a person has}"""
    return asdict(order.world.people.create(order.wishes()))


@route("PATCH", "/api/people/{phone}")
async def change(order: Order) -> Any:
    """Any fields of a person; `knows`: {"phone of an account": true} puts the account into their contacts."""
    person = _by_phone(order, order.path["phone"])
    wishes = dict(order.wishes())
    knows = wishes.pop("knows", {})
    if not isinstance(knows, dict):
        raise Refused(400, 'knows must be an object such as {"79000000001": true}.')
    for phone, value in knows.items():
        account = _by_phone(order, str(phone))
        order.world.people.set_knows(person.id, account.id, knows=bool(value))
    changed = order.world.people.change(person.id, wishes)
    order.world.accounts.forget(person.id)
    return asdict(changed)


@route("DELETE", "/api/people/{phone}")
async def remove(order: Order) -> Any:
    """The person deletes their Telegram account."""
    person = _by_phone(order, order.path["phone"])
    if order.world.accounts.by_id(person.id) is not None:
        raise Refused(400, "This person is an account that programs sign in to; ban it instead.")
    with order.world.transaction():
        order.world.people.remove(person.id)
    return {"removed": True}
