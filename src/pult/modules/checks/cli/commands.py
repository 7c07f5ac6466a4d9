"""The commands of `pult check`."""

import shlex
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
from pult.core.privacy.queries import limits
from pult.modules.checks.cli.following import follow_to_end, grouped, read_to_end, summarise
from pult.modules.checks.cli.speaking import (
    ExitCode,
    acting_person,
    check_of,
    give_up,
    terminal,
    warn_without_worker,
)
from pult.modules.checks.cli.uploading import upload
from pult.modules.checks.cli.writing import checked_target, wanted_rows, write_results
from pult.modules.checks.formats import format_names
from pult.modules.checks.kinds import KINDS, kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.operations import control
from pult.modules.checks.operations.control import UnableToChangeCheck
from pult.modules.checks.queries.keeping import last_wishes
from pult.modules.checks.queries.own_checks import checks_listed, last_region

LISTED = 50

commands = typer.Typer(
    name="check",
    help="Check which phone numbers have a Telegram account. Exit codes: 0 done, 1 not possible, 2 wrong usage, "
    "3 done but some numbers stay unanswered, 4 cancelled, 130 interrupted (the check itself goes on).",
    no_args_is_help=True,
)

PersonOption = Annotated[
    str | None,
    typer.Option("--person", metavar="EMAIL", help="Whose check it is; the only owner if left out."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Where to write the results: .csv, .xlsx or .json.", dir_okay=False
    ),
]
CheckArgument = Annotated[
    int, typer.Argument(metavar="ID", min=1, help="Number of the check, as in the list.")
]


@commands.command()
def run(  # noqa: PLR0917 - a command line has as many words as it has
    file: Annotated[
        Path, typer.Argument(help=f"The list: {format_names()}.", exists=True, dir_okay=False, readable=True)
    ],
    out: OutOption = None,
    person: PersonOption = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="RU", help="Country of numbers without a country code; the one used last if left out."
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help=f"What is in the list: {', '.join(KINDS)}.")
    ] = "phone",
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME|N", help="Column by its heading or its number from 1; found if left out."),
    ] = None,
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; the first if left out.")] = "",
    purpose: Annotated[
        str | None,
        typer.Option(help="What the list is for, in a few words; that of the last list if left out."),
    ] = None,
    keep_days: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Days after which the list is erased; 0: never, where allowed. As last time if left out.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Stay until the last verdict has arrived.")
    ] = True,
) -> None:
    """Check a list: upload, read, start, follow, write the results."""
    owner, target = acting_person(person), checked_target(out)
    if not wait and target is not None:
        raise give_up(
            _("--out needs the verdicts: leave --no-wait away, or fetch them later with `pult check export`.")
        )
    region = last_region(owner) if country is None else country.strip().upper()
    check = upload(
        owner,
        file,
        kind=kind,
        region=region,
        column=column,
        sheet=sheet,
        purpose=_purpose(owner, purpose),
        keep_days=limits().nearest(last_wishes(owner).keep_days) if keep_days is None else keep_days,
    )
    terminal().print(
        _("Check %(check)s of %(email)s") % {"check": check.pk, "email": owner.email or owner}, markup=False
    )
    warn_without_worker()
    try:
        read_to_end(owner, check)
        _act(control.start_check, owner, check.pk)
        code = follow_to_end(owner, check, target) if wait else ExitCode.FINE
    except KeyboardInterrupt:
        raise _interrupted(check, target, person) from None
    if not wait:
        typer.echo(check.pk)
        terminal().print(
            _("Started. `%(command)s` follows it.") % {"command": _again(check, None, person)}, markup=False
        )
    raise typer.Exit(code)


@commands.command()
def follow(check_id: CheckArgument, out: OutOption = None, person: PersonOption = None) -> None:
    """Follow a started check until it is over, then write its results."""
    owner, target = acting_person(person), checked_target(out)
    check = check_of(owner, check_id)
    if check.state == Check.State.READY:
        raise give_up(_("This check is not started yet: `pult check start %(check)s`.") % {"check": check_id})
    if check.state in {Check.State.UPLOADED, Check.State.UNREADABLE}:
        raise give_up(_("This check waits for the choice of its column on the web page."))
    warn_without_worker()
    try:
        if check.state == Check.State.READING:
            read_to_end(owner, check)
            raise typer.Exit(ExitCode.FINE)
        code = follow_to_end(owner, check, target)
    except KeyboardInterrupt:
        raise _interrupted(check, target, person) from None
    raise typer.Exit(code)


