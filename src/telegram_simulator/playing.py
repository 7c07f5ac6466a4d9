"""A player for synchronous tests: a person of the world with the Telegram app in their hand, over HTTP."""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

if TYPE_CHECKING:
    from telegram_simulator.testing import RunningSimulator

POLL = 0.05  # seconds between two looks


class NotSeen(AssertionError):
    """What was waited for did not come in time; the message shows what there was."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message or of the keyboard; `kind` is callback_data, url, web_app, text, request_contact …"""

    text: str
    kind: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as the player sees it."""

    id: int
    text: str
    out: bool
    edited: bool
    rows: list[list[Button]]  # inline
    keyboard: list[list[Button]]  # the reply keyboard that came with it
    files: list[dict[str, Any]]
    raw: dict[str, Any] = field(repr=False)

    @property
    def buttons(self) -> list[str]:
        """Texts of all buttons under the message."""
        return [button.text for row in self.rows for button in row]


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on an inline button; the bot's answer may come later."""

    player: "Player"
    id: str

    def look(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.player.get(f"callbacks/{self.id}")
        return answer

    def answer(self, seconds: float = 10.0) -> dict[str, Any]:
        """{"text", "alert", "url"} as soon as the bot has answered. Raises NotSeen."""
        deadline = time.monotonic() + seconds
        while not (found := self.look())["answered"]:
            if time.monotonic() > deadline:
                raise NotSeen(f"The bot did not answer the tap in {seconds} s.")
            time.sleep(POLL)
        return found


class Player:
    """`bot` is a username, with or without @; other chats work by @username or number as well."""

    def __init__(self, simulator: "RunningSimulator", person: dict[str, Any]) -> None:
        self.simulator = simulator
        self.person = person

    @property
    def id(self) -> int:
        return int(self.person["id"])

    @property
    def phone(self) -> str:
        return str(self.person["phone"])

    def get(self, path: str) -> Any:
        return self.simulator.get(f"/play/api/{self.id}/{path}")

    def post(self, path: str, **wishes: Any) -> Any:
        return self.simulator.post(f"/play/api/{self.id}/{path}", wishes)

    def start(self, bot: str, payload: str = "") -> SeenMessage:
        return seen(self.post("start", bot=bot, payload=payload))

    def write(self, bot: str, text: str, *, reply_to: int | None = None) -> SeenMessage:
        return seen(self.post("send", to=bot, text=text, reply_to=reply_to))

    def send_file(
        self, bot: str, name: str, content: bytes, *, caption: str = "", kind: str = "document"
    ) -> SeenMessage:
        """kind: document, photo, …"""
        query = f"to={quote(bot)}&name={quote(name)}&caption={quote(caption)}&kind={kind}"
        path = f"/play/api/{self.id}/send_file?{query}"
        return seen(self.simulator.request("POST", path, raw=content))

    def download(self, file: dict[str, Any]) -> bytes:
        """The content of one of a message's `files`."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        url = f"{self.simulator.control_url}/play/api/{self.id}/files/{file['file']}"
        with opener.open(url, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def share_contact(self, bot: str) -> SeenMessage:
        return seen(self.post("contact", to=bot))

    def edit(self, bot: str, message_id: int, text: str) -> SeenMessage:
        return seen(self.post("edit", to=bot, message=message_id, text=text))

    def delete(self, bot: str, message_id: int) -> None:
        self.post("delete", to=bot, message=message_id)

    def tap(self, bot: str, button: str, *, message_id: int | None = None) -> Tap:
        """Tap the inline button with this text (exact, or the only one that contains it) under the newest message
        that has it. A button of the reply keyboard is `press`ed."""
        candidates = [m for m in self.chat(bot) if m.rows and message_id in (None, m.id)]
        for message in reversed(candidates):
            found = _button(message.rows, button)
            if found is not None:
                if found.kind != "callback_data":
                    raise NotSeen(
                        f"The button {button!r} is no callback button but {found.kind}: {found.value!r}"
                    )
                return Tap(self, self.post("tap", to=bot, message=message.id, data=found.value)["callback"])
        raise NotSeen(f"There is no button {button!r}. {self._shown(bot)}")

    def press(self, bot: str, button: str) -> SeenMessage:
        """Press a button of the reply keyboard that is open."""
        found = _button(self.keyboard(bot), button)
        if found is None:
            raise NotSeen(f"The keyboard has no button {button!r}. {self._shown(bot)}")
        return self.share_contact(bot) if found.kind == "request_contact" else self.write(bot, found.text)

    def keyboard(self, bot: str) -> list[list[Button]]:
        """The reply keyboard that is open: of the newest message that brought or removed one."""
        for message in reversed(self.chat(bot)):
            markup = message.raw["reply_markup"] or {}
            if not message.out and ("keyboard" in markup or markup.get("remove_keyboard")):
                return message.keyboard
        return []

    def chat(self, bot: str, *, limit: int = 200) -> list[SeenMessage]:
        """The newest messages, newest last; nothing before the first one."""
        return [seen(raw) for raw in self.get(f"chats/{quote(bot)}/messages?limit={limit}")["messages"]]

    def last(self, bot: str) -> SeenMessage | None:
        """The newest message of the other side."""
        return next((message for message in reversed(self.chat(bot)) if not message.out), None)

    def chats(self) -> list[dict[str, Any]]:
        return list(self.get("chats")["chats"])

    def wait_for(
        self, bot: str, wanted: str | Callable[[SeenMessage], bool], seconds: float = 10.0, *, after: int = 0
    ) -> SeenMessage:
        """The newest message of the other side that contains a text or fulfils a condition. Raises NotSeen.

        `after`: only messages with a larger id.
        """
        deadline = time.monotonic() + seconds
        while True:
            for message in reversed(self.chat(bot)):
                hit = wanted in message.text if isinstance(wanted, str) else wanted(message)
                if not message.out and message.id > after and hit:
                    return message
            if time.monotonic() > deadline:
                raise NotSeen(f"{wanted!r} did not come in {seconds} s. {self._shown(bot)}")
            time.sleep(POLL)

    def wait_until(self, look: Callable[["Player"], bool], seconds: float = 10.0) -> None:
        """For conditions on more than one message."""
        deadline = time.monotonic() + seconds
        while not look(self):
            if time.monotonic() > deadline:
                raise NotSeen(f"It did not come true in {seconds} s.")
            time.sleep(POLL)

    def block(self, bot: str) -> None:
        self.post("block", bot=bot)

    def unblock(self, bot: str) -> None:
        self.post("unblock", bot=bot)

    def join(self, chat: str) -> None:
        self.post("join", chat=chat)

    def leave(self, chat: str) -> None:
        self.post("leave", chat=chat)

    def events(self) -> "Events":
        """What the page hears live; a context manager that is connected when entered."""
        return Events(f"{self.simulator.control_url}/play/api/{self.id}/events")

    def _shown(self, bot: str) -> str:
        lines = [f"{'→' if m.out else '←'} {m.text[:200]} {m.buttons or ''}" for m in self.chat(bot)[-6:]]
        return "The chat ends with:\n" + "\n".join(lines)


class Events:
    """Server-sent events, one after the other."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> Self:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._answer = opener.open(self._url, timeout=10)
        self._answer.readline()  # ": connected"
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()

    def next(self, name: str) -> dict[str, Any]:
        """The content of the next event with this name; others are skipped. Raises after 10 seconds of silence."""
        current = ""
        while line := self._answer.readline().decode():
            if line.startswith("event: "):
                current = line.removeprefix("event: ").strip()
            elif line.startswith("data: ") and current == name:
                content: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return content
        raise NotSeen("The stream has ended.")


def seen(raw: dict[str, Any]) -> SeenMessage:
    markup = raw["reply_markup"] or {}
    return SeenMessage(
        id=raw["id"],
        text=raw["text"],
        out=raw["out"],
        edited=raw["edited"],
        rows=[[_inline(button) for button in row] for row in raw["buttons"]],
        keyboard=[[_plain(button) for button in row] for row in markup.get("keyboard", [])],
        files=raw["files"],
        raw=raw,
    )


def _inline(button: dict[str, Any]) -> Button:
    kind = next(name for name in button if name not in ("text", "style", "icon_custom_emoji_id"))
    return Button(button["text"], kind, button[kind])


def _plain(button: dict[str, Any]) -> Button:
    kind = next(
        (name for name in button if name not in ("text", "style", "icon_custom_emoji_id") and button[name]),
        "text",
    )
    return Button(button["text"], kind, button.get(kind))


def _button(rows: list[list[Button]], text: str) -> Button | None:
    buttons = [button for row in rows for button in row]
    exact = [button for button in buttons if button.text == text]
    similar = [button for button in buttons if text in button.text]
    if exact:
        return exact[0]
    return similar[0] if len(similar) == 1 else None
