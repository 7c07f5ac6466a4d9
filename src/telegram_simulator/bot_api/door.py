"""The Bot API's HTTP: /bot<token>/<method>, JSON out, everything else as Telegram's own server does it."""

import asyncio
import inspect
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from telegram_simulator.bot_api.bodies import LARGEST_BODY, ROOM, parameters_of, too_large
from telegram_simulator.bot_api.errors import BotApiError, not_found, too_many_requests, unauthorized
from telegram_simulator.bot_api.feed import Feed
from telegram_simulator.bot_api.feed_chats import ChatsFeed
from telegram_simulator.bot_api.methods import (
    albums,
    callbacks,
    cards,
    chats,
    files,
    forwarding,
    general_topic,
    invites,
    keyboards,
    media,
    members,
    messages,
    mini_apps,
    payments,
    reactions,
    settings,
    surveys,
    topics,
    updates,
)  # fmt: skip
from telegram_simulator.bot_api.methods.files import content_at
from telegram_simulator.bot_api.methods.updates import Described, RawJson
from telegram_simulator.bot_api.polls import Polls
from telegram_simulator.bot_api.register import REGISTER, BotCall, Upload
from telegram_simulator.bot_api.webhooks import Webhooks
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.faults import Fault
from telegram_simulator.world.world import World

log = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# Importing a theme enters its methods into the register.
THEMES = (
    albums, callbacks, cards, chats, files, forwarding, general_topic, invites, keyboards, media, members,
    messages, mini_apps, payments, reactions, settings, surveys,
    topics, updates,
)  # fmt: skip
SENDING = ("send", "edit", "copy", "forward")
LARGE_BODY = 1_048_576  # bytes
METHOD_PATH = re.compile(r"/bot(\d+:[\w-]+)/(\w+)/?")
FILE_PATH = re.compile(r"/file/bot(\d+:[\w-]+)/(.+)")


class Gone(Exception):
    """The client has closed the connection, or a fault has cut it."""


Waiting = Callable[[], Awaitable[None]]


