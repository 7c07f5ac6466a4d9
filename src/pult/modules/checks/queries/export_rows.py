"""Results as rows for files: the same columns for every format, on the page and in the terminal."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from pult.modules.checks.formats.exports import ExportColumn, Value
from pult.modules.checks.models import Check, Finding, Number, RejectedLine
from pult.modules.checks.queries.results import INVALID, Wanted, rejected_lines, stream_numbers
from pult.modules.checks.rules.problem_texts import PROBLEM_TEXTS
from pult.modules.checks.rules.problems import Problem

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


def export_columns() -> list[ExportColumn]:
    """The columns of an export, titled in the language in use."""
    return [
        ExportColumn("number", _("Number")),
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
    ]


def export_rows(check: Check, wanted: Wanted, *, codes: bool = False) -> Iterator[list[Value]]:
    """One row for each wanted number, then the lines that are no numbers; `codes` instead of words for programs.

    Times are ISO 8601 in UTC. One block at a time is in memory.
    """
    if wanted.verdict != INVALID:
        for number in stream_numbers(check, wanted):
            yield _row_of_number(number, codes=codes)
    if wanted.verdict in {"", INVALID}:
        for line in rejected_lines(check, search=wanted.search).iterator(chunk_size=2000):
            yield _row_of_line(line, codes=codes)


def problem_text(problem: str) -> str:
    """Why a line was refused, in words; the code itself where there are none."""
    return str(PROBLEM_TEXTS[Problem(problem)]) if problem in set(Problem) else problem


def _row_of_number(number: Number, *, codes: bool) -> list[Value]:
    code = VERDICT_CODES[Number.State(number.state)]
    reason = number.unanswered_reason if code == "unanswered" else ""
    if reason and not codes:
        reason = str(Number.UnansweredReason(reason).label)
    finding: Finding | None = getattr(number, "finding", None)
    seen = finding.last_seen if finding else ""
    return [
        f"+{number.phone}",
        code if codes else str(VERDICT_WORDS[code]),
        reason,
        finding.first_name if finding else "",
        finding.last_name if finding else "",
        " ".join(f"@{name}" for name in finding.usernames) if finding else "",
        finding.telegram_id if finding else None,
        finding.premium if finding else None,
        finding.verified if finding else None,
        seen if codes or not seen else str(Finding.LastSeen(seen).label),
        finding.last_seen_at.isoformat(timespec="seconds") if finding and finding.last_seen_at else "",
        number.line,
        number.answered_at.isoformat(timespec="seconds") if number.answered_at else "",
    ]


def _row_of_line(line: RejectedLine, *, codes: bool) -> list[Value]:
    verdict = INVALID if codes else str(VERDICT_WORDS[INVALID])
    reason = line.problem if codes else problem_text(line.problem)
    return [line.text, verdict, reason, "", "", "", None, None, None, "", "", line.line, ""]
