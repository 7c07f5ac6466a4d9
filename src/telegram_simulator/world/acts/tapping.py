"""Buttons under messages."""

from typing import Any

from telegram_simulator.world.acts.posting import UnableToAct
from telegram_simulator.world.callbacks import Callback
from telegram_simulator.world.hub import TapAnswered, Tapped
from telegram_simulator.world.messages import Message
from telegram_simulator.world.world import World


def tap(world: World, *, person_id: int, message: Message, data: str, now: float) -> Callback:
    """A person taps the button with these data under the message, of which they have given their copy."""
    if message.uid is None or data not in callback_data(message):
        raise UnableToAct("This message has no such button (any more).")
    bot = world.bots.by_id(message.from_id)
    if bot is None:
        raise UnableToAct("The message does not come from a bot that a program plays.")
    with world.transaction():
        world.bots.acquaint(bot.id, person_id, now, may_write=message.peer_kind == "user")
        callback = world.callbacks.create(
            bot_id=bot.id, person_id=person_id, uid=message.uid, data=data, now=now
        )
        copy = world.messages.copy_in(message.box if message.box < 0 else bot.id, message.uid)
        if copy is None:
            raise UnableToAct("The bot no longer has this message.")
        world.hub.tell(bot.id, Tapped(callback.id, person_id, copy, data), now)
    return callback


def answer_tap(
    world: World, callback_id: str, *, text: str | None, alert: bool, url: str | None, cache_time: int, now: float
) -> Callback:  # fmt: skip
    with world.transaction():
        callback = world.callbacks.answer(
            callback_id, text=text, alert=alert, url=url, cache_time=cache_time, now=now
        )
        world.hub.tell(callback.person_id, TapAnswered(callback.id), now)
    return callback


def inline_buttons(message: Message) -> list[list[dict[str, Any]]]:
    rows = message.content.get("markup", {}).get("inline_keyboard", [])
    return [list(row) for row in rows]


def callback_data(message: Message) -> set[str]:
    return {b["callback_data"] for row in inline_buttons(message) for b in row if "callback_data" in b}
