"""Updates beside messages, taps and members: people who ask to be let in, and payments that wait for a word."""

from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.feed import queue, wants
from telegram_simulator.bot_api.poll_shape import poll_shape
from telegram_simulator.bot_api.standing import BOSSES, may
from telegram_simulator.world.acts.joining import JoinAsked
from telegram_simulator.world.acts.paying import PaymentAsked
from telegram_simulator.world.acts.polling import PollChanged
from telegram_simulator.world.acts.reacting import Reacted
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
            case Reacted():
                self._reaction(bot, fact, now)
            case PollChanged():
                self._poll(bot, fact, now)

    def _join_asked(self, bot: Bot, fact: JoinAsked, now: float) -> None:
        """For administrators that may invite; they may write to the person for five minutes, until it is decided."""
        world = self._world
        standing = world.chats.membership(fact.chat.id, bot.id)
        if not wants(bot, "chat_join_request") or not may(standing, "can_invite_users"):
            return
        world.bots.acquaint(bot.id, fact.person_id, now, may_write=False)
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
        """In a lane of its own: there are ten seconds for it, whatever else waits."""
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
        queue(self._world, bot, "pre_checkout_query", content, lane=int(payment.id), now=now)

    def _reaction(self, bot: Bot, fact: Reacted, now: float) -> None:
        """Of people, in private chats and where the bot is an administrator, and only when it has named them."""
        world, message = self._world, fact.message
        person = world.people.by_id(fact.person_id)
        in_group = message.peer_kind != "user"
        if not wants(bot, "message_reaction") or person is None or person.bot:
            return
        if in_group and world.chats.role(message.peer_id, bot.id) not in BOSSES:
            return
        content = {
            "chat": shapes.chat(world, message.peer),
            "message_id": message.id,
            "user": shapes.user(person),
            "date": int(now),
            "old_reaction": [{"type": "emoji", "emoji": one} for one in fact.before],
            "new_reaction": [{"type": "emoji", "emoji": one} for one in fact.after],
        }
        queue(world, bot, "message_reaction", content, lane=shapes.chat_id(message.peer), now=now)

    def _poll(self, bot: Bot, fact: PollChanged, now: float) -> None:
        """Polls that the bot has sent itself; who has voted is told only where votes are not secret."""
        world, poll = self._world, fact.poll
        if fact.sender_id != bot.id:
            return
        if fact.voter is not None and not poll["anonymous"] and wants(bot, "poll_answer"):
            chosen = poll["votes"].get(str(fact.voter), [])
            content = {
                "poll_id": poll["id"],
                "user": shapes.user_by_id(world, fact.voter),
                "option_ids": chosen,
                "option_persistent_ids": [str(one) for one in chosen],
            }
            queue(world, bot, "poll_answer", content, lane=fact.voter, now=now)
        if wants(bot, "poll"):
            queue(world, bot, "poll", poll_shape(poll), lane=int(poll["id"]), now=now)
