"""Ordering faults."""

from typing import Any

from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.world.faults import EVERY_BOT
from telegram_simulator.world.people import normalise_phone


@route("GET", "/api/faults")
async def list_faults(order: Order) -> Any:
    return {"faults": [fault.as_json() for fault in order.world.faults.all()]}


@route("POST", "/api/faults")
async def order_fault(order: Order) -> Any:
    """{"kind", "phone"?, "method"?, "count"?, and the kind's parameters}. Without phone it strikes everybody.

    With {"bot": "username"} (or "*") it strikes requests of bots instead.
    """
    wishes = order.wishes()
    phone = None
    if wishes.get("phone"):
        phone = normalise_phone(str(wishes["phone"]))
        if phone is None:
            raise Refused(400, "phone must be an international number.")
    bot = wishes.get("bot")
    if bot is not None and (not isinstance(bot, str) or phone is not None):
        raise Refused(400, "bot must be a username, and stands instead of phone.")
    if bot not in (None, EVERY_BOT) and order.world.bots.by_username(bot) is None:
        raise Refused(404, f"There is no bot {bot}.")
    name = None if bot is None else bot.removeprefix("@")
    return order.world.faults.order(wishes, phone, name).as_json()


@route("DELETE", "/api/faults")
async def clear_faults(order: Order) -> Any:
    """All faults end. Waits that they have announced still last; PUT limits ends those."""
    return {"cleared": order.world.faults.clear()}


@route("DELETE", "/api/faults/{id}")
async def clear_fault(order: Order) -> Any:
    if not order.path["id"].isdigit() or not order.world.faults.clear(int(order.path["id"])):
        raise Refused(404, "There is no such fault (any more).")
    return {"cleared": 1}
