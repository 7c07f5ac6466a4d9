"""Results as rows for files: the same columns for every format, on the page and in the terminal."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Func, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from pult.modules.checks.formats.exports import ExportColumn, Value
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check, Finding, Number, RejectedLine
from pult.modules.checks.queries.results import INVALID, Wanted, rejected_lines, stream_portions
from pult.modules.checks.rules.problems import Problem


class _Moment(Func):
    """A moment as ISO 8601 in UTC, to the second; PostgreSQL writes a million of them while Python does the rest."""

    output_field = TextField()
    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


# Behind the value itself, which stands where its kind keeps it.
NUMBER_COLUMNS = (
    "line",
    "state",
    "unanswered_reason",
    _Moment("answered_at"),
    "reused",
    "found__telegram_id",
    "found__first_name",
    "found__last_name",
    # As text: nine of ten rows have none to be taken apart.
    Cast("found__usernames", TextField()),
    "found__premium",
    "found__verified",
    "found__last_seen",
    _Moment("found__last_seen_at"),
    "found__entity",
)
# A refused line has none of: names, usernames, id, premium, verified, last seen and its moment.
NO_ANSWER: tuple[Value, ...] = ("", "", "", None, None, None, "", "")
VERDICT_CODES = {
    Number.State.WAITING: "waiting",
    Number.State.ASKED: "waiting",
    Number.State.FOUND: "found",
    Number.State.NOT_FOUND: "not_found",
    Number.State.UNANSWERED: "unanswered",
}
VERDICT_WORDS: dict[str, Promise] = {
    "waiting": gettext_lazy("waiting"),
    "found": gettext_lazy("found"),
    "not_found": gettext_lazy("not found"),
    "unanswered": gettext_lazy("unanswered"),
    INVALID: gettext_lazy("invalid"),
}


def export_columns(check: Check) -> list[ExportColumn]:
    """The columns of an export, titled in the language in use."""
    kind = kind_named(check.kind)
    columns = [
        ExportColumn(kind.key, str(kind.words.one)),
        ExportColumn("verdict", pgettext("of a number", "Verdict")),
        ExportColumn("reason", _("Reason")),
        ExportColumn("first_name", _("First name")),
        ExportColumn("last_name", _("Last name")),
        ExportColumn("usernames", _("Usernames")),
        ExportColumn("telegram_id", _("Telegram id")),
        ExportColumn("premium", _("Premium")),
        ExportColumn("verified", pgettext("mark of Telegram", "Verified")),
        ExportColumn("last_seen", _("Last seen")),
        ExportColumn("last_seen_at", pgettext("moment", "Last seen at")),
        ExportColumn("line", _("Line of the list")),
        ExportColumn("answered_at", _("Answered at")),
        ExportColumn("reused", _("From an earlier check")),
    ]
    return [*columns, ExportColumn("entity", _("What it is"))] if kind.various else columns


def export_rows(check: Check, wanted: Wanted, *, codes: bool = False) -> Iterator[list[Value]]:
    """One row for each wanted number, then the lines that are no numbers; `codes` instead of words for programs.

    Times are ISO 8601 in UTC. Some blocks at a time are in memory.
    """
    words = _Words(check, codes=codes)
    if wanted.verdict != INVALID:
        for numbers in stream_portions(check, wanted):
            # Plain tuples: a million model instances would take a minute longer.
            yield from map(words.row_of_number, numbers.values_list(words.kind.column, *NUMBER_COLUMNS))
    if wanted.verdict in {"", INVALID}:
        for line in rejected_lines(check, search=wanted.search).iterator(chunk_size=2000):
            yield words.row_of_line(line)


class _Words:
    """The words of one export, looked up once."""

    def __init__(self, check: Check, *, codes: bool) -> None:
        def words(pairs: Iterable[tuple[str, Any]]) -> dict[str, str]:
            return {code: code if codes else str(text) for code, text in pairs}

        self.kind = kind_named(check.kind)
        verdicts = words(VERDICT_WORDS.items())
        self.invalid = verdicts[INVALID]
        self.verdicts = {state.value: verdicts[code] for state, code in VERDICT_CODES.items()}
        self.reasons = words(Number.UnansweredReason.choices)
        self.seen = words(Finding.LastSeen.choices)
        self.entities = words(Finding.Entity.choices)
        self.problems = words((problem.value, self.kind.problem_text(problem)) for problem in Problem)

    def row_of_number(self, values: tuple[Any, ...]) -> list[Value]:
        """A value and its NUMBER_COLUMNS as an exported row."""
        value, line, state, reason, answered_at, reused, *found = values
        telegram_id, first_name, last_name, usernames, premium, verified, seen, seen_at, entity = found
        if entity != Finding.Entity.USER:
            seen = ""
        row: list[Value] = [
            self.kind.shown(value),
            self.verdicts[state],
            self.reasons.get(reason, reason) if state == Number.State.UNANSWERED else "",
            first_name or "",
            last_name or "",
            " ".join([f"@{name}" for name in json.loads(usernames)]) if usernames else "",
            telegram_id,
            premium,
            verified,
            self.seen.get(seen, seen or ""),
            seen_at or "",
            line,
            answered_at or "",
            reused or None,
        ]
        return [*row, self.entities.get(entity, "")] if self.kind.various else row

    def row_of_line(self, line: RejectedLine) -> list[Value]:
        """A rejected line as an exported row."""
        reason = self.problems.get(line.problem, line.problem)
        row: list[Value] = [line.text, self.invalid, reason, *NO_ANSWER, line.line, "", None]
        return [*row, ""] if self.kind.various else row
