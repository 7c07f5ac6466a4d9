"""Steps that the tests of the Bot API share."""

import asyncio
import json
import random
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from telegram_simulator.testing import Player, RunningSimulator

T = TypeVar("T")
_numbers = random.Random(11).sample(range(100_000), 90_000)
NO_LIMITS: dict[str, Any] = {"everything": None, "private": None, "group": None}


def new_bot(simulator: RunningSimulator, **wishes: Any) -> dict[str, Any]:
    """A bot of its own for one test, without limits unless wished otherwise."""
    wishes = {"limits": NO_LIMITS, **wishes}
    return simulator.create_bot(f"tried_{_numbers.pop()}_bot", **wishes)


@asynccontextmanager
async def program(simulator: RunningSimulator, token: str) -> AsyncIterator[Bot]:
    """An unmodified aiogram that talks to the simulator."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(simulator.bot_api_url))
    bot = Bot(token, session=session)
    try:
        yield bot
    finally:
        await session.close()


@asynccontextmanager
async def polling(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    """A dispatcher at work, as a bot program runs it."""
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


async def meanwhile(step: Callable[[], T]) -> T:
    """A synchronous step of a player, while the bot goes on."""
    return await asyncio.to_thread(step)


def ask(
    simulator: RunningSimulator, token: str, method: str, **parameters: Any
) -> tuple[int, dict[str, Any]]:
    """(HTTP status, answer) of one plain request with a JSON body."""
    request = urllib.request.Request(
        f"{simulator.bot_api_url}/bot{token}/{method}",
        data=json.dumps(parameters).encode(),
        headers={"Content-Type": "application/json"},
    )
    return answer_to(request)


def answer_to(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def result(simulator: RunningSimulator, token: str, method: str, **parameters: Any) -> Any:
    """The result of a request that must succeed."""
    status, answer = ask(simulator, token, method, **parameters)
    assert status == 200, answer
    return answer["result"]


def refusal(simulator: RunningSimulator, token: str, method: str, **parameters: Any) -> tuple[int, str]:
    """(code, description) of a request that must fail."""
    status, answer = ask(simulator, token, method, **parameters)
    assert not answer["ok"], answer
    assert status == answer["error_code"]
    return status, answer["description"]


def updates_of(simulator: RunningSimulator, bot: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits for a bot, without acknowledging it."""
    return list(simulator.get(f"/api/bots/{bot['username']}/updates?limit=1000")["updates"])


def met(simulator: RunningSimulator, bot: dict[str, Any], name: str = "Инна Встречная") -> Player:
    """Somebody who has started the bot; what they caused so far is acknowledged."""
    player = simulator.player(name)
    player.start(bot["username"])
    ask(simulator, bot["token"], "getUpdates", offset=-1)
    last = updates_of(simulator, bot)[-1]["update_id"]
    ask(simulator, bot["token"], "getUpdates", offset=last + 1)
    return player
