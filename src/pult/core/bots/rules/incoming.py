"""What an update of Telegram says, read without trust: whatever came, the answer is an `Incoming`, never an error."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

BIGINT = 2**63
LONGEST_NAME = 130
LONGEST_KIND = 40
# A photo comes in several sizes without a name; people call it that.
PHOTO_NAME = "photo.jpg"
# Kinds that stand under their own name beside `update_id`, with what the payload of a message would be.
MESSAGES = frozenset(
    {"message", "edited_message", "channel_post", "edited_channel_post", "business_message"}
)  # fmt: skip
FILES = ("document", "photo", "video", "audio", "voice", "animation", "video_note", "sticker")
# How PostgreSQL spells what it does not take (NUL), in JSON.
_NUL = "\\u0000"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody sent, as Telegram describes it; `size` in bytes, 0 where it does not say."""

    file_id: str
    name: str
    mime: str
    size: int
    kind: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update, read. Texts are "" and ids None (chat: 0) where the update has none; names are fit to be shown."""

    kind: str
    update_id: int
    chat_id: int = 0
    chat_kind: str = ""
    chat_title: str = ""
    user_id: int | None = None
    name: str = ""
    username: str = ""
    language: str = ""
    message_id: int | None = None
    # What was written, or the caption of a file.
    text: str = ""
    # "/start abc" is command "start" with payload "abc"; a command for another bot is none.
    command: str = ""
    payload: str = ""
    # A tap: its id, what its button carried, and whether the message above it can still be edited as a text.
    query_id: str = ""
    data: str = ""
    editable: bool = False
    file: SentFile | None = None
    # The phone number of a contact that somebody shared about themselves.
    contact: str = ""
    # my_chat_member: what the bot has become there ("member", "kicked", "left" …).
    membership: str = ""
    # Added while it is handled: whose update it is, what the button says (signed for this person, so it can be
    # believed), and what was remembered of the conversation.
    bot_id: UUID | None = None
    action: str = ""
    arguments: tuple[str, ...] = ()
    expects: str = ""
    notes: "Mapping[str, Any]" = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether it came from a person's own chat with the bot."""
        return self.chat_kind == "private"


def storable(update: Any) -> str:
    """The JSON text of an update, without what PostgreSQL refuses: NUL, unpaired surrogates, NaN.

    Those become U+FFFD and null: an update is kept in any case. Raises ValueError for what is no JSON at all.
    """
    try:
        text = json.dumps(update, ensure_ascii=False, allow_nan=False)
        text.encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except (UnicodeEncodeError, ValueError):
        return _mended_text(update)
    return _mended_text(update) if _NUL in text else text


def _mended_text(update: Any) -> str:
    try:
        return json.dumps(_mended(update), ensure_ascii=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_mended(str(key)): _mended(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mended(inner) for inner in value]
    if isinstance(value, float) and value - value != 0:
        return None
    return value


def shown_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """A name as it may stand in a text: one line, without control characters and without turns of direction.

    U+202E and its like would turn everything behind the name round.
    """
    kept = "".join(" " if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp", "Cs"} and sign != "\u200d" else sign
                   for sign in text)  # fmt: skip
    return " ".join(kept.split())[:longest]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not -BIGINT <= value < BIGINT:
        return None
    return value


def veiled(update: Any) -> Any:
    """The update as people may look at it: what stands behind /start may be a link that still lets somebody in."""
    if isinstance(update, Mapping):
        return {key: veiled(inner) for key, inner in update.items()}
    if isinstance(update, list):
        return [veiled(inner) for inner in update]
    command, payload = _command(update.lstrip()) if isinstance(update, str) else ("", "")
    return "/start …" if command == "start" and payload else update


def update_id_of(update: Any) -> int | None:
    """The id under which Telegram counts it; None for what is no update."""
    return _number(_object(update).get("update_id"))


def kind_of(update: Mapping[str, Any]) -> str:
    """ "message", "callback_query" …; "" for an update that says nothing."""
    kinds = (str(key) for key in update if key != "update_id")
    return next((kind[:LONGEST_KIND] for kind in kinds if kind.isascii() and kind.isidentifier()), "")


def read(update: Any) -> Incoming:
    """What the update says. Anything may be missing, and anything may be of the wrong type."""
    update = _object(update)
    kind = kind_of(update)
    number = update_id_of(update) or 0
    body = _object(update.get(kind))
    message = _object(body.get("message")) if kind == "callback_query" else body
    chat = _object(message.get("chat"))
    user = _object(body.get("from")) or _object(body.get("user"))
    known: dict[str, Any] = {
        "kind": kind,
        "update_id": number,
        "chat_id": _number(chat.get("id")) or 0,
        "chat_kind": _text(chat.get("type"))[:12],
        "chat_title": shown_name(_text(chat.get("title"))),
        "user_id": _number(user.get("id")),
        "name": shown_name(f"{_text(user.get('first_name'))} {_text(user.get('last_name'))}"),
        "username": shown_name(_text(user.get("username")), longest=64),
        "language": _text(user.get("language_code"))[:8],
        "message_id": _number(message.get("message_id")),
    }
    if kind == "callback_query":
        known["query_id"] = _text(body.get("id"))
        known["data"] = _text(body.get("data"))
        # A message that is too old comes with date 0 and can no longer be edited; one of a file has no text.
        known["editable"] = bool(message.get("date")) and bool(_text(message.get("text")))
    elif kind in MESSAGES:
        known |= _written(message, user)
    elif kind == "my_chat_member":
        known["membership"] = _text(_object(body.get("new_chat_member")).get("status"))
    return Incoming(**known)


def _written(message: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    text = _text(message.get("text")) or _text(message.get("caption"))
    command, payload = _command(text) if _text(message.get("text")) else ("", "")
    contact = _object(message.get("contact"))
    own = contact.get("user_id") is not None and contact.get("user_id") == user.get("id")
    return {
        "text": text,
        "command": command,
        "payload": payload,
        "file": _file(message),
        "contact": _text(contact.get("phone_number")) if own else "",
    }


def _command(text: str) -> tuple[str, str]:
    """("start", "abc") of "/start@some_bot abc"; in a private chat no other bot can be meant."""
    if not text.startswith("/") or len(text) < 2 or text[1].isspace():
        return "", ""
    word, *rest = text[1:].split(None, 1)
    name = word.partition("@")[0].lower()
    return (name, rest[0].strip() if rest else "") if name else ("", "")


def _file(message: Mapping[str, Any]) -> SentFile | None:
    for kind in FILES:
        found = message.get(kind)
        if kind == "photo" and isinstance(found, list) and found:
            found = found[-1]
        found = _object(found)
        file_id = _text(found.get("file_id"))
        if file_id:
            name = shown_name(_text(found.get("file_name")), longest=255)
            return SentFile(
                file_id=file_id,
                name=name or (PHOTO_NAME if kind == "photo" else kind),
                mime=_text(found.get("mime_type"))[:100],
                size=_number(found.get("file_size")) or 0,
                kind=kind,
                caption=_text(message.get("caption")),
            )
    return None