class BotApiDoor:
    """A raw ASGI application."""

    def __init__(self, world: World, *, clock: Callable[[], float] = time.time) -> None:
        self.world = world
        self.clock = clock
        self.feed = Feed(world)
        self.chats_feed = ChatsFeed(world)
        self.polls = Polls(world.hub)
        self.webhooks = Webhooks(world, self.answer_webhook, clock)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._serve(scope, receive, send)
        except Gone:
            _transport(send).abort()

    async def _serve(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        faults: list[Fault] = []
        try:
            bot, method = self._addressed(scope["path"])
            body = await _read(receive)
            if method is None:
                await self._serve_file(scope["path"], bot, send, faults)
                return
            answer = await self._answer(
                scope, bot=bot, method=method, body=body, receive=receive, faults=faults
            )
        except BotApiError as error:
            await _respond(send, error.code, json.dumps(error.as_json(), ensure_ascii=False), faults)
        except Gone:
            raise
        except Exception:
            log.exception("a request of a bot failed")
            await _respond(
                send, 500, '{"ok":false,"error_code":500,"description":"Internal Server Error"}', faults
            )
        else:
            await _respond(send, 200, _as_text(answer), faults)

    def _addressed(self, path: str) -> tuple[Bot, str | None]:
        found = METHOD_PATH.fullmatch(path) or FILE_PATH.fullmatch(path)
        if found is None:
            raise BotApiError(404, "Not Found")
        bot = self.world.bots.by_token(found[1])
        if bot is None:
            raise unauthorized()
        return bot, (found[2] if path.startswith("/bot") else None)

    async def _serve_file(self, path: str, bot: Bot, send: Send, faults: list[Fault]) -> None:
        """Faults strike downloads under the name of a method "file"."""
        faults += self.world.faults.strike_bot(bot.username, "file")
        for fault in faults:
            await _strike(fault)
        found = FILE_PATH.fullmatch(path)
        content = content_at(self.world, bot, found[2] if found else "", self.clock())
        await _respond(send, 200, content, faults, content_type=b"application/octet-stream")

    async def _answer(
        self,
        scope: MutableMapping[str, Any],
        *,
        bot: Bot,
        method: str,
        body: bytes,
        receive: Receive,
        faults: list[Fault],
    ) -> Any:
        entered = REGISTER.get(method.lower())
        name = entered.name if entered else method
        self.world.counters.add(bot.username, f"requests:{name}")
        faults += self.world.faults.strike_bot(bot.username, name)
        try:
            for fault in faults:
                if fault.kind == "retry_after" and name.startswith(SENDING) and name != "sendChatAction":
                    # The whole bot has to wait: whoever writes before that disregards it.
                    seconds = fault.parameters["seconds"]
                    self.world.buckets.announce(bot.subject, "send", seconds, self.clock())
                await _strike(fault)
            content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
            query = scope["query_string"].decode("latin-1")
            if len(body) > LARGE_BODY:  # other bots go on meanwhile
                given, uploads = await asyncio.to_thread(parameters_of, query, content_type, body)
            else:
                given, uploads = parameters_of(query, content_type, body)
            return await self.call(bot, method, given, uploads, lambda: _until_gone(receive))
        except BotApiError as error:
            self.world.counters.add(bot.username, f"errors:{error.description}")
            raise

    async def call(
        self, bot: Bot, method: str, given: dict[str, Any], uploads: dict[str, Upload], gone: Waiting
    ) -> Any:  # fmt: skip
        """Carry out one method for a bot. Raises BotApiError."""
        entered = REGISTER.get(method.lower())
        if entered is None:
            raise not_found(f"method {method} is not simulated")
        # The bot may have been changed while a fault held the request back.
        bot = self.world.bots.by_id(bot.id) or bot
        call = BotCall(self.world, bot, entered.name, given, uploads, self.clock(), gone, services=self)
        # Files count as given: a method says "attach://name" or takes a file under the parameter's own name.
        files = {
            name: upload for name, upload in uploads.items() if name in {p.name for p in entered.parameters}
        }
        arguments = entered.arguments(given | {name: f"attach://{name}" for name in files})
        answer = entered.answer(call, **arguments)
        return await answer if inspect.isawaitable(answer) else answer

    async def answer_webhook(self, bot: Bot, content_type: str, body: bytes) -> None:
        """A webhook's response may itself be a call of a method; its result goes nowhere, as with Telegram."""
        try:
            given, uploads = parameters_of("", content_type, body)
            method = str(given.pop("method", ""))
            if method:
                self.world.counters.add(bot.username, f"requests:{method}")
                await self.call(bot, method, given, uploads, _never)
        except BotApiError as error:
            self.world.counters.add(bot.username, f"errors:{error.description}")

    async def start(self) -> None:
        for bot in self.world.bots.all():
            await self.webhooks.follow(bot.id)

    async def stop(self) -> None:
        self.polls.wake_all()
        await self.webhooks.stop()


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _strike(fault: Fault) -> None:
    match fault.kind:
        case "latency":
            await asyncio.sleep(fault.parameters["milliseconds"] / 1000)
        case "drop_before":
            raise Gone
        case "retry_after":
            raise too_many_requests(fault.parameters["seconds"])
        case "error":
            raise BotApiError(fault.parameters["code"], fault.parameters["message"])
        case "down":
            raise BotApiError(502, "Bad Gateway")


def _as_text(answer: Any) -> str:
    if isinstance(answer, RawJson):
        return f'{{"ok":true,"result":{answer}}}'
    if isinstance(answer, Described):
        return json.dumps({"ok": True, "result": answer.result, "description": answer.description})
    return json.dumps({"ok": True, "result": answer}, ensure_ascii=False, separators=(",", ":"))


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY + ROOM:
            raise too_large()
        if not message.get("more_body"):
            return b"".join(parts)


async def _respond(
    send: Send, status: int, answer: str | bytes, faults: list[Fault], *, content_type: bytes = b"application/json"
) -> None:  # fmt: skip
    kinds = {fault.kind for fault in faults}
    if "drop_after" in kinds:
        raise Gone
    content = answer.encode() if isinstance(answer, str) else answer
    headers = [(b"content-type", content_type), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if "cut_answer" in kinds:
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        _transport(send).close()  # what was written still goes out
        return
    await send({"type": "http.response.body", "body": content})


def _transport(send: Send) -> Any:
    """The TCP connection below; ASGI has no word for cutting it, `send` is a method of what has (see http.py)."""
    return send.__self__.transport  # type: ignore[attr-defined]
