"""Bots seen from outside: creating them, their tokens, limits, waiting updates, and a flood of messages to one."""

import asyncio
import json
from random import Random
from typing import Any

from telegram_simulator.bot_api.register import REGISTER
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.world import acts
from telegram_simulator.world.bots import Bot, bot_limits_from
from telegram_simulator.world.names import full_name
from telegram_simulator.world.recognition import found_in

LARGEST_FLOOD = 1_000_000
FLOOD_STEP = 500  # messages in one transaction


def bot_of(order: Order) -> Bot:
    bot = order.world.bots.by_username(order.path["username"])
    if bot is None:
        raise Refused(404, f"There is no bot {order.path['username']}. Create one with POST /api/bots.")
    return bot


def as_json(order: Order, bot: Bot) -> dict[str, Any]:
    return {
        "id": bot.id,
        "username": bot.username,
        "first_name": bot.first_name,
        "token": bot.token,
        "can_join_groups": bot.can_join_groups,
        "can_read_all_group_messages": bot.can_read_all_group_messages,
        "limits": bot.limits.as_json(),
        "waits": {
            method: round(until - order.now, 1)
            for method, until in order.world.buckets.waits(bot.subject, order.now).items()
        },
        "waiting_updates": order.world.updates.count(bot.id),
        "webhook": bot.webhook.get("url"),
        "allowed_updates": bot.allowed_updates,
        "commands": bot.commands,
    }


@route("GET", "/api/bots")
async def list_bots(order: Order) -> Any:
    return {"bots": [as_json(order, bot) for bot in order.world.bots.all()]}


@route("POST", "/api/bots")
async def create_bot(order: Order) -> Any:
    """{"username", "first_name", "token"?, "can_join_groups"?, "can_read_all_group_messages"?, "limits"?}"""
    wishes = dict(order.wishes())
    unknown = set(wishes) - {"username", "first_name", "token", "limits", *FLAGS}
    if unknown:
        raise Refused(400, f"A bot has no {', '.join(sorted(unknown))}.")
    limits = bot_limits_from(wishes.get("limits") or {})
    username, first_name, token = (wishes.get(name) for name in ("username", "first_name", "token"))
    if not isinstance(username, str) or not isinstance(token, str | None):
        raise Refused(400, "A bot needs a username.")
    with order.world.transaction():
        bot = order.world.bots.create(username=username, first_name=str(first_name or username), token=token)
        flags = {name: bool(wishes[name]) for name in FLAGS if name in wishes}
        bot = order.world.bots.change(bot.id, limits=limits, **flags)
    return as_json(order, bot)


FLAGS = ("can_join_groups", "can_read_all_group_messages")


@route("GET", "/api/bots/{username}")
async def show_bot(order: Order) -> Any:
    return as_json(order, bot_of(order))


@route("PATCH", "/api/bots/{username}")
async def change_bot(order: Order) -> Any:
    """{"can_join_groups"?, "can_read_all_group_messages"?}: what one sets with BotFather."""
    wishes = order.wishes()
    if not wishes or set(wishes) - set(FLAGS):
        raise Refused(400, f"One may change {', '.join(FLAGS)}.")
    bot = order.world.bots.change(bot_of(order).id, **{name: bool(value) for name, value in wishes.items()})
    return as_json(order, bot)


@route("DELETE", "/api/bots/{username}")
async def remove_bot(order: Order) -> Any:
    bot = bot_of(order)
    with order.world.transaction():
        order.world.bots.remove(bot.id)
    order.bot_api.polls.interrupt(bot.id, "the bot was deleted")
    await order.bot_api.webhooks.follow(bot.id)
    return {"removed": True}


@route("POST", "/api/bots/{username}/revoke")
async def revoke_token(order: Order) -> Any:
    """A new token; the old one answers 401 from now on, also to a poll that is under way."""
    bot = order.world.bots.revoke(bot_of(order).id)
    order.bot_api.polls.interrupt(bot.id, "the token was revoked")
    return as_json(order, bot)


@route("PUT", "/api/bots/{username}/limits")
async def set_limits(order: Order) -> Any:
    """{"everything" | "private" | "group": {"capacity", "per_second"} or null for none}. All start full."""
    bot = bot_of(order)
    bot = order.world.bots.change(bot.id, limits=bot_limits_from(order.wishes(), bot.limits))
    order.world.buckets.refill(bot.subject)
    return as_json(order, bot)


