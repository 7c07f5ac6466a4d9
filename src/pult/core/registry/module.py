"""What a module tells the core about itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from django.utils.functional import Promise

if TYPE_CHECKING:
    import typer


Text = str | Promise
"""A text that a person reads: translated when shown."""


class Role(StrEnum):
    """What a person is in this installation; each role may do what the later ones may not."""

    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Permission:
    """A thing that not everybody may do, and the roles that may."""

    name: str
    title: Text
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token of the API may be allowed ("checks:read"): `title` says it in words.

    It opens nothing that the token's person may not do: whoever uses it must hold `permission` at that moment.
    """

    name: str
    title: Text
    permission: str


@dataclass(frozen=True, slots=True)
class Event:
    """What webhooks can be told ("check.finished"), in words, and who may hear of it."""

    name: str
    title: Text
    permission: str


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link in the navigation; shown to those who hold `permission` (to everybody when None)."""

    title: Text
    url_name: str
    icon: str
    permission: str | None = None
    order: int = 100


@dataclass(frozen=True, slots=True)
class Alarm:
    """Work that becomes due at a moment kept in the database.

    `next_due()` reads that moment (None: nothing is waiting); `ring()` does or enqueues what is due. Both run in the
    worker, in a thread with a database connection, and must be safe to run twice.
    """

    name: str
    next_due: Callable[[], datetime | None]
    ring: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Metric:
    """One family of values as Prometheus understands it: `help` is English, `samples` are (labels, value).

    Labels come from short fixed lists (states, outcomes), never from what people enter: each pair is kept for ever.
    """

    name: str
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]
    kind: Literal["gauge", "counter"] = "gauge"


@dataclass(frozen=True, slots=True)
class StatusWarning:
    """Something that needs a person: what is the matter, and what to do.

    `command` is what to type for that, `url_name` the page where it can be done.
    """

    text: Text
    advice: Text
    url_name: str = ""
    command: str = ""
    grave: bool = False


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """One thing stored about a phone number or username.

    `kind` and the keys of `facts` are words that `PersonalData.words` names. Facts are values of JSON or moments; they
    go into the file for the person whom it is about. A value that is a word itself is named as "key=value".
    """

    kind: str
    facts: "Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: how many of each kind. `waits`: something cannot go yet (a call under way) and is tried again."""

    counts: "Mapping[str, int]"
    waits: bool = False


Subject = int | str
"""By what people are known: a phone number as its E.164 digits, or a username in small letters without the @."""

Progress = Callable[[int, int], None]
"""Told now and then: how many rows have been gone through, of how many."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a module stores about phone numbers and usernames and how it is erased; both run in the worker.

    `stored_about(subject, progress)` yields records. `erase(subject, progress, force)` may be cut short at any
    point and is then simply repeated; with `force` it does not wait for clean-ups that did not come for a day.
    """

    stored_about: "Callable[[Subject, Progress], Iterable[PersonalRecord]]"
    erase: "Callable[[Subject, Progress, bool], Erased]"
    words: "Mapping[str, Text]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusFact:
    """One total on the status page, such as "Connected: 5"; `note` is a sentence below it."""

    label: Text
    value: int
    note: Text = ""
    tone: str = ""
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """One module of Pult, or a part of the core that has pages of its own.

    `urls` is the dotted name of a urlconf mounted under `prefix` ("checks/"). `commands` gives the typer application
    that becomes `pult <name> …`, imported only when the command line needs it. `topics` says for each prefix of live
    topics who may follow one: (person, id) -> bool. `metrics`, `warnings` and `facts` are asked whenever somebody
    watches the installation: they read the database and must be cheap (some milliseconds) however many rows there are.
    `api` is the dotted name of a ninja Router, mounted at /api/v1/ under `prefix`; its operations demand `scopes`.
    `events` are what webhooks can be told of. `bot` is the dotted name of a BotRoom: what the module says in bots.
    """

    name: str
    title: Text
    prefix: str = ""
    urls: str | None = None
    navigation: tuple[NavigationItem, ...] = ()
    permissions: tuple[Permission, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    topics: "Mapping[str, Callable[[Any, str], bool]]" = field(default_factory=dict)
    commands: "Callable[[], typer.Typer] | None" = None
    metrics: "Callable[[], Iterable[Metric]] | None" = None
    warnings: "Callable[[], Iterable[StatusWarning]] | None" = None
    api: str | None = None
    scopes: tuple[Scope, ...] = ()
    personal_data: PersonalData | None = None
    facts: "Callable[[], Iterable[StatusFact]] | None" = None
    events: tuple[Event, ...] = ()
    bot: str | None = None
