"""Reactions and answers to polls on the play page."""

from typing import Any

from telegram_simulator.bot_api.poll_shape import poll_shape
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.api import message_of, player_of
from telegram_simulator.world.acts.polling import vote
from telegram_simulator.world.acts.reacting import EMOJI, react


@route("GET", "/play/api/reactions")
async def known(_: Order) -> Any:
    """{"emoji": those that there are}"""
    return {"emoji": list(EMOJI)}


@route("POST", "/play/api/{person}/react")
async def set_reaction(order: Order) -> Any:
    """{"to", "message": id, "emoji"}: one, or "" to take it back."""
    person, emoji = player_of(order), str(order.wishes().get("emoji") or "")
    wanted = [emoji] if emoji else []
    changed = react(order.world, message=message_of(order), person_id=person.id, emoji=wanted, now=order.now)
    return {"changed": changed}


@route("POST", "/play/api/{person}/vote")
async def answer_poll(order: Order) -> Any:
    """{"to", "message": id, "options": numbers from 0}; none takes the answer back."""
    person, options = player_of(order), order.wishes().get("options")
    if not isinstance(options, list) or any(
        not isinstance(one, int) or isinstance(one, bool) for one in options
    ):
        raise Refused(400, "options must be a list of numbers.")
    poll = vote(order.world, message=message_of(order), person_id=person.id, options=options, now=order.now)
    return poll_shape(poll)