@route("GET", "/api/bots/{username}/updates")
async def waiting_updates(order: Order) -> Any:
    """What waits for the bot, oldest first; looking does not acknowledge. ?limit=100"""
    bot = bot_of(order)
    limit = int(order.query.get("limit", "100")) if order.query.get("limit", "100").isdigit() else 100
    found = order.world.updates.waiting(bot.id, limit=limit)
    return {"count": order.world.updates.count(bot.id), "updates": [json.loads(u.as_text()) for u in found]}


@route("POST", "/api/bots/{username}/flood")
async def flood(order: Order) -> Any:
    """{"people": n, "each": m, "text": "…"}: n people of the world write m messages each, mixed, at this moment.

    They are real messages with real people; `{number}` in the text becomes the number of the message.
    """
    bot, wishes = bot_of(order), order.wishes()
    people, each = wishes.get("people", 1), wishes.get("each", 1)
    for number in (people, each):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= LARGEST_FLOOD:
            raise Refused(400, "people and each must be whole numbers of at least 1.")
    if people * each > LARGEST_FLOOD:
        raise Refused(400, f"More than {LARGEST_FLOOD:,} messages at once are not sent.")
    text = str(wishes.get("text") or "Сообщение {number}")
    ids = _people(order, people)
    for start in range(0, people * each, FLOOD_STEP):
        _write_some(order, bot, text, ids, range(start, min(start + FLOOD_STEP, people * each)))
        await asyncio.sleep(0)  # who polls or sends goes on meanwhile
    return {"people": [ids[0], ids[-1]], "messages": people * each}


def _write_some(order: Order, bot: Bot, text: str, ids: list[int], numbers: range) -> None:
    place = ("user", bot.id)
    with order.world.transaction():
        for number in numbers:
            written = text.replace("{number}", str(number + 1))
            found = found_in(written)
            acts.post(
                order.world,
                sender_id=ids[number % len(ids)],
                place=place,
                text=written,
                now=order.now,
                content={"entities": found} if found else {},
            )


def _people(order: Order, count: int) -> list[int]:
    """Inhabitants of the world who are no accounts, and new ones when there are too few."""
    rows = order.world.connection.execute(
        "SELECT id FROM people WHERE NOT bot AND id NOT IN (SELECT person_id FROM accounts) ORDER BY id LIMIT ?",
        (count,),
    )
    ids = [int(row["id"]) for row in rows]
    source = Random(len(ids))
    with order.world.transaction():
        while len(ids) < count:
            first, last = full_name("ru", source)
            phone = f"7977{source.randrange(10**7):07d}"
            if order.world.people.by_phone(phone) is None:
                ids.append(
                    order.world.people.create({"phone": phone, "first_name": first, "last_name": last}).id
                )
    return ids


@route("POST", "/api/callbacks/{id}/expire")
async def expire_tap(order: Order) -> Any:
    """The bot can no longer answer this tap, as if it had waited too long."""
    if order.world.callbacks.get(order.path["id"]) is None:
        raise Refused(404, "There is no such tap.")
    order.world.callbacks.expire(order.path["id"], order.now - 1)
    return {"expired": True}


@route("POST", "/api/messages/age")
async def age_message(order: Order) -> Any:
    """{"bot": username, "message": its id for the bot, "hours"}: let a message in a private chat be older."""
    wishes = order.wishes()
    bot = order.world.bots.by_username(str(wishes.get("bot")))
    number, hours = wishes.get("message"), wishes.get("hours")
    found = order.world.messages.get(bot.id, number) if bot and isinstance(number, int) else None
    if found is None or not isinstance(hours, int | float):
        raise Refused(404, "There is no such message.")
    order.world.connection.execute(
        "UPDATE messages SET date = date - ? WHERE uid = ?", (hours * 3600, found.uid)
    )
    return {"aged": True}


@route("GET", "/api/bot-methods")
async def bot_methods(_: Order) -> Any:
    """The names of the simulated methods of the Bot API with their parameters."""
    return {
        "methods": [
            {"name": method.name, "parameters": [parameter.name for parameter in method.parameters]}
            for method in sorted(REGISTER.values(), key=lambda one: one.name.lower())
        ]
    }
