"""Reading the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from pult.core.audit.models import AuditEntry
from pult.core.audit.vocabulary import title_of, word_for
from pult.core.registry import Text

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it."""

    entry: AuditEntry
    title: Text
    object_kind: object
    object_label: str
    about_own_self: bool
    details: list[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the trail, newest first; `newer` and `older` are cursors or None at the ends."""

    lines: list[Line]
    newer: int | None
    older: int | None


def entries(
    *,
    search: str = "",
    action: str = "",
    actor_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The trail narrowed: a piece of who, what or which; one action; one actor; from `since` to before `until`."""
    found = AuditEntry.objects.all()
    if search:
        found = found.filter(
            Q(actor_label__icontains=search) | Q(action__icontains=search) | Q(object_id__iexact=search)
        )
    if action:
        found = found.filter(action=action)
    if actor_id is not None:
        found = found.filter(actor_id=actor_id)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return found


def page_of(
    found: QuerySet[AuditEntry], *, before: int | None = None, after: int | None = None, size: int = PAGE_SIZE
) -> Page:
    """A page by cursor (an entry's id), so that page 20,000 costs what page 1 costs. `after` wins over `before`."""
    if after is not None:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_newer, rows = len(rows) > size, rows[:size][::-1]
        more_older = True
    else:
        narrowed = found if before is None else found.filter(pk__lt=before)
        rows = list(narrowed.order_by("-pk")[: size + 1])
        more_older, rows = len(rows) > size, rows[:size]
        more_newer = before is not None
    return Page(
        lines=_lines(rows),
        newer=rows[0].pk if rows and more_newer else None,
        older=rows[-1].pk if rows and more_older else None,
    )


def _lines(rows: Iterable[AuditEntry]) -> list[Line]:
    """Rows with words; names of people who were acted upon come in one query."""
    shown = list(rows)
    wanted = {row.object_id for row in shown if row.object_type == "person" and row.object_id.isdigit()}
    people = {str(person.pk): str(person) for person in get_user_model().objects.filter(pk__in=wanted)}
    return [
        Line(
            entry=row,
            title=title_of(row.action),
            object_kind=word_for(row.object_type),
            object_label=""
            if _own_deed(row) or row.object_type != "person"
            else people.get(row.object_id, ""),
            about_own_self=_own_deed(row),
            details=[(word_for(name), word_for(value)) for name, value in row.details.items()],
        )
        for row in shown
    ]


def _own_deed(row: AuditEntry) -> bool:
    """Somebody did something about themselves (signed in, changed the password): no need to name them twice."""
    return row.object_type == "person" and row.actor_id is not None and row.object_id == str(row.actor_id)


def actors() -> list[tuple[int, str]]:
    """Everybody who may be in the trail, by name, for a filter."""
    people = [(person.pk, str(person)) for person in get_user_model().objects.all()]
    return sorted(people, key=lambda pair: pair[1].casefold())