@commands.command("list")
def list_checks(
    person: PersonOption = None,
    search: Annotated[str, typer.Option(help="Only checks with this in their name.")] = "",
) -> None:
    """List a person's checks, the newest first."""
    owner = acting_person(person)
    table = Table(box=SIMPLE)
    table.add_column("ID", justify="right", no_wrap=True)
    table.add_column(pgettext("of a check", "Name"), min_width=16, overflow="fold")
    table.add_column(_("State"), no_wrap=True)
    table.add_column(_("What is asked"), no_wrap=True)
    for title in (_("Numbers"), _("Found"), _("Unanswered")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(_("Created"), no_wrap=True)
    for check in checks_listed(owner, search=search)[:LISTED]:
        sums = [check.valid_count, *(getattr(check, name) for name in ("found", "unanswered"))]
        created = f"{localtime(check.created_at):%m-%d %H:%M}"
        state = str(Check.State(check.state).label)
        kind = str(kind_named(check.kind).title)
        table.add_row(str(check.pk), check.name, state, kind, *(grouped(count) for count in sums), created)
    Console(highlight=False, markup=False).print(table)


@commands.command()
def start(check_id: CheckArgument, person: PersonOption = None) -> None:
    """Start a check whose list has been read."""
    _act(control.start_check, acting_person(person), check_id)
    terminal().print(_("Check started."))
    warn_without_worker()


@commands.command()
def pause(check_id: CheckArgument, person: PersonOption = None) -> None:
    """Pause a running check."""
    _act(control.pause_check, acting_person(person), check_id)
    terminal().print(_("Check paused."))


@commands.command()
def resume(check_id: CheckArgument, person: PersonOption = None) -> None:
    """Go on with a paused check."""
    _act(control.resume_check, acting_person(person), check_id)
    terminal().print(_("Check resumed."))
    warn_without_worker()


@commands.command()
def cancel(
    check_id: CheckArgument,
    person: PersonOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """End a check for good; verdicts that have arrived are kept."""
    owner = acting_person(person)
    check = check_of(owner, check_id)
    if not yes and not typer.confirm(_("Cancel the check “%(name)s”?") % {"name": check.name}, err=True):
        raise typer.Exit(ExitCode.IMPOSSIBLE)
    _act(control.cancel_check, owner, check_id)
    terminal().print(_("Check cancelled."))


@commands.command()
def export(
    check_id: CheckArgument,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="Where to write: .csv, .xlsx or .json.", dir_okay=False),
    ],
    verdict: Annotated[
        str | None, typer.Option(help="Only found, not_found, unanswered or invalid; all if left out.")
    ] = None,
    person: PersonOption = None,
) -> None:
    """Write the results that a check has now."""
    wanted, target = wanted_rows(verdict), checked_target(out)
    check = check_of(acting_person(person), check_id)
    if target is not None:
        write_results(check, target, wanted)
        terminal().print(_("Written to %(file)s") % {"file": target}, markup=False, soft_wrap=True)
    summarise(check)


def _purpose(owner: Person, given: str | None) -> str:
    """What the list is for; ends the command when nobody has said it, now or for an earlier list."""
    purpose = (last_wishes(owner).purpose if given is None else given).strip()
    if not purpose:
        raise give_up(_('Say in a few words what this list is for: --purpose "autumn newsletter".'))
    return purpose


def _act(operation: object, owner: Person, check_id: int) -> None:
    assert callable(operation)  # noqa: S101 - one of the verbs of control
    try:
        operation(actor=owner, check_id=check_id, now=timezone.now())
    except Check.DoesNotExist:
        words = _("%(email)s has no check %(check)s; `pult check list` shows all.")
        raise give_up(words % {"email": owner.email or owner, "check": check_id}) from None
    except UnableToChangeCheck as refusal:
        raise give_up(refusal) from refusal


def _interrupted(check: Check, out: Path | None, person: str | None) -> typer.Exit:
    state = check_of(check.owner, check.pk).state
    goes_on = state in {Check.State.RUNNING, Check.State.READING}
    words = _("The check goes on without this terminal.") if goes_on else _("Nothing of the check is lost.")
    back = _("To come back: %(command)s") % {"command": _again(check, out, person)}
    terminal().print(f"\n{words} {back}", markup=False, soft_wrap=True)
    return typer.Exit(ExitCode.INTERRUPTED)


def _again(check: Check, out: Path | None, person: str | None) -> str:
    words = ["pult", "check", "follow", str(check.pk)]
    words += ["--out", str(out)] if out else []
    words += ["--person", person] if person else []
    return shlex.join(words)
