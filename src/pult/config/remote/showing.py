"""A remote check on the terminal: the bar that follows it, its totals, lists."""

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from django.utils.translation import gettext as _
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from pult.config.remote.client import RemotePult
from pult.config.remote.speaking import ExitCode, give_up, terminal

# A token may send 120 requests a minute: one a second leaves room for others.
LOOK_EVERY_SECONDS = 1.0
# A server that is started anew, or a train in a tunnel.
FOLLOW_PATIENCE_SECONDS = 120.0
OVER = {"finished", "cancelled"}
Check = dict[str, Any]


def states() -> dict[str, str]:
    """The states of a check in words."""
    return {
        "uploaded": _("Waits for its column"),
        "reading": _("Being read"),
        "unreadable": _("Unreadable"),
        "ready": _("Ready to start"),
        "running": _("Running"),
        "paused": _("Paused"),
        "finished": _("Finished"),
        "cancelled": _("Cancelled"),
    }


def follow(pult: RemotePult, check_id: int) -> Check:
    """Watch a check until it is over; ends the command where it cannot become so by itself."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=terminal()) as bar:
        task = bar.add_task("", total=None, words="")
        while True:
            check = pult.get(f"/checks/{check_id}", patience=FOLLOW_PATIENCE_SECONDS)
            total = check["list"]["valid"] or None
            bar.update(
                task,
                description=states().get(check["state"], check["state"]),
                completed=total if check["state"] in OVER else check["progress"]["final"],
                total=total,
                words=_words(check),
            )
            if check["state"] in OVER:
                return check
            if reason := _stuck(check):
                bar.stop()
                raise give_up(reason)
            time.sleep(LOOK_EVERY_SECONDS)


def _stuck(check: Check) -> str:
    if check["state"] == "unreadable":
        return str(check["unreadable_reason"] or _("This list cannot be read."))
    if check["state"] == "uploaded":
        return _("This check waits for the choice of its column on the web page.")
    if check["state"] == "ready":
        return _("This check is not started yet: `pult remote start %(check)s`.") % {"check": check["id"]}
    return ""


def _words(check: Check) -> str:
    totals, progress = check["totals"], check["progress"]
    words = [_("found %(found)s, not found %(not_found)s") % totals]
    if check["state"] == "paused":
        words.append(_("paused: `pult remote resume %(check)s` goes on") % {"check": check["id"]})
    elif progress["goes_on_at"]:
        words.append(_("waits until %(time)s") % {"time": f"{_local(progress['goes_on_at']):%H:%M:%S}"})
    elif progress["seconds_left"]:
        minutes, seconds = divmod(int(progress["seconds_left"]), 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
        words.append(_("about %(time)s left") % {"time": clock})
    return ", ".join(words)


def summarise(check: Check) -> ExitCode:
    """The totals on standard output, and the exit code that says the same."""
    words = _("Found %(found)s, not found %(not_found)s, unanswered %(unanswered)s, invalid %(invalid)s")
    typer.echo(words % {**check["totals"], "invalid": check["list"]["rejected"]})
    if check["state"] == "cancelled":
        terminal().print(_("The check was cancelled; what had arrived is kept."), style="yellow")
        return ExitCode.CANCELLED
    return ExitCode.UNANSWERED if check["totals"]["unanswered"] else ExitCode.FINE


def show_list(checks: Iterable[Check]) -> None:
    """Checks as a table."""
    table = Table(box=SIMPLE)
    table.add_column("ID", justify="right", no_wrap=True)
    table.add_column(_("Name"), min_width=16, overflow="fold")
    table.add_column(_("State"), no_wrap=True)
    for title in (_("Numbers"), _("Found"), _("Unanswered")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(_("Created"), no_wrap=True)
    for check in checks:
        counts = (check["list"]["valid"], check["totals"]["found"], check["totals"]["unanswered"])
        table.add_row(
            str(check["id"]),
            check["name"],
            states().get(check["state"], check["state"]),
            *(str(count) for count in counts),
            f"{_local(check['created_at']):%m-%d %H:%M}",
        )
    _out(table)


def show_check(check: Check) -> None:
    """One check with its totals."""
    table = Table(box=None, show_header=False)
    totals = check["totals"]
    facts = {
        _("Name"): check["name"],
        _("State"): states().get(check["state"], check["state"]),
        _("Purpose"): check["purpose"],
        _("Numbers"): check["list"]["valid"],
        _("Found"): totals["found"],
        _("Not found"): totals["not_found"],
        _("Unanswered"): totals["unanswered"],
        _("Not asked yet"): totals["waiting"],
        _("Created"): f"{_local(check['created_at']):%Y-%m-%d %H:%M}",
        _("Erased"): f"{_local(check['erase_at']):%Y-%m-%d %H:%M}" if check["erase_at"] else "–",
    }
    for name, value in facts.items():
        table.add_row(name, str(value))
    _out(table)


def _out(table: Table) -> None:
    Console(highlight=False, markup=False).print(table)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def checked_target(path: Path | None) -> Path | None:
    """The file that will be written; ends the command while there is still time to name a better one."""
    if path is None:
        return None
    if path.suffix.lower() not in {".csv", ".xlsx", ".json"}:
        raise give_up(_("%(file)s: the name must end with .csv, .xlsx or .json.") % {"file": path.name})
    if not path.parent.is_dir():
        raise give_up(_("There is no folder %(folder)s.") % {"folder": path.parent})
    return path


def write_results(pult: RemotePult, check_id: int, target: Path, *, verdict: str = "") -> None:
    """The results as a file of the kind that its name says."""
    pult.download(
        f"/checks/{check_id}/export",
        target=target,
        format=target.suffix.lower().removeprefix("."),
        verdict=verdict,
    )
    terminal().print(_("Written to %(file)s") % {"file": target}, markup=False, soft_wrap=True)
