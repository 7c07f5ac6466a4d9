"""What a client program does with bots: starting them, tapping their buttons, blocking them."""

import asyncio
from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import contacts, messages

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.methods.messages import place_of, receipt
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world import acts
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.hub import TapAnswered

LONGEST_PARAMETER = 64


def _bot(call: Call, given: Any) -> Bot:
    person = entities.person_of(call, given)
    bot = call.world.bots.by_id(person.id)
    if bot is None:
        raise RpcError(400, "BOT_INVALID")
    return bot


@method(messages.StartBotRequest, refused_when_frozen=True)
def start_bot(call: Call) -> Any:
    """The Start button, perhaps of a link with a parameter."""
    bot, payload = _bot(call, call.request.bot), call.request.start_param
    if len(payload) > LONGEST_PARAMETER:
        raise RpcError(400, "START_PARAM_TOO_LONG")
    if call.world.messages.knows_random_id(call.account.id, call.request.random_id):
        raise RpcError(500, "RANDOM_ID_DUPLICATE")
    with call.world.transaction():
        call.world.messages.remember_random_id(call.account.id, call.request.random_id)
        posted = acts.press_start(
            call.world, person_id=call.account.id, bot_id=bot.id, payload=payload, now=call.now
        )
    return receipt(call, posted.own)


@method(messages.GetBotCallbackAnswerRequest, refused_when_frozen=True)
async def get_bot_callback_answer(call: Call) -> Any:
    """Taps a button and waits for what the bot says to it."""
    box, peer = place_of(call, call.request.peer)
    message = call.world.messages.get(box, call.request.msg_id)
    if message is None or message.peer != peer:
        raise RpcError(400, "MESSAGE_ID_INVALID")
    data = (call.request.data or b"").decode("utf-8", "replace")
    answered = asyncio.Event()
    stop = call.world.hub.listen(
        lambda _, fact: answered.set() if isinstance(fact, TapAnswered) else None, call.account.id
    )
    try:
        tapped = acts.tap(call.world, person_id=call.account.id, message=message, data=data, now=call.now)
        while (found := call.world.callbacks.must(tapped.id)).answered_at is None:
            answered.clear()
            await asyncio.wait_for(answered.wait(), timeout=tapped.expires_at - tapped.created_at)
    except acts.UnableToAct:
        raise RpcError(400, "DATA_INVALID") from None
    except TimeoutError:
        raise RpcError(400, "BOT_RESPONSE_TIMEOUT") from None
    finally:
        stop()
    return tl.messages.BotCallbackAnswer(
        cache_time=0,
        alert=found.alert or None,
        has_url=found.url is not None or None,
        message=found.text,
        url=found.url,
    )


@method(contacts.BlockRequest, refused_when_frozen=True)
def block(call: Call) -> Any:
    """Only bots can be blocked here."""
    acts.block(call.world, person_id=call.account.id, bot_id=_bot(call, call.request.id).id, now=call.now)
    return True


@method(contacts.UnblockRequest, refused_when_frozen=True)
def unblock(call: Call) -> Any:
    acts.unblock(call.world, person_id=call.account.id, bot_id=_bot(call, call.request.id).id, now=call.now)
    return True
