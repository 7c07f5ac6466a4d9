"""Following a check in the terminal: reading, then verdicts with rate and time left, waits in words."""

import time
from collections.abc import Callable
from pathlib import Path

import typer
from django.db import close_old_connections
from django.utils import timezone
from django.utils.timezone import localtime
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from pult.core.people.models import Person
from pult.modules.checks.cli.speaking import ExitCode, check_of, give_up, terminal
from pult.modules.checks.cli.writing import write_results
from pult.modules.checks.models import Check
from pult.modules.checks.queries.progress import Progress as Standing
from pult.modules.checks.queries.progress import accounts_for, progress_of
from pult.modules.checks.queries.results import Wanted
from pult.modules.checks.queries.uploaded_list import unreadable_text

LOOK_EVERY_SECONDS = 0.3
State = Check.State
OVER = (State.FINISHED, State.CANCELLED)


def read_to_end(person: Person, check: Check) -> Check:
    """Watch the list being read; ends the command when it cannot be read or holds no number."""

    def look(found: Check) -> tuple[int, int, str]:
        return found.read_bytes, found.source_size, f"{found.read_lines:,} lines"

    found = _watch(person, check.pk, "Reading", look, until=lambda found: found.state != State.READING)
    if found.state == State.UNREADABLE:
        raise give_up(f"{found.source_name}: {unreadable_text(found.unreadable_reason)}")
    terminal().print(
        f"{found.valid_count:,} valid numbers, {found.repeated_count:,} repeated, {found.rejected_count:,} rejected lines"
    )
    return found


def follow_to_end(person: Person, check: Check, out: Path | None) -> ExitCode:
    """Watch a started check until it is over, then write its results."""
    found = _watch(
        person, check.pk, "Checking", lambda found: _standing(person, found), until=lambda found: found.state in OVER
    )
    if out is not None:
        write_results(found, out, Wanted())
        terminal().print(f"Written to {out}", markup=False)
    return summarise(found)


def summarise(check: Check) -> ExitCode:
    """The totals on standard output, and the exit code that says the same."""
    sums = progress_of(check, now=timezone.now())
    typer.echo(
        f"{sums.found} found, {sums.not_found} not found, {sums.unanswered} unanswered, {check.rejected_count} invalid"
    )
    if check.state == State.CANCELLED:
        terminal().print("The check was cancelled; what had arrived is kept.", style="yellow")
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
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[words]}"))
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


def _standing(person: Person, check: Check) -> tuple[int, int, str]:
    sums = progress_of(check, now=timezone.now())
    return sums.final, sums.total, _words(person, check, sums)


def _words(person: Person, check: Check, sums: Standing) -> str:
    counted = f"{sums.found:,} found, {sums.not_found:,} not found"
    if check.state == State.PAUSED:
        return f"{counted}; paused: `pult check resume {check.pk}` goes on"
    if check.state != State.RUNNING:
        return counted
    accounts = accounts_for(check, person)
    if not accounts:
        return f"{counted}; waits for an account: `pult account add` connects one"
    if sums.next_at is not None:
        resting = next((entry.account for entry in accounts if entry.account.resting_until), None)
        reason = resting.rest_in_words if resting else "Some numbers are asked again later."
        return f"{counted}; waits until {localtime(sums.next_at):%H:%M:%S}. {reason}"
    rate = f", {sums.rate:,.0f}/s" if sums.rate else ""
    left = f", about {_duration(sums.left.total_seconds())} left" if sums.left else ""
    return counted + rate + left


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
