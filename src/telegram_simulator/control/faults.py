"""Ordering faults."""

from typing import Any

from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.world.people import normalise_phone


@route("GET", "/api/faults")
async def list_faults(order: Order) -> Any:
    return {"faults": [fault.as_json() for fault in order.world.faults.all()]}


@route("POST", "/api/faults")
async def order_fault(order: Order) -> Any:
    """{"kind", "phone"?, "method"?, "count"?, and the kind's parameters}. Without phone it strikes everybody."""
    wishes = order.wishes()
    phone = None
    if wishes.get("phone"):
        phone = normalise_phone(str(wishes["phone"]))
        if phone is None:
            raise Refused(400, "phone must be an international number.")
    return order.world.faults.order(wishes, phone).as_json()


@route("DELETE", "/api/faults")
async def clear_faults(order: Order) -> Any:
    """All faults end. Waits that they have announced still last; PUT limits ends those."""
    return {"cleared": order.world.faults.clear()}


@route("DELETE", "/api/faults/{id}")
async def clear_fault(order: Order) -> Any:
    if not order.path["id"].isdigit() or not order.world.faults.clear(int(order.path["id"])):
        raise Refused(404, "There is no such fault (any more).")
    return {"cleared": 1}
