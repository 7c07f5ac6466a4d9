"""Stars on the play page: topping up, paying an invoice, subscriptions."""

import asyncio
from dataclasses import asdict
from typing import Any

from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.api import message_of, player_of
from telegram_simulator.world.acts.paying import PaymentSettled, ask_to_pay, expire, invoice_under, renew
from telegram_simulator.world.payments import ASKED, Invoice, Payment, Payments

LARGEST_TOP_UP = 1_000_000  # Stars
SOON = 0.05  # seconds after the end of the ten that a bot has


def _shown(payment: Payment) -> dict[str, Any]:
    """{"id", "state": paid, refused or expired, "reason", "amount", "charge", …}"""
    names = ("id", "state", "reason", "amount", "currency", "invoice_id", "created_at")
    return {name: value for name, value in asdict(payment).items() if name in names} | {
        "charge": payment.charge_id, "until": payment.content.get("until"),
        "canceled": bool(payment.content.get("canceled") or payment.content.get("canceled_by_bot")),
    }  # fmt: skip


@route("GET", "/play/api/{person}/stars")
async def stars(order: Order) -> Any:
    """{"stars", "subscriptions"}"""
    person, payments = player_of(order), Payments(order.world.connection)
    subscriptions = [_shown(payment) for payment in payments.subscriptions(person.id)]
    return {"stars": payments.balance(person.id), "subscriptions": subscriptions}


@route("POST", "/play/api/{person}/stars")
async def top_up(order: Order) -> Any:
    """{"stars": how many more}: nobody pays for them here."""
    person, wanted = player_of(order), order.wishes().get("stars")
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 0 < wanted <= LARGEST_TOP_UP:
        raise Refused(400, f"stars must be a whole number from 1 to {LARGEST_TOP_UP}.")
    return {"stars": Payments(order.world.connection).add_stars(person.id, wanted)}


def _invoice(order: Order) -> Invoice:
    wishes = order.wishes()
    if "link" not in wishes:
        return invoice_under(order.world, message_of(order))
    invoice = Payments(order.world.connection).invoice(str(wishes["link"]))
    if invoice is None or invoice.uid is not None:
        raise Refused(404, "There is no such invoice.")
    return invoice


@route("POST", "/play/api/{person}/invoice")
async def look_at_invoice(order: Order) -> Any:
    """{"to", "message": id} or {"link"}: what would be paid."""
    person, invoice = player_of(order), _invoice(order)
    payments = Payments(order.world.connection)
    paid = payments.paid_for(invoice.id) if invoice.uid is not None else []
    return invoice.content | {"paid": bool(paid), "stars": payments.balance(person.id)}


@route("POST", "/play/api/{person}/pay")
async def pay(order: Order) -> Any:
    """{"to", "message": id} or {"link"}. Answers when the bot has agreed or refused, or ten seconds are over."""
    person, world = player_of(order), order.world
    settled = asyncio.Event()
    stop = world.hub.listen(
        lambda _, fact: settled.set() if isinstance(fact, PaymentSettled) else None, person.id
    )
    try:
        payment = ask_to_pay(world, person_id=person.id, invoice=_invoice(order), now=order.now)
        end = asyncio.get_running_loop().time() + payment.expires_at - order.now + SOON
        while (payment := Payments(world.connection).must(payment.id)).state == ASKED:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                payment = expire(world, payment.id, payment.expires_at)
                break
            settled.clear()
            try:
                await asyncio.wait_for(settled.wait(), left)
            except TimeoutError:
                continue
    finally:
        stop()
    return _shown(payment)


@route("POST", "/api/payments/{payment}/expire")
async def end_the_wait(order: Order) -> Any:
    """The bot's ten seconds are over now. `payment`: the number of the pre-checkout query."""
    payments = Payments(order.world.connection)
    if payments.get(order.path["payment"]) is None:
        raise Refused(404, "There is no such payment.")
    payments.change(order.path["payment"], expires_at=order.now - 0.001)
    return _shown(expire(order.world, order.path["payment"], order.now))


def _subscription(order: Order) -> Payment:
    person = player_of(order)
    found = Payments(order.world.connection).subscriptions(person.id)
    for payment in found:
        if payment.charge_id == order.path["charge"]:
            return payment
    raise Refused(404, "There is no such subscription.")


@route("POST", "/play/api/{person}/subscriptions/{charge}/renew")
async def next_period(order: Order) -> Any:
    """The paid month is over and the next one is taken, without waiting a month for it."""
    return _shown(renew(order.world, _subscription(order), order.now))


@route("POST", "/play/api/{person}/subscriptions/{charge}/cancel")
async def cancel(order: Order) -> Any:
    """{"canceled"?: false to take it back}"""
    payment = _subscription(order)
    canceled = bool(order.wishes().get("canceled", True)) if order.body else True
    content = payment.content | {"canceled": canceled}
    return _shown(Payments(order.world.connection).change(payment.id, content=content))
