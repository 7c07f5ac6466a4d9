"""Updates that are delivered to a bot's own web server."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from aiogram import Dispatcher, types
from aiogram.exceptions import TelegramBadRequest
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.bot_steps import meanwhile, met, new_bot, program, refusal, result
from telegram_simulator.tests.world_steps import eventually, running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


@contextlib.asynccontextmanager
async def server(application: web.Application, port: int = 0) -> AsyncIterator[tuple[str, int]]:
    """(address of /hook, port) of a web server of the bot."""
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    bound = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{bound}/hook", bound
    finally:
        await runner.cleanup()


def listening(answer: Callable[[dict[str, Any], web.Request], web.Response]) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        return answer(json.loads(await request.text()), request)

    application = web.Application()
    application.router.add_post("/hook", take)
    return application


async def test_aiogram_serves_a_webhook_with_its_secret(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    player = await meanwhile(lambda: met(simulator, own))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: types.Message) -> Any:
        return message.answer(f"Слышу: {message.text}")  # sent as the answer to the webhook

    async with program(simulator, own["token"]) as bot:
        application = web.Application()
        handler = SimpleRequestHandler(
            dispatcher, bot, handle_in_background=False, secret_token="s3cret_token-1"
        )
        handler.register(application, path="/hook")
        async with server(application) as (address, _):
            await bot.set_webhook(address, secret_token="s3cret_token-1", max_connections=5)
            await meanwhile(lambda: player.write(own["username"], "Раз"))
            await meanwhile(lambda: player.wait_for(own["username"], "Слышу: Раз"))
            info = await bot.get_webhook_info()
            assert (info.url, info.pending_update_count, info.last_error_message, info.max_connections) == (
                address, 0, None, 5,
            )  # fmt: skip
            await bot.set_webhook(address, secret_token="another")
            await meanwhile(lambda: player.write(own["username"], "Два"))

            async def refused() -> bool:
                return (await bot.get_webhook_info()).last_error_message == (
                    "Wrong response from the webhook: 401 Unauthorized"
                )

            await eventually(refused)
            assert (await bot.get_webhook_info()).pending_update_count == 1
            await bot.delete_webhook()
            waiting = await bot.get_updates()
            assert [u.message.text for u in waiting if u.message] == ["Два"]


async def test_what_fails_is_delivered_again_in_the_order_of_each_chat(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    one, other = await meanwhile(lambda: (met(simulator, own, "Один"), met(simulator, own, "Другая")))
    heard: list[tuple[int, str, int]] = []
    failures = {"one": 1}

    def take(update: dict[str, Any], _: web.Request) -> web.Response:
        message = update["message"]
        broken = message["chat"]["id"] == one.id and failures["one"] > 0
        failures["one"] -= broken
        heard.append((message["chat"]["id"], message["text"], 500 if broken else 200))
        return web.Response(status=500 if broken else 200)

    async with server(listening(take)) as (address, _):
        result(simulator, own["token"], "setWebhook", url=address)
        for number in range(3):
            await meanwhile(lambda n=number: one.write(own["username"], f"1-{n}"))  # type: ignore[misc]
            await meanwhile(lambda n=number: other.write(own["username"], f"2-{n}"))  # type: ignore[misc]

        async def everything() -> bool:
            return sum(status == 200 for _, _, status in heard) == 6

        await eventually(everything, within=10)
    assert [(text, status) for chat, text, status in heard if chat == one.id] == [
        ("1-0", 500), ("1-0", 200), ("1-1", 200), ("1-2", 200),
    ]  # fmt: skip
    assert [text for chat, text, _ in heard if chat == other.id] == ["2-0", "2-1", "2-2"]
    assert heard.index((other.id, "2-2", 200)) < heard.index((one.id, "1-0", 200)), (
        "one chat holds back no other"
    )


async def test_a_bot_that_was_down_gets_everything_when_it_is_back(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    player = await meanwhile(lambda: met(simulator, own))
    heard: list[str] = []

    def take(update: dict[str, Any], _: web.Request) -> web.Response:
        heard.append(update["message"]["text"])
        return web.Response()

    async with server(listening(take)) as (address, port):
        result(simulator, own["token"], "setWebhook", url=address)
    await meanwhile(lambda: player.write(own["username"], "Пока тебя не было"))

    async def noticed() -> bool:
        info = await meanwhile(lambda: result(simulator, own["token"], "getWebhookInfo"))
        return bool(info.get("last_error_message") == "Connection refused")

    await eventually(noticed)
    await meanwhile(simulator.kill)
    await meanwhile(simulator.restart)
    async with server(listening(take), port):

        async def caught_up() -> bool:
            return heard == ["Пока тебя не было"]

        await eventually(caught_up, within=10)


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"url": "http://bot.example.com/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://bot.example.com:8000/hook"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "ftp://bot.example.com/hook"}, "invalid webhook URL specified"),
        ({"url": "https://:443"}, "invalid webhook URL specified"),
        (
            {"url": "http://127.0.0.1:9/", "secret_token": "что-то"},
            "secret token contains unallowed characters",
        ),
        ({"url": "http://127.0.0.1:9/", "secret_token": "x" * 257}, "secret token is too long"),
    ],
)
def test_a_webhook_that_telegram_would_not_take_is_refused(
    simulator: RunningSimulator, wishes: dict[str, Any], sentence: str
) -> None:
    own = new_bot(simulator)
    assert refusal(simulator, own["token"], "setWebhook", **wishes) == (400, f"Bad Request: {sentence}")


async def test_pending_updates_can_be_dropped(simulator: RunningSimulator) -> None:
    own = new_bot(simulator)
    player = await meanwhile(lambda: met(simulator, own))
    await meanwhile(lambda: player.write(own["username"], "Старое"))
    async with program(simulator, own["token"]) as bot:
        await bot.delete_webhook(drop_pending_updates=True)
        assert await bot.get_updates() == []
        with pytest.raises(TelegramBadRequest):
            await bot.set_webhook("http://example.com")
