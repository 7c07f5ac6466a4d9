"""Updates beside messages, taps and members: people who ask to be let in, and payments that wait for a word."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.feed import queue, wants
from telegram_simulator.bot_api.standing import may
from telegram_simulator.world.acts.joining import JoinAsked
from telegram_simulator.world.acts.paying import PaymentAsked
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.invites import Invites
from telegram_simulator.world.world import World


class ChatsFeed:
    def __init__(self, world: World) -> None:
        self._world = world
        world.hub.witness(self._witness)

    def _witness(self, person_id: int, fact: Any, now: float) -> None:
        bot = self._world.bots.by_id(person_id)
        if bot is None:
            return
        match fact:
            case JoinAsked():
                self._join_asked(bot, fact, now)
            case PaymentAsked():
                self._payment(bot, fact, now)

    def _join_asked(self, bot: Bot, fact: JoinAsked, now: float) -> None:
        """Only for administrators that may invite; they may then write to the person."""
        world = self._world
        standing = world.chats.membership(fact.chat.id, bot.id)
        if not wants(bot, "chat_join_request") or not may(standing, "can_invite_users"):
            return
        world.bots.acquaint(bot.id, fact.person_id, now, may_write=True)
        invite = Invites(world.connection).get(fact.link) if fact.link else None
        content: dict[str, Any] = {
            "chat": shapes.chat(world, fact.chat.peer),
            "from": shapes.user_by_id(world, fact.person_id),
            "user_chat_id": fact.person_id,
            "date": int(now),
        }
        content |= {"bio": fact.bio} if fact.bio else {}
        content |= {"invite_link": shapes.invite_link(world, invite)} if invite else {}
        queue(world, bot, "chat_join_request", content, lane=content["chat"]["id"], now=now)

    def _payment(self, bot: Bot, fact: PaymentAsked, now: float) -> None:
        if not wants(bot, "pre_checkout_query"):
            return
        payment = fact.payment
        content = {
            "id": payment.id,
            "from": shapes.user_by_id(self._world, payment.person_id),
            "currency": payment.currency,
            "total_amount": payment.amount,
            "invoice_payload": payment.payload,
        }
        queue(self._world, bot, "pre_checkout_query", content, lane=payment.person_id, now=now)
