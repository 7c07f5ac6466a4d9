"""A dispatcher of aiogram that stores nothing and does nothing: what `make bench ONLY=updates` compares with.

python -m benchmarks.bare_aiogram <Bot API> <token> <messages>: polls until so many messages came, then prints JSON.
"""

import asyncio
import json
import sys
import time

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def run(bot_api: str, token: str, wanted: int) -> None:
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(bot_api)))
    dispatcher = Dispatcher()
    came = first = 0.0
    done = asyncio.Event()

    @dispatcher.message()
    async def handler(_message: Message) -> None:
        nonlocal came, first
        first = first or time.time()
        came += 1
        if came >= wanted:
            done.set()

    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=True))
    await done.wait()
    seconds = time.time() - first
    await dispatcher.stop_polling()
    await polling
    print(json.dumps({"messages": wanted, "seconds": seconds}))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
