"""`pult check queue`, `hold`, `release` and `log`: the administrators' pages from the terminal."""

from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from pult.core.people.models import Person
from pult.core.people.queries import person_named
from pult.modules.checks.cli.speaking import acting_person, give_up, terminal
from pult.modules.checks.formats.exports import csv_export, json_export
from pult.modules.checks.operations.queue import hold_back, release
from pult.modules.checks.queries import logs
from pult.modules.checks.queries.all_checks import checks_managed_by
from pult.modules.checks.queries.log_texts import sentence
from pult.modules.checks.queries.wait_words import in_queue
from pult.modules.checks.queries.waiting import queue_standings

PersonOption = Annotated[
    str | None, typer.Option("--person", metavar="EMAIL", help="Only this person; everybody if left out.")
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="EMAIL", help="Who does it; the only owner if left out.")
]
LISTED = 50


def queue(by: ByOption = None) -> None:
    """Show who waits for what, in the order in which turns come."""
    manager = _manager(by)
    standings = queue_standings()
    checks = checks_managed_by(manager).in_bulk([standing.check_id for standing in standings])
    table = Table(_("ID"), _("Person"), pgettext("of a check", "Name"), _("Waits for"), box=SIMPLE)
    for standing in standings:
        check = checks.get(standing.check_id)
        if check is not None:
            until = f" ({localtime(standing.until):%d.%m. %H:%M})" if standing.until else ""
            words = f"{in_queue(standing).text}{until} {', '.join(standing.accounts)}".strip()
            table.add_row(str(check.pk), str(check.owner), check.name, words)
    Console(highlight=False, markup=False).print(table)


def hold(
    person: PersonOption = None,
    reason: Annotated[str, typer.Option(help="Its people read it.")] = "",
    by: ByOption = None,
) -> None:
    """Hold back all checks, or those of a person: what is under way ends, nothing else begins."""
    hold_back(actor=_manager(by), person=_of(person), reason=reason, now=timezone.now())
    terminal().print(_("Held back. What is under way still ends."))


def let_go(person: PersonOption = None, by: ByOption = None) -> None:
    """Release all checks, or those of a person."""
    if not release(actor=_manager(by), person=_of(person), now=timezone.now()):
        raise give_up(_("Nothing is held back there."))
    terminal().print(_("Released. It goes on."))


def log(
    person: PersonOption = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write it to a .csv or .json file.", dir_okay=False),
    ] = None,
    by: ByOption = None,
) -> None:
    """Show the latest log of everybody or of a person, or write all of it to a file; without phone numbers."""
    found = _of(person)
    wanted = logs.LogFilter(person=None if found is None else found.pk)
    entries = logs.filtered(logs.log_of_everybody(_manager(by)), wanted, now=timezone.now())
    if export is None:
        for entry in reversed(entries[:LISTED]):
            where = f"{entry.check_ref.owner} · {entry.check_ref.name}"
            typer.echo(f"{localtime(entry.at):%Y-%m-%d %H:%M:%S}  {where}  {sentence(entry)}")
        return
    writers = {".csv": csv_export, ".json": json_export}
    write = writers.get(export.suffix.lower())
    if write is None:
        raise give_up(_("The name of the file must end with .csv or .json."))
    with export.open("wb") as file:
        file.writelines(write(logs.columns(), logs.rows(entries)))
    export.chmod(0o600)
    terminal().print(_("Written to %(file)s") % {"file": export}, markup=False, soft_wrap=True)


def _manager(email: str | None) -> Person:
    person = acting_person(email)
    if not person.may("checks.manage"):
        raise give_up(_("Only administrators and owners can do that."))
    return person


def _of(email: str | None) -> Person | None:
    if email is None:
        return None
    person = person_named(email)
    if person is None:
        words = _("Nobody here has the e-mail %(email)s; `pult person list` shows everybody.")
        raise give_up(words % {"email": email})
    return person
