"""From what a room answers to rows of what is to be sent."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from pult.core.bots.models import Outgoing
from pult.core.bots.operations import live_screens, outbox
from pult.core.bots.rules.callbacks import pack
from pult.core.bots.screens import Answer, Attachment, Button, Part, Screen, Toast
from pult.core.people.models import Person

LONGEST_TEXT = 4096
LONGEST_TOAST = 200
LONGEST_CAPTION = 1024
# Telegram's wheel on a button turns for about as long; whoever tapped earlier has stopped looking.
TAP_WAITS = timedelta(minutes=1)

PRIORITY_TAP, PRIORITY_ANSWER, PRIORITY_NOTICE = 0, 10, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom an answer is for: the chat, the Telegram user for whom buttons are signed, and what it answers.

    `edits` is the message that the first screen replaces; `query_id` the tap that must be answered.
    """

    bot_id: UUID
    chat_id: int
    user_id: int
    person: Person | None = None
    update_pk: int | None = None
    edits: int | None = None
    query_id: str = ""
    priority: int = PRIORITY_ANSWER
    key: str | None = None


def parts_of(answer: Answer) -> tuple[Part, ...]:
    """An answer as its parts."""
    return answer if isinstance(answer, tuple) else (answer,)


def message_of(screen: Screen, *, bot_id: UUID, user_id: int) -> dict[str, Any]:
    """The parameters of a message that shows the screen, its buttons signed for this Telegram user.

    Texts are in the language that is active now. Raises ValueError for what Telegram would not take.
    """
    text = str(screen.text)
    if not text.strip() or len(text) > 2 * LONGEST_TEXT:
        raise ValueError(f"a screen of {len(text)} characters; Telegram takes 1 to {LONGEST_TEXT}")
    message: dict[str, Any] = {
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    rows = [[_button(button, bot_id, user_id) for button in row] for row in screen.rows if row]
    if rows:
        message["reply_markup"] = {"inline_keyboard": rows}
    return message


def _button(button: Button, bot_id: UUID, user_id: int) -> dict[str, str]:
    if button.url:
        return {"text": str(button.text), "url": button.url}
    data = pack(button.action, button.arguments, bot_id=bot_id, user_id=user_id)
    return {"text": str(button.text), "callback_data": data}


def render(answer: Answer, *, target: Target, now: datetime) -> list[Outgoing]:
    """Write down what is to be sent, in its order; the caller's transaction keeps it with the deed.

    A tap is answered in any case. The first screen edits the message under which the tap was, unless it is `fresh`.
    """
    parts = parts_of(answer)
    rows: list[Outgoing | None] = []
    if target.query_id:
        rows.append(_answer_tap(next((part for part in parts if isinstance(part, Toast)), None), target, now))
    edits = target.edits
    for place, part in enumerate(parts):
        if isinstance(part, Screen):
            rows.append(_screen(part, target, edits, place, now))
            edits = None
        elif isinstance(part, Attachment):
            rows.append(_attachment(part, target, place, now))
        elif not target.query_id:
            # A toast without a tap: said as a message, never swallowed.
            rows.append(_send(target, "sendMessage", {"text": str(part.text)}, place, now))
    return [row for row in rows if row is not None]


def _key(target: Target, place: int) -> str | None:
    if target.key is None:
        return None
    return f"{target.key}.{place}" if place else target.key


def _send(
    target: Target, method: str, payload: dict[str, Any], place: int, now: datetime, **more: Any
) -> Outgoing | None:
    return outbox.enqueue(
        bot_id=target.bot_id,
        chat_id=target.chat_id,
        method=method,
        payload={"chat_id": target.chat_id, **payload},
        now=now,
        update_id=target.update_pk,
        person=target.person,
        key=_key(target, place),
        **{"priority": target.priority, **more},
    )


def _answer_tap(toast: Toast | None, target: Target, now: datetime) -> Outgoing | None:
    payload: dict[str, Any] = {"callback_query_id": target.query_id}
    if toast is not None:
        payload |= {"text": str(toast.text)[:LONGEST_TOAST], "show_alert": toast.alert}
    return outbox.enqueue(
        bot_id=target.bot_id,
        chat_id=target.chat_id,
        method="answerCallbackQuery",
        payload=payload,
        now=now,
        priority=PRIORITY_TAP,
        expires_at=now + TAP_WAITS,
        update_id=target.update_pk,
        person=target.person,
    )


def digest_of(message: Mapping[str, Any]) -> bytes:
    """The SHA-256 of what `message_of` made: a live screen is edited only when it changes."""
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).digest()


def _screen(screen: Screen, target: Target, edits: int | None, place: int, now: datetime) -> Outgoing | None:
    message = message_of(screen, bot_id=target.bot_id, user_id=target.user_id)
    when_sent: dict[str, Any] = {"screen_of": target.user_id}
    if screen.follows:
        when_sent["live"] = {
            "user_id": target.user_id,
            "topic": screen.follows,
            "action": screen.drawn_by,
            "arguments": list(screen.arguments),
            "digest": digest_of(message).hex(),
        }
    if edits is not None and not screen.fresh:
        when_sent["anew"] = True
        _lives_on(target, edits, when_sent.get("live"), now)
        return _send(
            target, "editMessageText", {"message_id": edits, **message}, place, now, when_sent=when_sent
        )
    return _send(target, "sendMessage", message, place, now, when_sent=when_sent)


def _lives_on(target: Target, message_id: int, live: Mapping[str, Any] | None, now: datetime) -> None:
    """Known at once, not only when the edit has been made: a change in between must not bring the old screen back."""
    if live is None:
        live_screens.forget(bot_id=target.bot_id, chat_id=target.chat_id, message_id=message_id)
    else:
        live_screens.remember(
            bot_id=target.bot_id, chat_id=target.chat_id, message_id=message_id, live=live, now=now
        )


def _attachment(part: Attachment, target: Target, place: int, now: datetime) -> Outgoing | None:
    caption = str(part.caption)
    return _send(
        target,
        "sendDocument",
        {"caption": caption[:LONGEST_CAPTION]} if caption else {},
        place,
        now,
        file=str(part.path.relative_to(settings.PULT_DATA_DIR)),
        file_name=part.name,
        file_parameter="document",
    )
