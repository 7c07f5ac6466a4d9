"""Words that several parts of bots share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What a refused or lost call means; each is handled in its own way (`operations.settling`)."""

    # This chat cannot be reached: blocked, kicked, deleted …
    RECIPIENT = "recipient"
    # What was to be sent is at fault; the chat is fine.
    CONTENT = "content"
    # The bot's token opens nothing any more.
    TOKEN = "token"  # noqa: S105 (a word)
    # Certainly not carried out: it may be tried again after a pause.
    AGAIN = "again"
    # The answer got lost: nobody knows whether it was carried out.
    UNKNOWN = "unknown"
    # The group has become a supergroup with another id.
    MIGRATED = "migrated"
    # Too many: Telegram names the seconds to wait.
    WAIT = "wait"
    # It looks like that already, or the message is gone that was to be deleted: what was wanted is so.
    DONE = "done"
    # The message that was to be edited is gone.
    GONE = "gone"
    # A tap was answered too late; there is nobody to tell.
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Call:
    """A row that is to be sent, as its process needs it."""

    id: int
    chat_id: int
    method: str
    payload: "dict[str, Any]"
    file: str
    file_name: str
    file_parameter: str
    attempts: int
    limited: bool
    amount: int
    # Nobody waits for it any more, or it cannot arrive: it is dropped.
    outdated: bool


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended; `fault` None: it was carried out.

    `counts`: a failure of this call and not of everything at that time; only such tries are counted.
    """

    call: Call
    at: datetime
    fault: Fault | None = None
    message_id: int | None = None
    # Telegram's words, without anything of the message itself.
    problem: str = ""
    retry_after: int = 0
    migrated_to: int | None = None
    counts: bool = True
