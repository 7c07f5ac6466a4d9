"""The screen of one check: what it shows follows from the check's state, as on its page."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.bots.screens import Button, Screen, Visit, below
from pult.core.telegram.queries import accounts_usable_by
from pult.core.ui.numbers import grouped, in_words
from pult.modules.checks.bot import words
from pult.modules.checks.bot.purpose import ask_purpose
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.queries import wait_words
from pult.modules.checks.queries.progress import Progress, accounts_for, has_given_up_numbers, progress_of
from pult.modules.checks.queries.result_files import CONTENT_TYPES
from pult.modules.checks.queries.results import problem_counts
from pult.modules.checks.queries.reuse import CHOICES, has_earlier, reusable_counts
from pult.modules.checks.queries.uploaded_list import unreadable_text
from pult.modules.checks.queries.waiting import standing_of
from pult.modules.checks.rules.blocks import block_sizes

MOST_PROBLEMS = 4
State = Check.State
Row = tuple[Button, ...]


def draw(visit: Visit, check: Check) -> Screen:
    """The check as it stands now."""
    state = State(check.state)
    if state is State.UNREADABLE:
        return _unreadable(check)
    if not check.purpose and state in {State.READING, State.READY}:
        return ask_purpose(visit, check)
    if state is State.READING:
        return _followed(check, _reading(check), rows=(_back(),))
    if state is State.READY:
        return _ready(visit, check)
    return _work(visit, check)


def _followed(check: Check, text: SafeString, rows: tuple[Row, ...]) -> Screen:
    key = str(check.pk)
    return below(text, *rows, follows=f"check:{key}", drawn_by="checks.open", arguments=(key,))


def _back() -> Row:
    return (Button(_("‹ All checks"), "checks.list"),)


def _unreadable(check: Check) -> Screen:
    key = str(check.pk)
    again: Row = (Button(_("Another column"), "checks.column", (key,)),) if check.source_path else ()
    return below(
        words.paragraphs(words.heading(check), unreadable_text(check.unreadable_reason, kind=check.kind)),
        again,
        (Button(_("New list"), "checks.new"), Button(_("🗑 Remove"), "checks.removing", (key,))),
        _back(),
    )


def _reading(check: Check) -> SafeString:
    read = words.bar(min(check.read_bytes, check.source_size), check.source_size)
    line = ngettext("%(lines)s line read", "%(lines)s lines read", check.read_lines)
    return words.paragraphs(
        words.heading(check), words.lines(read, line % {"lines": grouped(check.read_lines)})
    )


def _ready(visit: Visit, check: Check) -> Screen:
    key = str(check.pk)
    kind = kind_named(check.kind)
    if not check.valid_count:
        return below(
            words.paragraphs(words.heading(check), str(kind.words.nothing_valid), _problems(check)),
            (Button(_("New list"), "checks.new"), Button(_("🗑 Remove"), "checks.removing", (key,))),
            _back(),
        )
    blocks = len(block_sizes(check.valid_count))
    counts = words.lines(
        words.counted(str(kind.words.valid), check.valid_count),
        words.counted(_("Repeated, asked once"), check.repeated_count) if check.repeated_count else "",
        words.counted(_("Not readable"), check.rejected_count) if check.rejected_count else "",
        words.counted(_("Blocks of at most 500"), blocks),
    )
    missing = "" if accounts_usable_by(visit.person).exists() else _no_account()
    return below(
        words.paragraphs(words.heading(check), counts, _problems(check), missing, words.purpose_line(check)),
        (Button(_("▶️ Start"), "checks.start", (key,)),),
        *_reuse_rows(check),
        (Button(_("🗑 Remove"), "checks.removing", (key,)), *_back()),
    )


def _no_account() -> str:
    return _(
        "⚠️ No Telegram account is connected yet. You can start now; the check waits until one is connected on the web."
    )


def _problems(check: Check) -> SafeString | str:
    """Why lines were refused, the most frequent reasons first."""
    kind = kind_named(check.kind)
    found = problem_counts(check)[:MOST_PROBLEMS]
    return words.lines(
        *(format_html("{} × {}", grouped(count), kind.problem_text(problem)) for problem, count in found)
    )


def _reuse_rows(check: Check) -> list[Row]:
    """One button for the longest time of which earlier verdicts would be taken over; the page offers every other."""
    if not has_earlier(check):
        return []
    days = max(CHOICES)
    counts = reusable_counts(check)
    if counts is None or not counts[days]:
        return []
    text = _("▶️ Start, take over %(count)s known ones (%(days)s days)")
    shown = text % {"count": grouped(counts[days]), "days": days}
    return [(Button(shown, "checks.start", (str(check.pk), str(days))),)]


def _work(visit: Visit, check: Check) -> Screen:
    key = str(check.pk)
    state = State(check.state)
    sums = progress_of(check, now=visit.now)
    over = state in {State.FINISHED, State.CANCELLED}
    text = words.paragraphs(
        words.heading(check),
        words.bar(sums.final, sums.total),
        _counts(check, sums),
        "" if over else _pace(visit, check, sums),
        words.purpose_line(check),
    )
    files: Row = tuple(Button(f"📎 {name.upper()}", "checks.file", (key, name)) for name in CONTENT_TYPES)
    if over:
        again: Row = (
            (Button(_("Ask the unanswered again"), "checks.again", (key,)),)
            if state is State.FINISHED and sums.unanswered and has_given_up_numbers(check)
            else ()
        )
        return below(text, files, again, (Button(_("🗑 Remove"), "checks.removing", (key,)), *_back()))
    turn = (
        Button(_("▶️ Go on"), "checks.resume", (key,))
        if state is State.PAUSED
        else Button(_("⏸ Pause"), "checks.pause", (key,))
    )
    return _followed(
        check, text, rows=((turn, Button(_("⏹ Stop"), "checks.stopping", (key,))), files, _back())
    )


def _counts(check: Check, sums: Progress) -> SafeString:
    return words.lines(
        words.counted(_("✅ Found"), sums.found),
        words.counted(_("◻️ Not found"), sums.not_found),
        words.counted(_("❔ Unanswered"), sums.unanswered) if sums.unanswered else "",
        words.counted(_("Not asked"), sums.open) if sums.open else "",
        words.counted(_("Not readable"), check.rejected_count) if check.rejected_count else "",
        words.counted(_("From earlier checks"), check.reused_count) if check.reused_count else "",
        _took(check),
    )


def _took(check: Check) -> str:
    if not (check.finished_at and check.started_at):
        return ""
    return _("Took %(time)s") % {"time": in_words(check.finished_at - check.started_at)}


def _pace(visit: Visit, check: Check, sums: Progress) -> SafeString | str:
    """Speed and time left, or what it waits for."""
    if check.state == State.PAUSED:
        return ""
    accounts = accounts_for(check, visit.person)
    obstacle = wait_words.to_owner(standing_of(check))
    if obstacle is not None:
        return format_html("⏳ {} {}", obstacle.text, words.until(obstacle.standing.until))
    if not accounts:
        return _("⏳ Waits for a Telegram account: connect one on the web, under Accounts.")
    if sums.next_at is not None:
        return format_html("⏳ {}", words.until(sums.next_at))
    rate = _("%(rate)s per second") % {"rate": grouped(round(sums.rate, 1))} if sums.rate else ""
    return " · ".join(part for part in (rate, words.time_left(sums.left)) if part)
