"""The control door's HTTP: finds the route, reads and writes JSON, turns every refusal into a sentence."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, quote

# Importing the route files enters their routes.
from telegram_simulator.bot_api.door import BotApiDoor
from telegram_simulator.control import accounts, bots, chats, faults, page, people, samples  # noqa: F401
from telegram_simulator.control.orders import ROUTES, Answer, Bytes, Order, Refused, Stream, Text
from telegram_simulator.methods.dispatch import Dispatcher
from telegram_simulator.oauth.door import OAuthDoor
from telegram_simulator.play import api, apps, events, files, joining, pages, paying, reacting  # noqa: F401
from telegram_simulator.play import chats as play_chats  # noqa: F401
from telegram_simulator.world.acts import UnableToAct
from telegram_simulator.world.faults import UnableToOrderFault
from telegram_simulator.world.limits import UnableToSetLimits
from telegram_simulator.world.people import UnableToChangePerson
from telegram_simulator.world.world import World

log = logging.getLogger(__name__)
LARGEST_BODY = 8_000_000  # bytes
LARGEST_FILE = 60_000_000  # what a person sends from the play page
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ControlDoor:
    """A raw ASGI application."""

    def __init__(self, world: World, dispatcher: Dispatcher, bot_api: BotApiDoor) -> None:
        self._world = world
        self._bot_api = bot_api
        self._dispatcher = dispatcher
        self._oauth = OAuthDoor(world, dispatcher.clock)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/oauth/"):
            await self._oauth(scope, receive, send)
            return
        try:
            answer = await self._answer(
                scope,
                await _read(receive, LARGEST_FILE if scope["path"].startswith("/play/") else LARGEST_BODY),
            )
        except Refused as refusal:
            await _respond(send, refusal.status, {"error": str(refusal)})
        except (UnableToAct, UnableToChangePerson, UnableToOrderFault, UnableToSetLimits) as error:
            await _respond(send, 400, {"error": str(error)})
        except Exception:
            log.exception("a control request failed")
            await _respond(send, 500, {"error": "The simulator failed at this; its output says more."})
        else:
            if isinstance(answer, Stream):
                await _stream(send, receive, answer)
            else:
                await _respond(send, 200, answer)

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> Answer:
        matches = [
            (verb, found, answer)
            for verb, pattern, answer in ROUTES
            if (found := pattern.fullmatch(scope["path"]))
        ]
        if not matches:
            raise Refused(404, f"There is nothing at {scope['path']}.")
        for verb, found, answer in matches:
            if verb == scope["method"] or (verb == "GET" and scope["method"] == "HEAD"):
                query = {
                    name: values[-1]
                    for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()
                }
                headers = dict(scope["headers"])
                if verb != "GET" and headers.get(b"sec-fetch-site") == b"cross-site":
                    raise Refused(403, "The page of another site may not give orders here.")
                content_type = headers.get(b"content-type", b"").decode("latin-1")
                order = Order(
                    world=self._world,
                    dispatcher=self._dispatcher,
                    bot_api=self._bot_api,
                    path=found.groupdict(),
                    query=query,
                    body=_parse(body, content_type),
                    now=self._dispatcher.clock(),
                    raw=body,
                    content_type=content_type,
                )
                return await answer(order)
        allowed = ", ".join(sorted({verb for verb, _, _ in matches}))
        raise Refused(405, f"{scope['path']} takes {allowed}.")


def _parse(body: bytes, content_type: str) -> Any:
    if not body or content_type.startswith(("multipart/", "application/octet-stream")):
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise Refused(400, "The body is not valid JSON.") from None


async def _read(receive: Receive, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "The connection was closed.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > largest:
            raise Refused(413, "The body is too large.")
        if not message.get("more_body"):
            return b"".join(parts)


async def _stream(send: Send, receive: Receive, answer: Stream) -> None:
    """Send parts until the client goes away."""
    headers = [(b"content-type", answer.content_type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    sending = asyncio.ensure_future(_send_parts(send, answer.parts))
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        gone.cancel()
        await asyncio.gather(sending, gone, return_exceptions=True)


async def _send_parts(send: Send, parts: AsyncIterator[bytes]) -> None:
    async for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _respond(send: Send, status: int, answer: Answer) -> None:
    headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if isinstance(answer, Text):
        content = answer.content.encode()
        headers.append((b"content-type", f"{answer.content_type}; charset=utf-8".encode()))
        if answer.file_name:
            headers.append((b"content-disposition", f'attachment; filename="{answer.file_name}"'.encode()))
    elif isinstance(answer, Bytes):
        content = answer.content
        headers.append((b"content-type", answer.content_type.encode()))
        headers += [(name.encode(), value.encode()) for name, value in answer.headers]
        if answer.file_name:
            name = quote(answer.file_name).encode()
            headers.append((b"content-disposition", b"attachment; filename*=UTF-8''" + name))
    else:
        content = json.dumps(answer, ensure_ascii=False).encode()
        headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
