"""What a room of Pult says in a bot: screens, buttons, and the functions that draw them.

A `BotRoom` is to a bot what a urlconf is to the web. Its functions are synchronous, get a `Visit` and return an
`Answer`; they translate: read what was given, call one operation or query, show. Each runs in one transaction together
with the mark that its update is handled and with the rows of what is to be sent, so that a kill at any moment neither
loses nor doubles anything. Nothing here knows aiogram.

    room = BotRoom("checks", permission="checks.use")

    @room.entry(_("Phone checks"), order=10)
    @room.action("list")
    def list_checks(visit: Visit, page: str = "0") -> Answer: ...

    @room.text("purpose")
    def purpose_given(visit: Visit, text: str) -> Answer: ...
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from pult.core.people.models import Person
from pult.core.registry import Text


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a screen: it runs `action` ("checks.open") with short text arguments, or opens `url`.

    What Telegram carries is signed for the person to whom it is shown; 64 bytes in all, so arguments are ids
    (a UUID takes 22 characters), never texts.
    """

    text: Text
    action: str = ""
    arguments: tuple[str, ...] = ()
    url: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a bot sends: `path` lies below the data folder and stays until it is sent."""

    path: Path
    name: str
    caption: Text = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A message with its buttons. `text` is safe HTML of Telegram's kind (`format_html`): 4,096 characters at most.

    A tap edits the message it stood under; whatever was written gets the screen below it. `expects` names the text or
    file of the room that comes next ("checks.purpose"; everything else that a person does ends the waiting), `notes`
    is remembered until then. `follows` is a live topic: the message is drawn anew by `action` when it changes.
    """

    text: SafeString
    rows: Rows = ()
    expects: str = ""
    notes: "Mapping[str, Any]" = field(default_factory=dict)
    follows: str = ""
    # Which action with which arguments draws this screen; needed with `follows`.
    drawn_by: str = ""
    arguments: tuple[str, ...] = ()
    # Sent as a new message although a tap asked for it (a result beside its menu).
    fresh: bool = False


def below(text: SafeString, *rows: tuple[Button, ...], **more: Any) -> Screen:
    """A screen with its rows of buttons; empty rows are left out."""
    return Screen(text, tuple(row for row in rows if row), **more)


@dataclass(frozen=True, slots=True)
class Toast:
    """A short word above the chat as the answer to a tap (200 characters); `alert` must be clicked away."""

    text: Text
    alert: bool = False


class Refused(Exception):
    """Raised by a room's function: nothing that it did stays, and the person reads why.

    As an alert for a tap (what stood there stays), as a message for something written (what was expected stays so).
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


Part = Screen | Toast | Attachment
Answer = Part | tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that somebody sent, already fetched: `path` is a temporary one, to be moved or read within the call."""

    path: Path
    name: str
    mime: str
    size: int
    caption: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One deed of a person in a bot: who, where, when, and what was remembered for it.

    Language and time zone of the person are active while a room's function runs.
    """

    person: Person
    bot_id: UUID
    chat_id: int
    user_id: int
    now: datetime
    notes: "Mapping[str, Any]" = field(default_factory=dict)
    # The payload of /start, where it belongs to this room ("checks-…").
    payload: str = ""


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Entry:
    """A button of the main menu."""

    title: Text
    action: str
    order: int
    permission: str | None


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command with the sentence that Telegram shows in its menu."""

    name: str
    title: Text
    action: str
    permission: str | None


@dataclass(frozen=True, slots=True)
class FileWish:
    """Which files a room takes: the largest size in bytes, told before anything is fetched."""

    handler: Handler
    largest: int


class BotRoom:
    """One module's part of every bot. `permission` guards all of it unless a function names its own."""

    def __init__(self, name: str, *, permission: str | None = None) -> None:
        self.name = name
        self.permission = permission
        self.actions: dict[str, Handler] = {}
        self.texts: dict[str, Handler] = {}
        self.files: dict[str, FileWish] = {}
        self.entries: list[Entry] = []
        self.commands: list[Command] = []
        self._permissions: dict[Handler, str] = {}

    def action(self, name: str, *, permission: str | None = None) -> Callable[[Handler], Handler]:
        """Register what a button runs: `(visit, *arguments)`."""

        def register(handler: Handler) -> Handler:
            self._once(self.actions, name)
            self.actions[name] = handler
            return self._guarded(handler, permission)

        return register

    def text(self, name: str, *, permission: str | None = None) -> Callable[[Handler], Handler]:
        """Register what takes a text that a screen `expects`: `(visit, text)`."""

        def register(handler: Handler) -> Handler:
            self._once(self.texts, name)
            self.texts[name] = handler
            return self._guarded(handler, permission)

        return register

    def file(
        self, name: str, *, largest: int = 20_000_000, permission: str | None = None
    ) -> Callable[[Handler], Handler]:
        """Register what takes a file that a screen `expects`: `(visit, file)`. Telegram gives bots at most 20 MB."""

        def register(handler: Handler) -> Handler:
            self._once(self.files, name)
            self.files[name] = FileWish(handler, largest)
            return self._guarded(handler, permission)

        return register

    def entry(self, title: Text, action: str, *, order: int = 100, permission: str | None = None) -> None:
        """Put a button for one of the room's actions into the main menu, for those who may use it."""
        self.entries.append(Entry(title, f"{self.name}.{action}", order, permission or self.permission))

    def command(self, name: str, title: Text, action: str, *, permission: str | None = None) -> None:
        """Let /name run one of the room's actions; what is written behind it comes as arguments."""
        self.commands.append(Command(name, title, f"{self.name}.{action}", permission or self.permission))

    def permission_of(self, handler: Handler) -> str | None:
        """What somebody needs to run this function."""
        return self._permissions.get(handler, self.permission)

    def _guarded(self, handler: Handler, permission: str | None) -> Handler:
        if permission is not None:
            self._permissions[handler] = permission
        return handler

    def _once(self, table: "Mapping[str, object]", name: str) -> None:
        if name in table:
            raise ValueError(f"{self.name}.{name} is registered twice")
