"""Payments in Telegram Stars. Payments through providers (with a provider_token) are not simulated."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, send
from telegram_simulator.world.acts.paying import answer_checkout, refund
from telegram_simulator.world.payments import (
    ASKED,
    INVOICE_ADDRESS,
    PAID,
    REFUNDED,
    Payment,
    Payments,
    Transaction,
)

MONTH = 2_592_000  # seconds: the only period of a subscription
DEAREST_SUBSCRIPTION = 10_000  # Stars
DEAREST = 100_000  # Stars; Telegram publishes no figure
LATE = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class InvoiceWishes:
    """Everything that is about the order itself; what only providers need is taken and left out, as with Stars."""

    title: str = ""
    description: str = ""
    payload: str = ""
    currency: str = ""
    prices: Json = None
    provider_token: str = ""
    subscription_period: int = 0
    start_parameter: str = ""
    max_tip_amount: int = 0
    suggested_tip_amounts: Json = None
    provider_data: str = ""
    photo_url: str = ""
    photo_size: int = 0
    photo_width: int = 0
    photo_height: int = 0
    need_name: bool = False
    need_phone_number: bool = False
    need_email: bool = False
    need_shipping_address: bool = False
    send_phone_number_to_provider: bool = False
    send_email_to_provider: bool = False
    is_flexible: bool = False


def _content(wishes: InvoiceWishes) -> dict[str, Any]:
    """A checked order. Raises 400."""
    for name in ("title", "description", "payload", "currency"):
        if not getattr(wishes, name):
            raise bad_request(f'parameter "{name}" is required')
    if len(wishes.title) > 32:
        raise bad_request("INVOICE_TITLE_INVALID")
    if len(wishes.description) > 255:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")
    if len(wishes.payload.encode()) > 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    amounts = _amounts(wishes.prices)
    if wishes.currency != "XTR":
        known = len(wishes.currency) == 3 and wishes.currency.isalpha() and wishes.currency.isupper()
        raise bad_request("PAYMENT_PROVIDER_INVALID" if known else "CURRENCY_INVALID")
    if wishes.provider_token:
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    if len(amounts) != 1 or wishes.max_tip_amount or wishes.is_flexible:
        raise bad_request("STARS_INVOICE_INVALID")
    if not 1 <= amounts[0] <= DEAREST:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return {
        "title": wishes.title, "description": wishes.description, "payload": wishes.payload, "currency": "XTR",
        "amount": amounts[0], "start_parameter": wishes.start_parameter, "photo_url": wishes.photo_url,
    }  # fmt: skip


def _amounts(prices: Any) -> list[int]:
    if not isinstance(prices, list):
        raise bad_request(
            "expected an Array of labeled prices" if prices is not None else 'parameter "prices" is required'
        )
    amounts = []
    for price in prices:
        if not isinstance(price, dict) or not isinstance(price.get("label"), str):
            raise bad_request("can't parse labeled price: Can't find field \"label\"")
        amount = price.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise bad_request('can\'t parse labeled price: Field "amount" must be of type Number')
        amounts.append(amount)
    return amounts


@method("sendInvoice")
def send_invoice(call: BotCall, *, chat_id: ChatId, wishes: InvoiceWishes, options: SendOptions) -> Any:
    if wishes.subscription_period:
        raise bad_request("the simulator does not know the parameter subscription_period of sendInvoice")
    order = _content(wishes)
    markup = options.reply_markup or {}
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if rows and not (
        isinstance(rows[0], list) and rows[0] and isinstance(rows[0][0], dict) and rows[0][0].get("pay")
    ):
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    if not rows:
        pay = {"text": f"Pay ⭐️{order['amount']}", "pay": True}
        options.reply_markup = {"inline_keyboard": [[pay]]}
    shown = {
        "title": order["title"], "description": order["description"], "start_parameter": order["start_parameter"],
        "currency": "XTR", "total_amount": order["amount"],
    }  # fmt: skip
    payments = Payments(call.world.connection)
    with call.world.transaction():
        invoice = payments.create_invoice(bot_id=call.bot.id, content=order, now=call.now)
        content = {"shown": {"invoice": shown}, "invoice": invoice.id}
        shape = send(call, chat_id, "", content, options, what="invoice messages")
        # The message in which it stands now carries its number.
        box = call.bot.id if shape["chat"]["type"] in ("private", "group") else -_channel(shape["chat"]["id"])
        message = call.world.messages.get(box, shape["message_id"])
        if message is not None and message.uid is not None:
            payments.set_message(invoice.id, message.uid)
    return shape


def _channel(chat_id: int) -> int:
    return -chat_id - shapes.CHANNELS_FROM


@method("createInvoiceLink")
def create_invoice_link(call: BotCall, *, wishes: InvoiceWishes) -> Any:
    order = _content(wishes)
    if wishes.subscription_period:
        if wishes.subscription_period != MONTH:
            raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
        if order["amount"] > DEAREST_SUBSCRIPTION:
            raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
        order["subscription_period"] = MONTH
    invoice = Payments(call.world.connection).create_invoice(bot_id=call.bot.id, content=order, now=call.now)
    return INVOICE_ADDRESS + invoice.id


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(
    call: BotCall, *, pre_checkout_query_id: str = "", ok: bool = False, error_message: str = ""
) -> Any:
    """Within ten seconds, once; a refusal needs a reason for the person."""
    payment = Payments(call.world.connection).get(pre_checkout_query_id)
    if not ok and not error_message:
        raise bad_request('parameter "error_message" is required')
    if (
        payment is None
        or payment.bot_id != call.bot.id
        or payment.state != ASKED
        or payment.expires_at < call.now
    ):
        raise bad_request(LATE)
    answer_checkout(call.world, payment, agreed=ok, reason=error_message, now=call.now)
    return True


@method("answerShippingQuery")
def answer_shipping_query(
    call: BotCall,
    *,
    shipping_query_id: str = "",
    ok: bool = False,
    shipping_options: Json = None,
    error_message: str = "",
) -> Any:
    """Nothing that costs Stars is shipped, so there never is a query to answer."""
    raise bad_request(LATE)


def _charge(call: BotCall, user_id: int, charge_id: str) -> Payment:
    if call.world.people.by_id(user_id) is None:
        raise bad_request("invalid user_id specified")
    if not charge_id:
        raise bad_request('parameter "telegram_payment_charge_id" is required')
    payment = Payments(call.world.connection).by_charge(call.bot.id, charge_id)
    if payment is None or payment.person_id != user_id:
        raise bad_request("CHARGE_NOT_FOUND")
    return payment


@method("refundStarPayment")
def refund_star_payment(call: BotCall, *, user_id: int, telegram_payment_charge_id: str = "") -> Any:
    payment = _charge(call, user_id, telegram_payment_charge_id)
    if payment.state == REFUNDED:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    if Payments(call.world.connection).balance(call.bot.id) < payment.amount:
        raise bad_request("BALANCE_TOO_LOW")
    refund(call.world, payment, call.now)
    return True


@method("editUserStarSubscription")
def edit_user_star_subscription(
    call: BotCall, *, user_id: int, telegram_payment_charge_id: str = "", is_canceled: bool = False
) -> Any:
    """Cancelled: the period that is paid for runs to its end, and no other begins."""
    payment = _charge(call, user_id, telegram_payment_charge_id)
    if payment.state != PAID or not payment.content.get("first"):
        raise bad_request("SUBSCRIPTION_NOT_ACTIVE")
    content = payment.content | {"canceled_by_bot": is_canceled}
    Payments(call.world.connection).change(payment.id, content=content)
    return True


@method("getMyStarBalance")
def get_my_star_balance(call: BotCall) -> Any:
    return {"amount": Payments(call.world.connection).balance(call.bot.id)}


@method("getStarTransactions")
def get_star_transactions(call: BotCall, *, offset: int = 0, limit: int = 100) -> Any:
    if offset < 0 or not 1 <= limit <= 100:
        raise bad_request("OFFSET_INVALID" if offset < 0 else "LIMIT_INVALID")
    found = Payments(call.world.connection).transactions(call.bot.id, offset=offset, limit=limit)
    return {"transactions": [_transaction(call, one) for one in found]}


def _transaction(call: BotCall, one: Transaction) -> dict[str, Any]:
    """A StarTransaction; a refund bears the number of the payment that it gives back."""
    partner: dict[str, Any] = {
        "type": "user", "transaction_type": "invoice_payment",
        "user": shapes.user_by_id(call.world, one.person_id or 0), "invoice_payload": one.content["payload"],
    }  # fmt: skip
    if one.content.get("period"):
        partner["subscription_period"] = one.content["period"]
    side = "source" if one.amount > 0 else "receiver"
    return {"id": one.id, "amount": abs(one.amount), "date": int(one.at), side: partner}
