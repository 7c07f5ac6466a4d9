"""The control door's HTTP: finds the route, reads and writes JSON, turns every refusal into a sentence."""

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

# Importing the route files enters their routes.
from telegram_simulator.control import accounts, faults, page, people, samples  # noqa: F401
from telegram_simulator.control.orders import ROUTES, Answer, Order, Refused, Text
from telegram_simulator.methods.dispatch import Dispatcher
from telegram_simulator.world.faults import UnableToOrderFault
from telegram_simulator.world.limits import UnableToSetLimits
from telegram_simulator.world.people import UnableToChangePerson
from telegram_simulator.world.world import World

log = logging.getLogger(__name__)
LARGEST_BODY = 8_000_000  # bytes
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ControlDoor:
    """A raw ASGI application."""

    def __init__(self, world: World, dispatcher: Dispatcher) -> None:
        self._world = world
        self._dispatcher = dispatcher

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, await _read(receive))
        except Refused as refusal:
            await _respond(send, refusal.status, {"error": str(refusal)})
        except (UnableToChangePerson, UnableToOrderFault, UnableToSetLimits) as error:
            await _respond(send, 400, {"error": str(error)})
        except Exception:
            log.exception("a control request failed")
            await _respond(send, 500, {"error": "The simulator failed at this; its output says more."})
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
                order = Order(
                    world=self._world,
                    dispatcher=self._dispatcher,
                    path=found.groupdict(),
                    query=query,
                    body=_parse(body),
                    now=self._dispatcher.clock(),
                )
                return await answer(order)
        allowed = ", ".join(sorted({verb for verb, _, _ in matches}))
        raise Refused(405, f"{scope['path']} takes {allowed}.")


def _parse(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise Refused(400, "The body is not valid JSON.") from None


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "The connection was closed.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise Refused(413, "The body is larger than 8 MB.")
        if not message.get("more_body"):
            return b"".join(parts)


async def _respond(send: Send, status: int, answer: Answer) -> None:
    headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if isinstance(answer, Text):
        content = answer.content.encode()
        headers.append((b"content-type", f"{answer.content_type}; charset=utf-8".encode()))
        if answer.file_name:
            headers.append((b"content-disposition", f'attachment; filename="{answer.file_name}"'.encode()))
    else:
        content = json.dumps(answer, ensure_ascii=False).encode()
        headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
