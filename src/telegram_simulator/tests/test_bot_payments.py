"""Stars: invoices, the ten seconds in which a bot must agree, refunds, the book, subscriptions."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import LabeledPrice, Message, PreCheckoutQuery

from telegram_simulator.playing import Player
from telegram_simulator.testing import ControlRefused, RunningSimulator
from telegram_simulator.tests.bot_steps import (
    meanwhile,
    met,
    new_bot,
    polling,
    program,
    refusal,
    result,
    updates_of,
)
from telegram_simulator.tests.world_steps import running

MONTH = 2_592_000


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


def order(amount: int = 50, **more: Any) -> dict[str, Any]:
    prices = [LabeledPrice(label="Месяц", amount=amount)]
    about = {"title": "Проверки", "description": "Тысяча номеров", "payload": "заказ-7", "provider_token": ""}
    return {**about, "currency": "XTR", "prices": prices, **more}


def stars(player: Player) -> int:
    return int(player.get("stars")["stars"])


class Shop:
    """A bot that sells, as people write them with aiogram."""

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.paid: list[Message] = []
        self.asked: list[PreCheckoutQuery] = []
        self.dispatcher = Dispatcher()
        self.dispatcher.pre_checkout_query()(self._checkout)
        self.dispatcher.message(lambda message: bool(message.successful_payment))(self._payment)

    async def _checkout(self, query: PreCheckoutQuery) -> None:
        self.asked.append(query)
        await query.answer(ok=not self.answer, error_message=self.answer or None)

    async def _payment(self, message: Message) -> None:
        self.paid.append(message)
        await message.answer("Спасибо!")


async def test_a_person_pays_with_stars_and_the_bot_gives_them_back(simulator: RunningSimulator) -> None:
    bot, shop = new_bot(simulator), Shop()
    player = met(simulator, bot)
    player.post("stars", stars=60)
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_invoice(player.id, **order())
        assert sent.invoice and (sent.invoice.total_amount, sent.invoice.currency) == (50, "XTR")
        assert sent.reply_markup and sent.reply_markup.inline_keyboard[0][0].pay
        shown = player.chat(bot["username"])[-1]
        async with polling(shop.dispatcher, client):
            done = await meanwhile(lambda: player.post("pay", to=bot["username"], message=shown.id))
            await meanwhile(lambda: player.wait_for(bot["username"], "Спасибо!"))
        assert done["state"] == "paid"
        (query,), (message,) = shop.asked, shop.paid
        assert (query.invoice_payload, query.total_amount, query.from_user.id) == ("заказ-7", 50, player.id)
        payment = message.successful_payment
        assert payment and (payment.invoice_payload, payment.total_amount) == ("заказ-7", 50)
        charge = payment.telegram_payment_charge_id
        assert (stars(player), (await client.get_my_star_balance()).amount) == (10, 50)
        with pytest.raises(ControlRefused, match="has been paid already"):
            await meanwhile(lambda: player.post("pay", to=bot["username"], message=shown.id))
        assert await client.refund_star_payment(player.id, charge)
        assert (stars(player), (await client.get_my_star_balance()).amount) == (60, 0)
        with pytest.raises(TelegramBadRequest, match="CHARGE_ALREADY_REFUNDED"):
            await client.refund_star_payment(player.id, charge)
        book = (await client.get_star_transactions()).transactions
        assert [(one.id, one.amount, one.source is None) for one in book] == [
            (charge, 50, False),
            (charge, 50, True),
        ]
    (refunded,) = [u["message"]["refunded_payment"] for u in updates_of(simulator, bot)]
    assert refunded["telegram_payment_charge_id"] == charge


async def test_a_bot_refuses_with_a_reason(simulator: RunningSimulator) -> None:
    bot, shop = new_bot(simulator), Shop(answer="Уже продано")
    player = met(simulator, bot)
    player.post("stars", stars=60)
    async with program(simulator, bot["token"]) as client:
        link = await client.create_invoice_link(**order())
        async with polling(shop.dispatcher, client):
            done = await meanwhile(lambda: player.post("pay", link=link))
    assert (done["state"], done["reason"], stars(player)) == ("refused", "Уже продано", 60)
    assert shop.paid == []


def test_a_bot_that_stays_silent_is_too_late(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    player.post("stars", stars=60)
    link = result(simulator, bot["token"], "createInvoiceLink", **plain(order()))
    with ThreadPoolExecutor(1) as hand:
        paying = hand.submit(lambda: player.post("pay", link=link))
        player.wait_until(lambda _: bool(updates_of(simulator, bot)))
        (query,) = [u["pre_checkout_query"] for u in updates_of(simulator, bot)]
        simulator.post(f"/api/payments/{query['id']}/expire")
        assert paying.result(timeout=5)["state"] == "expired"
    assert stars(player) == 60
    late = refusal(
        simulator, bot["token"], "answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True
    )
    assert late == (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")


def plain(wishes: dict[str, Any]) -> dict[str, Any]:
    return wishes | {"prices": [{"label": one.label, "amount": one.amount} for one in wishes["prices"]]}


async def test_a_subscription_renews_until_it_is_cancelled(simulator: RunningSimulator) -> None:
    bot, shop = new_bot(simulator), Shop()
    player = met(simulator, bot)
    player.post("stars", stars=120)
    async with program(simulator, bot["token"]) as client:
        link = await client.create_invoice_link(**order(), subscription_period=MONTH)
        async with polling(shop.dispatcher, client):
            done = await meanwhile(lambda: player.post("pay", link=link))
            with pytest.raises(ControlRefused, match="You have this subscription already"):
                await meanwhile(lambda: player.post("pay", link=link))
            await meanwhile(lambda: player.post(f"subscriptions/{done['charge']}/renew"))
            async with asyncio.timeout(10):
                while len(shop.paid) < 2:
                    await asyncio.sleep(0.02)
        first, second = (message.successful_payment for message in shop.paid)
        assert (
            first and first.is_recurring and first.is_first_recurring and first.subscription_expiration_date
        )
        assert second and second.is_recurring and not second.is_first_recurring
        assert first.telegram_payment_charge_id != second.telegram_payment_charge_id
        assert await client.edit_user_star_subscription(player.id, done["charge"], is_canceled=True)
        with pytest.raises(ControlRefused, match="cancelled"):
            await meanwhile(lambda: player.post(f"subscriptions/{done['charge']}/renew"))
        book = (await client.get_star_transactions()).transactions
        assert [getattr(one.source, "subscription_period", None) for one in book] == [MONTH, MONTH]
    assert stars(player) == 20


async def test_an_invoice_in_a_group_is_paid_by_whoever_is_first(simulator: RunningSimulator) -> None:
    bot, shop = new_bot(simulator), Shop()
    owner, buyer = met(simulator, bot), simulator.player("Семён Быстрый")
    chat = simulator.post("/api/chats", {"kind": "supergroup", "title": "Склад", "creator": owner.id})
    for person in (buyer.id, bot["id"]):
        simulator.post(f"/api/chats/{chat['id']}/members", {"person": person})
    buyer.post("stars", stars=50)
    group = str(chat["bot_api_id"])
    async with program(simulator, bot["token"]) as client:
        sent = await client.send_invoice(group, **order())
        async with polling(shop.dispatcher, client):
            done = await meanwhile(lambda: buyer.post("pay", to=group, message=sent.message_id))
            await meanwhile(lambda: owner.wait_for(group, "Спасибо!"))
        (message,) = shop.paid
        assert (message.chat.id, message.from_user.id) == (chat["bot_api_id"], buyer.id)  # type: ignore[union-attr]
        with pytest.raises(ControlRefused, match="has been paid already"):
            await meanwhile(lambda: owner.post("pay", to=group, message=sent.message_id))
        assert await client.refund_star_payment(buyer.id, done["charge"])
    assert stars(buyer) == 50


def test_nobody_pays_what_they_do_not_have(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    link = result(simulator, bot["token"], "createInvoiceLink", **plain(order()))
    with pytest.raises(ControlRefused, match="not enough Stars"):
        player.post("pay", link=link)
    assert updates_of(simulator, bot) == []


PRICE = [{"label": "a", "amount": 5}]
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sendInvoice", {"title": ""}, 'parameter "title" is required'),
    ("sendInvoice", {"prices": "["}, "can't parse prices JSON object"),
    ("sendInvoice", {"prices": {}}, "expected an Array of labeled prices"),
    ("sendInvoice", {"prices": [{"label": "a"}]}, 'can\'t parse labeled price: Field "amount" must be of type Number'),
    ("sendInvoice", {"prices": PRICE * 2}, "STARS_INVOICE_INVALID"),
    ("sendInvoice", {"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
    ("sendInvoice", {"currency": "EUR"}, "PAYMENT_PROVIDER_INVALID"),
    ("sendInvoice", {"currency": "stars"}, "CURRENCY_INVALID"),
    ("sendInvoice", {"provider_token": "1:TEST:x"}, "PAYMENT_PROVIDER_INVALID"),
    ("sendInvoice", {"payload": "я" * 65}, "INVOICE_PAYLOAD_INVALID"),
    ("sendInvoice", {"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}},
     "REPLY_MARKUP_BUY_EMPTY"),
    ("createInvoiceLink", {"subscription_period": 60}, "SUBSCRIPTION_PERIOD_INVALID"),
    ("createInvoiceLink", {"subscription_period": MONTH, "prices": [{"label": "a", "amount": 10_001}]},
     "CURRENCY_TOTAL_AMOUNT_INVALID"),
    ("answerPreCheckoutQuery", {"pre_checkout_query_id": "1", "ok": False}, 'parameter "error_message" is required'),
    ("answerPreCheckoutQuery", {"pre_checkout_query_id": "1", "ok": True},
     "query is too old and response timeout expired or query ID is invalid"),
    ("refundStarPayment", {"telegram_payment_charge_id": "stx"}, "CHARGE_NOT_FOUND"),
    ("getStarTransactions", {"limit": 101}, "LIMIT_INVALID"),
]  # fmt: skip


def test_bad_requests_are_answered_in_telegrams_words(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    for method, parameters, sentence in BAD:
        given = parameters
        if method in ("sendInvoice", "createInvoiceLink"):
            given = plain(order()) | parameters | ({"chat_id": player.id} if method == "sendInvoice" else {})
        elif method == "refundStarPayment":
            given = parameters | {"user_id": player.id}
        assert refusal(simulator, bot["token"], method, **given) == (400, f"Bad Request: {sentence}"), (
            method,
            parameters,
        )
    assert len(player.chat(bot["username"])) == 1
