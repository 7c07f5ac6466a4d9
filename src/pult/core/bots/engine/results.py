"""One call of the Bot API and how it ended, in our own words."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from aiogram import exceptions
from aiogram.types import FSInputFile
from aiohttp import ClientConnectorError, ClientTimeout, ConnectionTimeoutError
from django.conf import settings

from pult.core.bots.rules.faults import fault_of, seconds_to_wait
from pult.core.bots.rules.methods import names_chat
from pult.core.bots.values import Call, Fault, Result

# A message is answered within this, a file takes longer; then its answer counts as lost.
CALL_TIMEOUT = ClientTimeout(total=30, sock_connect=10)
FILE_TIMEOUT = ClientTimeout(total=300, sock_connect=10)
# aiogram has no status for its errors; the class is one.
_STATUS: dict[type[exceptions.TelegramAPIError], int] = {
    exceptions.TelegramBadRequest: 400,
    exceptions.TelegramUnauthorizedError: 401,
    exceptions.TelegramForbiddenError: 403,
    exceptions.TelegramNotFound: 404,
    exceptions.TelegramConflictError: 409,
    exceptions.TelegramEntityTooLarge: 413,
    exceptions.TelegramServerError: 502,
    exceptions.RestartingTelegram: 502,
}
# Certainly before the first byte of the request went out.
_NOT_SENT = (ClientConnectorError, ConnectionTimeoutError)


class Calls(Protocol):
    """What sends: `engine.client.Client`."""

    async def call(self, method: str, parameters: Any, *, timeout: Any = ...) -> Any: ...


async def make(client: Calls, call: Call, *, now: "Any") -> Result:
    """Make the call; whatever happens ends as a result. `now()` tells the time."""
    parameters: dict[str, Any] = dict(call.payload)
    if names_chat(call.method):
        parameters["chat_id"] = call.chat_id
    if call.file:
        path = Path(settings.PULT_DATA_DIR) / call.file
        if not path.is_file():
            return Result(call, now(), Fault.CONTENT, problem="the file is not there any more")
        parameters[call.file_parameter or "document"] = FSInputFile(
            path, filename=call.file_name or path.name
        )
    try:
        answer = await client.call(
            call.method, parameters, timeout=FILE_TIMEOUT if call.file else CALL_TIMEOUT
        )
    except (exceptions.AiogramError, OSError, RuntimeError) as error:
        return failed(call, error, now())
    return Result(call, now(), message_id=message_id_in(answer))


def failed(call: Call, error: Exception, at: datetime) -> Result:
    """The result of a call that ended with this error."""
    if isinstance(error, exceptions.TelegramRetryAfter):
        return Result(call, at, Fault.WAIT, problem="Too Many Requests", retry_after=int(error.retry_after))
    if isinstance(error, exceptions.TelegramMigrateToChat):
        return Result(call, at, Fault.MIGRATED, problem="migrated", migrated_to=error.migrate_to_chat_id)
    if isinstance(error, exceptions.ClientDecodeError):
        return _unreadable(call, error, at)
    if isinstance(error, exceptions.TelegramAPIError):
        return _refused(call, error, at)
    # A file that cannot be read, or a connection that broke under way outside of aiogram's care.
    return Result(call, at, Fault.UNKNOWN, problem=type(error).__name__)


def _refused(call: Call, error: exceptions.TelegramAPIError, at: datetime) -> Result:
    status = _STATUS.get(type(error))
    if status is not None:
        return Result(call, at, fault_of(status, error.message), problem=_words(error.message))
    if isinstance(error, exceptions.TelegramNetworkError):
        certain = isinstance(error.__cause__, _NOT_SENT)
        name = type(error.__cause__ or error).__name__
        return Result(call, at, Fault.AGAIN if certain else Fault.UNKNOWN, problem=name)
    wait = seconds_to_wait(error.message)
    if wait is not None:
        return Result(call, at, Fault.WAIT, problem="Too Many Requests", retry_after=wait)
    return Result(call, at, Fault.CONTENT, problem=_words(error.message))


def _unreadable(call: Call, error: exceptions.ClientDecodeError, at: datetime) -> Result:
    """A page of a gateway in between says that Telegram was not reached; half an answer says nothing."""
    data = error.data if isinstance(error.data, str) else ""
    page = data.lstrip()[:1] == "<"
    return Result(call, at, Fault.AGAIN if page else Fault.UNKNOWN, problem="unreadable answer")


def _words(description: str) -> str:
    """Telegram's words, without what it quotes of a message."""
    return re.sub(r'"[^"]*"', '"…"', description)[:300]


def message_id_in(answer: Any) -> int | None:
    """The id of the message that an answer tells of; of an album the first."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    found = first.get("message_id") if isinstance(first, dict) else None
    return found if isinstance(found, int) else None
