"""Following a check in the terminal: reading, then verdicts with rate and time left, waits in words."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import typer
from django.db import close_old_connections
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from pult.core.people.models import Person
from pult.modules.checks.cli.speaking import ExitCode, check_of, give_up, terminal
from pult.modules.checks.cli.writing import write_results
from pult.modules.checks.kinds import kind_named
from pult.modules.checks.models import Block, Check
from pult.modules.checks.queries.progress import Progress as Standing
from pult.modules.checks.queries.progress import accounts_for, progress_of
from pult.modules.checks.queries.results import Wanted, problem_counts
from pult.modules.checks.queries.uploaded_list import unreadable_text

LOOK_EVERY_SECONDS = 0.3
MOST_PROBLEMS = 5
State = Check.State
OVER = (State.FINISHED, State.CANCELLED)


def read_to_end(person: Person, check: Check) -> Check:
    """Watch the list being read; ends the command when it cannot be read."""

    def look(found: Check) -> tuple[int, int, str]:
        lines = ngettext("%(lines)s line", "%(lines)s lines", found.read_lines) % {
            "lines": grouped(found.read_lines)
        }
        return found.read_bytes, found.source_size, lines

    found = _watch(person, check.pk, _("Reading"), look, until=lambda found: found.state != State.READING)
    if found.state == State.UNREADABLE:
        raise give_up(f"{found.source_name}: {unreadable_text(found.unreadable_reason, kind=found.kind)}")
    counts = {"valid": found.valid_count, "repeated": found.repeated_count, "rejected": found.rejected_count}
    words = _("%(valid)s valid, %(repeated)s repeated, %(rejected)s rejected")
    terminal().print(words % {name: grouped(count) for name, count in counts.items()})
    for problem, count in problem_counts(found)[:MOST_PROBLEMS]:
        terminal().print(f"  {grouped(count)} × {kind_named(found.kind).problem_text(problem)}", markup=False)
    return found


def follow_to_end(person: Person, check: Check, out: Path | None) -> ExitCode:
    """Watch a started check until it is over, then write its results."""

    def look(found: Check) -> tuple[int, int, str]:
        sums = progress_of(found, now=timezone.now())
        return sums.final, sums.total, _words(person, found, sums)

    found = _watch(person, check.pk, _("Checking"), look, until=lambda found: found.state in OVER)
    if out is not None:
        write_results(found, out, Wanted())
        terminal().print(_("Written to %(file)s") % {"file": out}, markup=False, soft_wrap=True)
    return summarise(found)


def summarise(check: Check) -> ExitCode:
    """The totals on standard output, and the exit code that says the same."""
    sums = progress_of(check, now=timezone.now())
    counts = {"found": sums.found, "not_found": sums.not_found, "unanswered": sums.unanswered}
    words = _("Found %(found)s, not found %(not_found)s, unanswered %(unanswered)s, invalid %(invalid)s")
    typer.echo(words % {**counts, "invalid": check.rejected_count})
    if check.state == State.CANCELLED:
        terminal().print(_("The check was cancelled; what had arrived is kept."), style="yellow")
        return ExitCode.CANCELLED
    return ExitCode.UNANSWERED if sums.unanswered else ExitCode.FINE


def _watch(
    person: Person,
    check_id: int,
    title: str,
    look: Callable[[Check], tuple[int, int, str]],
    *,
    until: Callable[[Check], bool],
) -> Check:
    """A bar that follows the check's rows; every look is a query, nothing is kept in this process."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=terminal()) as bar:
        task = bar.add_task(title, total=None, words="")
        while True:
            close_old_connections()
            found = check_of(person, check_id)
            done, total, words = look(found)
            over = until(found)
            bar.update(task, completed=total if over and total else done, total=total or None, words=words)
            if over:
                return found
            time.sleep(LOOK_EVERY_SECONDS)


def _words(person: Person, check: Check, sums: Standing) -> str:
    counts = {"found": grouped(sums.found), "not_found": grouped(sums.not_found)}
    words = [_("found %(found)s, not found %(not_found)s") % counts]
    if check.state == State.PAUSED:
        words.append(_("paused: `pult check resume %(check)s` goes on") % {"check": check.pk})
    elif check.state == State.RUNNING:
        words += _while_running(check, person, sums)
    return ", ".join(words)


def _while_running(check: Check, person: Person, sums: Standing) -> list[str]:
    accounts = accounts_for(check, person)
    if not accounts:
        return [_("waits for an account: `pult account add` connects one")]
    if sums.next_at is not None:
        resting = next((entry.account for entry in accounts if entry.account.resting_until), None)
        reason = resting.rest_in_words if resting else Block.WaitReason.ASKED_LATER.label
        return [_("waits until %(time)s") % {"time": f"{localtime(sums.next_at):%H:%M:%S}"}, str(reason)]
    words = [_("%(rate)s per second") % {"rate": grouped(round(sums.rate))}] if sums.rate else []
    return [*words, _("about %(time)s left") % {"time": _clock(sums.left)}] if sums.left else words


def _clock(length: timedelta) -> str:
    """1:02:05, or 2:05."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def grouped(count: int) -> str:
    """1,234,567 or 1 234 567 by language."""
    return number_format(count, force_grouping=True)
