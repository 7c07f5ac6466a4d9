"""What a control request and its answer are, and the list of routes that the files beside enter themselves into."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api.door import BotApiDoor
from telegram_simulator.methods.dispatch import Dispatcher
from telegram_simulator.world.world import World


class Refused(Exception):
    """The answer "no" with an HTTP status and a sentence for a person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is not JSON."""

    content: str
    content_type: str
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on until one side ends it."""

    parts: AsyncIterator[bytes]
    content_type: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """An answer that is a file."""

    content: bytes
    content_type: str
    file_name: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Order:
    """One control request."""

    world: World
    dispatcher: Dispatcher
    bot_api: BotApiDoor
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    now: float
    raw: bytes = b""  # the body as it came; `body` is None when it is not JSON
    content_type: str = ""

    def wishes(self) -> dict[str, Any]:
        """The JSON object sent with the request."""
        if not isinstance(self.body, dict):
            raise Refused(400, "Send a JSON object.")
        return self.body


Answer = Any
Route = Callable[[Order], Awaitable[Answer]]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(verb: str, path: str) -> Callable[[Route], Route]:
    """Enter an async function as the answer to a verb and a path such as /api/accounts/{phone}/limits."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")

    def enter(answer: Route) -> Route:
        ROUTES.append((verb, pattern, answer))
        return answer

    return enter
