"""Reading the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from pult.core.audit.models import AuditEntry
from pult.core.audit.vocabulary import named_actions, title_of, value_in_words, word_for
from pult.core.registry import Text

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it."""

    entry: AuditEntry
    title: Text
    actor: str
    object_kind: object
    object_label: str
    about_own_self: bool
    details: list[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the trail: just beside one entry."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor written in an address; None for anything else."""
        at, _separator, number = text.rpartition("_")
        try:
            moment, found = datetime.fromisoformat(at), int(number)
        except ValueError:
            return None
        return cls(moment, found) if moment.tzinfo is not None and 0 < found < 2**63 else None

    @classmethod
    def of(cls, entry: AuditEntry) -> "Cursor":
        """The place of an entry."""
        return cls(entry.at, entry.pk)


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the trail, newest first; `newer` and `older` are cursors or None at the ends."""

    lines: list[Line]
    newer: Cursor | None
    older: Cursor | None


def entries(
    *,
    search: str = "",
    action: str = "",
    actor_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The trail narrowed: words, one action, one actor, from `since` to before `until`."""
    found = AuditEntry.objects.all()
    if search:
        found = found.filter(_fits(search))
    if action:
        found = found.filter(action=action)
    if actor_id is not None:
        found = found.filter(actor_id=actor_id)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return found


def _fits(search: str) -> Q:
    """A piece of an action in the reader's words, of the name of who did it or whom it was about, or a whole id.

    Names are looked up among people and titles in the vocabulary, so that the trail is entered by its indexes.
    """
    wanted = search.casefold()
    actions = [
        action for action, title in named_actions() if wanted in str(title).casefold() or wanted == action
    ]
    people = [key for key, _name in actors(search)]
    return (
        Q(action__in=actions)
        | Q(actor_id__in=people)
        | Q(object_type="person", object_id__in=[str(key) for key in people])
        | Q(object_id=search)
    )


def page_of(
    found: QuerySet[AuditEntry],
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """A page beside a cursor, so that page 20,000 costs what page 1 costs. `after` wins over `before`."""
    if after is not None:
        newer = found.filter(Q(at__gt=after.at) | Q(at=after.at, pk__gt=after.id), at__gte=after.at)
        rows = list(newer.order_by("at", "pk")[: size + 1])
        more_newer, rows = len(rows) > size, rows[:size][::-1]
        more_older = True
    else:
        if before is not None:
            found = found.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.id), at__lte=before.at)
        rows = list(found.order_by("-at", "-pk")[: size + 1])
        more_older, rows = len(rows) > size, rows[:size]
        more_newer = before is not None
    return Page(
        lines=_lines(rows),
        newer=Cursor.of(rows[0]) if rows and more_newer else None,
        older=Cursor.of(rows[-1]) if rows and more_older else None,
    )


def _lines(rows: Iterable[AuditEntry]) -> list[Line]:
    """Rows with words; people are named as they are called today (one query), erased ones as they were then."""
    shown = list(rows)
    wanted = {row.object_id for row in shown if row.object_type == "person" and row.object_id.isdigit()}
    wanted |= {str(row.actor_id) for row in shown if row.actor_id is not None}
    people = {str(person.pk): str(person) for person in get_user_model().objects.filter(pk__in=wanted)}
    return [
        Line(
            entry=row,
            title=title_of(row.action),
            actor=people.get(str(row.actor_id), row.actor_label),
            object_kind=word_for(row.object_type),
            object_label=""
            if _own_deed(row) or row.object_type != "person"
            else people.get(row.object_id, ""),
            about_own_self=_own_deed(row),
            details=_in_words(row.details),
        )
        for row in shown
    ]


def _in_words(details: dict[str, object]) -> list[tuple[object, object]]:
    """The details in the reader's words; what was before stands before what came after it."""
    ordered = sorted(details.items(), key=lambda pair: pair[0] == "after")
    return [(word_for(name), value_in_words(name, value)) for name, value in ordered]


def _own_deed(row: AuditEntry) -> bool:
    """Somebody did something about themselves (signed in, changed the password): no need to name them twice."""
    return row.object_type == "person" and row.actor_id is not None and row.object_id == str(row.actor_id)


def actors(search: str = "") -> list[tuple[int, str]]:
    """Everybody who may be in the trail, by name; only those with that piece of name or e-mail when given."""
    people = get_user_model().objects.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return sorted(((person.pk, str(person)) for person in people), key=lambda pair: pair[1].casefold())
