"""Which methods of the Bot API Telegram limits, which may be repeated without harm, and which touch one message."""

from collections.abc import Mapping
from typing import Any

# Never limited for a chat, and never in line behind its messages.
_FREE = frozenset({"sendChatAction"})
_LIMITED_PREFIXES = ("send", "copy", "forward", "edit")
_HARMLESS_PREFIXES = ("edit", "delete", "answer", "set", "get", "pin", "unpin")
# These name no chat: `chat_id` of the row only says for whose lane they are.
_WITHOUT_CHAT_PREFIXES = ("answer",)
EDITS = (
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
)
DELETES = ("deleteMessage",)


def is_limited(method: str) -> bool:
    """Whether a call counts against the limits: everything that sends, copies, forwards or edits a message."""
    return method.startswith(_LIMITED_PREFIXES) and method not in _FREE


def is_harmless(method: str) -> bool:
    """Whether doing it twice is the same as doing it once."""
    return method.startswith(_HARMLESS_PREFIXES) or method in _FREE


def names_chat(method: str) -> bool:
    """Whether the call has a parameter `chat_id`."""
    return not method.startswith(_WITHOUT_CHAT_PREFIXES)


def messages_in(method: str, payload: "Mapping[str, Any]") -> int:
    """As how many messages a call counts: an album is as many as it has parts."""
    parts = payload.get("media") if method == "sendMediaGroup" else payload.get("message_ids")
    if is_limited(method) and isinstance(parts, list):
        return max(1, len(parts))
    return 1


def outdates(method: str) -> tuple[str, ...]:
    """Calls for the same message that need not be made any more once this one waits behind them."""
    if method == "editMessageText":
        return ("editMessageText", "editMessageReplyMarkup")
    if method in DELETES:
        return EDITS
    return (method,) if method in EDITS else ()
