"""From what a room answers to rows of what is to be sent."""

import hashlib
import json
from collections.abc import Callable, Mapping
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

    `edits` is the message that the first screen replaces (`edits_live`: it may be a live screen); `query_id` the tap
    that must be answered.
    """

    bot_id: UUID
    chat_id: int
    user_id: int
    person: Person | None = None
    update_pk: int | None = None
    edits: int | None = None
    edits_live: bool = True
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


Post = Callable[..., Outgoing | None]
"""What writes a call down: `outbox.enqueue`, or somebody who gathers drafts first."""


def digest_of(message: Mapping[str, Any]) -> bytes:
    """The SHA-256 of what `message_of` made: a live screen is edited only when it changes."""
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).digest()


def render(answer: Answer, *, target: Target, now: datetime, post: Post = outbox.enqueue) -> list[Outgoing]:
    """Write down what is to be sent, in its order; the caller's transaction keeps it with the deed.

    A tap is answered in any case. The first screen edits the message under which the tap was, unless it is `fresh`.
    """
    parts = parts_of(answer)
    writer = _Writer(target, now, post)
    if target.query_id:
        writer.answer_tap(next((part for part in parts if isinstance(part, Toast)), None))
    for part in parts:
        if isinstance(part, Screen):
            writer.screen(part)
        elif isinstance(part, Attachment):
            writer.attachment(part)
        elif not target.query_id:
            # A toast without a tap: said as a message, never swallowed.
            writer.send("sendMessage", {"text": str(part.text)})
    return writer.rows


class _Writer:
    """Writes the calls of one answer down."""

    def __init__(self, target: Target, now: datetime, post: Post) -> None:
        self._target, self._now, self._post = target, now, post
        self._edits = target.edits
        self._place = 0
        self.rows: list[Outgoing] = []

    def answer_tap(self, toast: Toast | None) -> None:
        payload: dict[str, Any] = {"callback_query_id": self._target.query_id}
        if toast is not None:
            payload |= {"text": str(toast.text)[:LONGEST_TOAST], "show_alert": toast.alert}
        self._write("answerCallbackQuery", payload, priority=PRIORITY_TAP, expires_at=self._now + TAP_WAITS)

    def screen(self, screen: Screen) -> None:
        target = self._target
        message = message_of(screen, bot_id=target.bot_id, user_id=target.user_id)
        when_sent: dict[str, Any] = {}
        if screen.follows:
            when_sent["live"] = {
                "user_id": target.user_id,
                "topic": screen.follows,
                "action": screen.drawn_by,
                "arguments": list(screen.arguments),
                "digest": digest_of(message).hex(),
            }
        if self._edits is None or screen.fresh:
            self.send("sendMessage", message, when_sent=when_sent)
        else:
            self._lives_on(self._edits, when_sent.get("live"))
            edited = {"message_id": self._edits, **message}
            self.send("editMessageText", edited, when_sent={**when_sent, "anew": True})
        self._edits = None

    def _lives_on(self, message_id: int, live: Mapping[str, Any] | None) -> None:
        """Known at once, not only when the edit is made: a change in between must not bring the old screen back."""
        target = self._target
        if live is not None:
            live_screens.remember(
                bot_id=target.bot_id, chat_id=target.chat_id, message_id=message_id, live=live, now=self._now
            )
        elif target.edits_live:
            live_screens.forget(bot_id=target.bot_id, chat_id=target.chat_id, message_id=message_id)

    def attachment(self, part: Attachment) -> None:
        caption = str(part.caption)
        self.send(
            "sendDocument",
            {"caption": caption[:LONGEST_CAPTION]} if caption else {},
            file=str(part.path.relative_to(settings.PULT_DATA_DIR)),
            file_name=part.name,
            file_parameter="document",
        )

    def send(self, method: str, payload: dict[str, Any], **more: Any) -> None:
        key = self._target.key
        if key is not None and self._place:
            key = f"{key}.{self._place}"
        self._place += 1
        self._write(
            method,
            {"chat_id": self._target.chat_id, **payload},
            **{"priority": self._target.priority, "key": key, **more},
        )

    def _write(self, method: str, payload: dict[str, Any], **more: Any) -> None:
        row = self._post(
            bot_id=self._target.bot_id,
            chat_id=self._target.chat_id,
            method=method,
            payload=payload,
            now=self._now,
            update_id=self._target.update_pk,
            person=self._target.person,
            **more,
        )
        if row is not None:
            self.rows.append(row)
