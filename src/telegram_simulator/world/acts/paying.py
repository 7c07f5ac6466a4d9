"""Paying a bot with Stars: the person asks, the bot agrees within ten seconds, the Stars move."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.world.acts.posting import UnableToAct, post
from telegram_simulator.world.messages import Message, Peer
from telegram_simulator.world.payments import (
    AGREED,
    ASKED,
    EXPIRED,
    PAID,
    REFUNDED,
    REFUSED,
    Invoice,
    Payment,
    Payments,
    new_charge_id,
)  # fmt: skip
from telegram_simulator.world.world import World


@dataclass(frozen=True, slots=True)
class PaymentAsked:
    """Told to the bot."""

    payment: Payment


@dataclass(frozen=True, slots=True)
class PaymentSettled:
    """Told to the person: paid, refused (with the bot's reason), or expired because the bot did not answer."""

    payment: Payment


def invoice_under(world: World, message: Message) -> Invoice:
    """The invoice that a message carries."""
    invoice_id = message.content.get("invoice")
    invoice = Payments(world.connection).invoice(invoice_id) if invoice_id else None
    if invoice is None:
        raise UnableToAct("There is nothing to pay in this message.")
    return invoice


def ask_to_pay(world: World, *, person_id: int, invoice: Invoice, now: float) -> Payment:
    """The person confirms the payment; the bot is asked whether it still agrees."""
    payments = Payments(world.connection)
    bot = world.bots.by_id(invoice.bot_id)
    if bot is None:
        raise UnableToAct("The bot is no longer there.")
    if world.bots.blocked_by(bot.id, person_id):
        raise UnableToAct("You have blocked this bot; unblock it first.")
    if invoice.uid is not None and payments.paid_for(invoice.id):
        raise UnableToAct("This invoice has been paid already.")
    if invoice.period and any(
        one.content.get("until", 0) > now for one in payments.paid_for(invoice.id, person_id)
    ):
        raise UnableToAct("You have this subscription already.")
    if payments.balance(person_id) < invoice.amount:
        raise UnableToAct(f"You have not enough Stars: {invoice.amount} are needed.")
    with world.transaction():
        world.bots.acquaint(bot.id, person_id, now, may_write=True)
        payment = payments.ask(invoice=invoice, person_id=person_id, now=now)
        world.hub.tell(bot.id, PaymentAsked(payment), now)
    return payment


def answer_checkout(world: World, payment: Payment, *, agreed: bool, reason: str, now: float) -> Payment:
    """The bot's word; the caller has checked that the payment still waits for it."""
    payments = Payments(world.connection)
    with world.transaction():
        if not agreed:
            settled = payments.change(payment.id, state=REFUSED, reason=reason)
        elif payments.balance(payment.person_id) < payment.amount:
            settled = payments.change(payment.id, state=REFUSED, reason="You have not enough Stars any more.")
        else:
            settled = _pay(world, payments.change(payment.id, state=AGREED), now)
        world.hub.tell(payment.person_id, PaymentSettled(settled), now)
    return settled


def expire(world: World, payment_id: str, now: float) -> Payment:
    """Ten seconds are over: a payment that still waits for the bot is off."""
    payments = Payments(world.connection)
    payment = payments.must(payment_id)
    if payment.state == ASKED and payment.expires_at <= now:
        with world.transaction():
            payment = payments.change(payment.id, state=EXPIRED, reason="The bot did not answer in time.")
            world.hub.tell(payment.person_id, PaymentSettled(payment), now)
    return payment


def _pay(world: World, payment: Payment, now: float, *, recurring: bool = False) -> Payment:
    payments = Payments(world.connection)
    invoice = payments.invoice(payment.invoice_id)
    if invoice is None:
        raise LookupError("a payment belongs to an invoice")
    content: dict[str, Any] = {}
    told: dict[str, Any] = {}
    if invoice.period:
        content = {"until": now + invoice.period, "first": not recurring}
        told = {"subscription_expiration_date": int(now + invoice.period), "is_recurring": True}
        told |= {} if recurring else {"is_first_recurring": True}
    paid = payments.change(payment.id, state=PAID, charge_id=new_charge_id(), content=content)
    payments.book(
        transaction_id=str(paid.charge_id), bot_id=paid.bot_id, person_id=paid.person_id, amount=paid.amount,
        kind="invoice_payment", content={"payload": paid.payload, "period": invoice.period}, now=now,
    )  # fmt: skip
    service = {"kind": "successful_payment", "value": receipt(paid) | told}
    post(
        world,
        sender_id=paid.person_id,
        place=_place(world, invoice, paid),
        text="",
        now=now,
        content={"service": service},
    )
    return paid


def receipt(payment: Payment) -> dict[str, Any]:
    """The fields that SuccessfulPayment and RefundedPayment share."""
    return {
        "currency": payment.currency, "total_amount": payment.amount, "invoice_payload": payment.payload,
        "telegram_payment_charge_id": payment.charge_id, "provider_payment_charge_id": "",
    }  # fmt: skip


def _place(world: World, invoice: Invoice, payment: Payment) -> Peer:
    """Where the service message goes: the chat of the invoice's message, or the private chat with the bot."""
    copies = world.messages.copies(invoice.uid) if invoice.uid is not None else []
    group = next((copy.peer for copy in copies if copy.peer_kind != "user"), None)
    return group or ("user", payment.bot_id)


def refund(world: World, payment: Payment, now: float) -> Payment:
    """The Stars go back; the caller has checked that they were paid and not given back."""
    payments = Payments(world.connection)
    with world.transaction():
        refunded = payments.change(payment.id, state=REFUNDED)
        payments.book(
            transaction_id=str(payment.charge_id), bot_id=payment.bot_id, person_id=payment.person_id,
            amount=-payment.amount, kind="refund", content={"payload": payment.payload}, now=now,
        )  # fmt: skip
        service = {"kind": "refunded_payment", "value": receipt(payment)}
        if not world.bots.blocked_by(payment.bot_id, payment.person_id):
            place = ("user", payment.bot_id)
            post(
                world,
                sender_id=payment.person_id,
                place=place,
                text="",
                now=now,
                content={"service": service},
            )
    return refunded


def renew(world: World, first: Payment, now: float) -> Payment:
    """The next period of a subscription begins: without asking the bot, as Telegram does it."""
    payments = Payments(world.connection)
    invoice = payments.invoice(first.invoice_id)
    if invoice is None or not first.content.get("first"):
        raise UnableToAct("This payment has not begun a subscription.")
    if first.content.get("canceled") or first.content.get("canceled_by_bot") or first.state != PAID:
        raise UnableToAct("This subscription has been cancelled.")
    if payments.balance(first.person_id) < invoice.amount:
        raise UnableToAct("There are not enough Stars for the next period.")
    with world.transaction():
        payment = payments.ask(invoice=invoice, person_id=first.person_id, now=now)
        paid = _pay(world, payment, now, recurring=True)
        payments.change(first.id, content=first.content | {"until": paid.content["until"]})
        world.hub.tell(paid.person_id, PaymentSettled(paid), now)
    return paid
