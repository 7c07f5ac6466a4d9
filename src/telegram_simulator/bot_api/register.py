"""One request of a bot on its way to its method, and the register in which each method enters itself."""

import dataclasses
import inspect
import json
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NewType

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.faults import Fault
from telegram_simulator.world.world import World

# A chat as a bot names it: a number, or "@username" of a channel or supergroup.
ChatId = NewType("ChatId", str)
# An object or a list, sent as JSON.
Json = Any


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent along with a request."""

    name: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class BotCall:
    """Everything a method needs. `gone` ends when the client has closed the connection."""

    world: World
    bot: Bot
    method: str
    arguments: dict[str, Any]
    uploads: dict[str, Upload]
    now: float
    gone: Callable[[], Awaitable[None]]
    services: Any = None  # what the door keeps running: polls, webhooks
    faults: list[Fault] = field(default_factory=list)

    def count(self, name: str) -> None:
        self.world.counters.add(self.bot.username, name)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: Any
    needed: bool


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    answer: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    groups: dict[str, tuple[type, tuple[str, ...]]]  # argument → its dataclass and the names in it

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        """Typed arguments. Raises BotApiError for what is missing, wrong, or not simulated."""
        unknown = set(given) - {parameter.name for parameter in self.parameters}
        if unknown:
            raise bad_request(
                f"the simulator does not know the parameter {sorted(unknown)[0]} of {self.name}"
            )
        plain: dict[str, Any] = {}
        for parameter in self.parameters:
            value = given.get(parameter.name)
            if value is None or value == "":
                if parameter.needed:
                    raise _missing(parameter.name)
                continue
            plain[parameter.name] = _readable(_converted(parameter, value))
        for argument, (kind, names) in self.groups.items():
            plain[argument] = kind(**{name: plain.pop(name) for name in names if name in plain})
        return plain


REGISTER: dict[str, Method] = {}  # by name in small letters


def method(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function as the answer to a method of the Bot API.

    Its parameters after `call` are the method's, by name and type: str, int, float, bool, ChatId, Json. A parameter
    whose type is a dataclass stands for that dataclass's fields. What has no default is needed.
    """

    def enter(answer: Callable[..., Any]) -> Callable[..., Any]:
        hints = typing.get_type_hints(answer)
        parameters: list[Parameter] = []
        groups: dict[str, tuple[type, tuple[str, ...]]] = {}
        for argument in list(inspect.signature(answer).parameters.values())[1:]:
            kind = hints[argument.name]
            if dataclasses.is_dataclass(kind) and isinstance(kind, type):
                inner = typing.get_type_hints(kind)
                names = tuple(f.name for f in dataclasses.fields(kind))
                groups[argument.name] = (kind, names)
                parameters += [Parameter(each, inner[each], needed=False) for each in names]
            else:
                parameters.append(Parameter(argument.name, kind, argument.default is inspect.Parameter.empty))
        REGISTER[name.lower()] = Method(name, answer, tuple(parameters), groups)
        return answer

    return enter


def _missing(name: str) -> Exception:
    sentences = {
        "chat_id": "chat_id is empty",
        "from_chat_id": "from_chat_id is empty",
        "text": "message text is empty",
        "message_id": "message identifier is not specified",
        "message_ids": "message identifiers are not specified",
        "user_id": "invalid user_id specified",
        "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
        "action": "wrong parameter action in request",
    }
    return bad_request(sentences.get(name, f'parameter "{name}" is required'))


def _converted(parameter: Parameter, value: Any) -> Any:
    kind = parameter.kind
    if kind is bool:
        return value is True or str(value).lower() in ("true", "yes", "1")
    if kind is int:
        return _whole(parameter.name, value)
    if kind is float:
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {parameter.name} specified") from None
    if kind in (str, ChatId):
        return value if isinstance(value, str) else json.dumps(value)
    if isinstance(value, str):
        return _parsed(parameter.name, value)
    return value


def _readable(value: Any) -> Any:
    """Halves of characters, as JSON can write them, are no text."""
    if isinstance(value, str | list | dict):
        try:
            (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
    return value


def _whole(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 2**63
    if isinstance(value, bool | float) or not -(2**63) < number < 2**63:
        raise bad_request(
            "message identifier is not specified" if name == "message_id" else f"invalid {name} specified"
        )
    return number


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        what = {"reply_markup": "reply keyboard markup"}.get(name, name)
        raise bad_request(f"can't parse {what} JSON object") from None
