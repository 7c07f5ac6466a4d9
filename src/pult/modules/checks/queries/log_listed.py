"""The log of a check: newest first, narrowed by what happened, as rows for a page or a file."""

from collections.abc import Iterator

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from pult.modules.checks.formats.exports import ExportColumn, Value
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.queries.log_texts import sentence

Kind = LogEntry.Kind
# What a person looks for: several kinds of entries are one thing to them.
KIND_FILTERS: dict[str, tuple[Kind, ...]] = {
    "blocks": (Kind.BLOCK_STARTED, Kind.BLOCK_DONE),
    "requests": (Kind.CALL_ANSWERED, Kind.CALL_REFUSED, Kind.CALL_LOST),
    "trouble": (Kind.CALL_REFUSED, Kind.CALL_LOST, Kind.ACCOUNT_LOST, Kind.BLOCK_FAILED, Kind.UNREADABLE),
}


def log_listed(check: Check, *, kind: str = "", block: int | None = None) -> QuerySet[LogEntry]:
    """The log, newest first, by a key of KIND_FILTERS and by a block's ordinal; an unknown key is ignored."""
    entries = LogEntry.objects.filter(check_ref=check).order_by("-pk")
    if kind in KIND_FILTERS:
        entries = entries.filter(kind__in=KIND_FILTERS[kind])
    return entries if block is None else entries.filter(block_ordinal=block)


def kind_counts(check: Check) -> dict[str, int]:
    """How many entries each key of KIND_FILTERS would show."""
    counts = dict(
        LogEntry.objects.filter(check_ref=check).values_list("kind").annotate(count=Count("pk")).order_by()
    )
    return {key: sum(counts.get(kind, 0) for kind in kinds) for key, kinds in KIND_FILTERS.items()}


def log_columns() -> list[ExportColumn]:
    """The columns of an exported log, titled in the language in use."""
    return [
        ExportColumn("at", _("Time")),
        ExportColumn("kind", _("Event")),
        ExportColumn("text", _("What happened")),
        ExportColumn("block", _("Block")),
        ExportColumn("account", _("Account")),
    ]


def log_rows(entries: QuerySet[LogEntry]) -> Iterator[list[Value]]:
    """Rows in the order of time; times are ISO 8601 in UTC, blocks are counted from 1."""
    for entry in entries.order_by("pk").iterator(chunk_size=1000):
        block = None if entry.block_ordinal is None else entry.block_ordinal + 1
        yield [
            entry.at.isoformat(timespec="milliseconds"),
            entry.kind,
            sentence(entry),
            block,
            entry.account_label,
        ]
