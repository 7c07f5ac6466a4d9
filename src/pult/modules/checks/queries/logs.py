"""The log across checks: a person's own, or everybody's for those who manage checks. It never holds a number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pult.core.people.models import Person
from pult.modules.checks.formats.exports import ExportColumn, Value
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.queries.log_listed import KIND_FILTERS
from pult.modules.checks.queries.log_texts import sentence

PERIODS = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}
Kind = LogEntry.Kind
KINDS: dict[str, tuple[Kind, ...]] = {
    **KIND_FILTERS,
    "steering": (
        Kind.STARTED,
        Kind.PAUSED,
        Kind.RESUMED,
        Kind.CANCELLED,
        Kind.ASKED_AGAIN,
        Kind.MOVED,
        Kind.HELD,
        Kind.RELEASED,
        Kind.ALLOWANCE_SPENT,
    ),
}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What somebody wants to see; unknown values mean everything. `person` and `check` are ids."""

    kind: str = ""
    period: str = ""
    search: str = ""
    person: int | None = None
    check: int | None = None


def own_log(person: Person) -> QuerySet[LogEntry]:
    """The log of all checks of the person."""
    return _entries().filter(check_ref__owner=person)


def log_of_everybody(viewer: Person) -> QuerySet[LogEntry]:
    """The log of all checks for whoever may manage them, else nothing."""
    return _entries() if viewer.may("checks.manage") else LogEntry.objects.none()


def filtered(entries: QuerySet[LogEntry], wanted: LogFilter, *, now: datetime) -> QuerySet[LogEntry]:
    """What the filter leaves, newest first."""
    if wanted.kind in KINDS:
        entries = entries.filter(kind__in=KINDS[wanted.kind])
    if wanted.period in PERIODS:
        entries = entries.filter(at__gte=now - PERIODS[wanted.period])
    if wanted.search:
        entries = entries.filter(check_ref__name__icontains=wanted.search)
    if wanted.person is not None:
        entries = entries.filter(check_ref__owner=wanted.person)
    if wanted.check is not None:
        entries = entries.filter(check_ref=wanted.check)
    return entries


def columns() -> list[ExportColumn]:
    """The columns of an exported log, titled in the language in use."""
    return [
        ExportColumn("at", _("Time")),
        ExportColumn("person", _("Person")),
        ExportColumn("check", _("Check")),
        ExportColumn("check_name", _("Name of the check")),
        ExportColumn("kind", _("Event")),
        ExportColumn("text", _("What happened")),
        ExportColumn("block", _("Block")),
        ExportColumn("account", _("Account")),
    ]


def rows(entries: QuerySet[LogEntry]) -> Iterator[list[Value]]:
    """Rows in the order of time; times are ISO 8601 in UTC, blocks are counted from 1."""
    for entry in entries.order_by("pk").iterator(chunk_size=1000):
        yield [
            entry.at.isoformat(timespec="milliseconds"),
            str(entry.check_ref.owner),
            entry.check_ref_id,
            entry.check_ref.name,
            entry.kind,
            sentence(entry),
            None if entry.block_ordinal is None else entry.block_ordinal + 1,
            entry.account_label,
        ]


def _entries() -> QuerySet[LogEntry]:
    shown = LogEntry.objects.exclude(check_ref__state=Check.State.REMOVED)
    return shown.select_related("check_ref__owner").order_by("-pk")
