"""The commands of `pult remote`."""

import uuid
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.config.remote.speaking import ExitCode, give_up, speak, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pult.config.remote.client import RemotePult

LISTED = 50
VERDICTS = ("found", "not_found", "unanswered", "invalid")

commands = typer.Typer(
    name="remote",
    help="Checks on a Pult on another machine, through its API. `login` once; or --server and --token-file, or "
    "PULT_SERVER and PULT_TOKEN. Exit codes as those of `pult check`.",
    no_args_is_help=True,
)

ServerOption = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="Which Pult: https://pult.example.com.")
]
TokenOption = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", help="File with the token.", dir_okay=False),
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


def _pult(server: str | None, token_file: Path | None) -> "RemotePult":
    language = speak()
    from pult.config.remote.client import RemotePult
    from pult.config.remote.login import find_login

    return RemotePult(find_login(server, token_file), language=language)


@commands.command()
def login(server: ServerOption = None, token_file: TokenOption = None) -> None:
    """Remember a Pult and a token of yours; the token is asked for, unseen, without --token-file."""
    language = speak()
    from pult.config.remote.client import RemotePult
    from pult.config.remote.login import Login, checked_server, keep, read_token

    address = checked_server(server or typer.prompt(_("Address of Pult"), err=True))
    token = read_token(token_file) if token_file else typer.prompt(_("Token"), hide_input=True, err=True)
    wanted = Login(address, token.strip())
    known = RemotePult(wanted, language=language).get("/token")
    if address.startswith("http://") and not address.startswith(("http://127.", "http://localhost")):
        terminal().print(_("This address is not https: the token travels in the open."), style="yellow")
    path = keep(wanted)
    words = _("Signed in to %(server)s as %(email)s; kept in %(file)s, which only you can read.")
    facts = {"server": address, "email": known["person"]["email"], "file": path}
    terminal().print(words % facts, markup=False, soft_wrap=True)


@commands.command()
def logout() -> None:
    """Forget what `login` remembered; revoke the token itself on the page of tokens."""
    speak()
    from pult.config.remote.login import forget

    words = _("The token is forgotten here; end it for good on the page API tokens.")
    terminal().print(words if forget() else _("There was nothing to forget."))


@commands.command()
def run(  # noqa: PLR0917 - a command line has as many words as it has
    file: Annotated[
        Path, typer.Argument(help="The list: CSV, TXT or XLSX.", exists=True, dir_okay=False, readable=True)
    ],
    purpose: Annotated[str, typer.Option(help="What the list is for, in a few words.")],
    out: OutOption = None,
    country: Annotated[
        str, typer.Option(metavar="RU", help="Country of numbers without a country code.")
    ] = "",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="What is in the list: phone or username.")
    ] = "phone",
    column: Annotated[
        str,
        typer.Option(metavar="NAME|N", help="Column by its heading or its number from 1; found if left out."),
    ] = "suggested",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; the first if left out.")] = "",
    keep_days: Annotated[
        int | None, typer.Option(min=0, help="Days after which the list is erased; 0: never, where allowed.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Stay until the last verdict has arrived.")
    ] = True,
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """Check a list: upload, start, follow, write the results."""
    pult = _pult(server, token_file)
    from pult.config.remote.showing import checked_target

    target = checked_target(out)
    if not wait and target is not None:
        raise give_up(_("--out needs the verdicts: leave --no-wait away, or fetch them later with `export`."))
    fields = {
        "purpose": purpose, "kind": kind, "region": country.strip().upper(), "column": column, "sheet": sheet,
        "start": "true", **({} if keep_days is None else {"keep_days": str(keep_days)}),
    }  # fmt: skip
    check = pult.upload("/checks/from-file", file=file, fields=fields, key=str(uuid.uuid4()))
    terminal().print(_("Check %(check)s at %(server)s") % {"check": check["id"], "server": pult.server})
    if not wait:
        typer.echo(check["id"])
        return
    _follow_to_end(pult, check["id"], target)


@commands.command()
def follow(
    check_id: CheckArgument,
    out: OutOption = None,
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """Follow a started check until it is over, then write its results."""
    pult = _pult(server, token_file)
    from pult.config.remote.showing import checked_target

    _follow_to_end(pult, check_id, checked_target(out))


@commands.command("list")
def list_checks(
    search: Annotated[str, typer.Option(help="Only checks with this in their name.")] = "",
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """List your checks, the newest first."""
    pult = _pult(server, token_file)
    from pult.config.remote.showing import show_list

    show_list(pult.get("/checks", limit=LISTED, search=search)["items"])


@commands.command()
def show(check_id: CheckArgument, server: ServerOption = None, token_file: TokenOption = None) -> None:
    """One check: its state and totals."""
    pult = _pult(server, token_file)
    from pult.config.remote.showing import show_check

    show_check(pult.get(f"/checks/{check_id}"))


@commands.command()
def export(
    check_id: CheckArgument,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="Where to write: .csv, .xlsx or .json.", dir_okay=False),
    ],
    verdict: Annotated[
        str, typer.Option(help="Only found, not_found, unanswered or invalid; all if left out.")
    ] = "",
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """Write the results that a check has now."""
    pult = _pult(server, token_file)
    from pult.config.remote.showing import checked_target, summarise, write_results

    if verdict and verdict not in VERDICTS:
        words = _("There is no verdict %(verdict)s; there are: %(known)s.")
        raise give_up(words % {"verdict": verdict, "known": ", ".join(VERDICTS)})
    target = checked_target(out)
    check = pult.get(f"/checks/{check_id}")
    if target is not None:
        write_results(pult, check_id, target, verdict=verdict)
    summarise(check)


@commands.command()
def start(check_id: CheckArgument, server: ServerOption = None, token_file: TokenOption = None) -> None:
    """Start a check whose list has been read."""
    _pult(server, token_file).post(f"/checks/{check_id}/start")
    terminal().print(_("Check started."))


@commands.command()
def pause(check_id: CheckArgument, server: ServerOption = None, token_file: TokenOption = None) -> None:
    """Pause a running check."""
    _pult(server, token_file).post(f"/checks/{check_id}/pause")
    terminal().print(_("Check paused."))


@commands.command()
def resume(check_id: CheckArgument, server: ServerOption = None, token_file: TokenOption = None) -> None:
    """Go on with a paused check."""
    _pult(server, token_file).post(f"/checks/{check_id}/resume")
    terminal().print(_("Check resumed."))


@commands.command()
def cancel(
    check_id: CheckArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """End a check for good; verdicts that have arrived are kept."""
    pult = _pult(server, token_file)
    name = pult.get(f"/checks/{check_id}")["name"]
    if not yes and not typer.confirm(_("Cancel the check “%(name)s”?") % {"name": name}, err=True):
        raise typer.Exit(ExitCode.IMPOSSIBLE)
    pult.post(f"/checks/{check_id}/cancel")
    terminal().print(_("Check cancelled."))


@commands.command("ask-again")
def ask_again(check_id: CheckArgument, server: ServerOption = None, token_file: TokenOption = None) -> None:
    """Ask once more about every number that stays unanswered."""
    count = int(_pult(server, token_file).post(f"/checks/{check_id}/ask-again")["asked_again"])
    words = ngettext("%(count)s number is asked again.", "%(count)s numbers are asked again.", count)
    terminal().print(words % {"count": count})


@commands.command()
def log(
    check_id: CheckArgument,
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many lines.")] = 1000,
    server: ServerOption = None,
    token_file: TokenOption = None,
) -> None:
    """What happened in a check, the oldest first; never a phone number."""
    pult = _pult(server, token_file)
    for entry in islice(_entries(pult, check_id), most):
        typer.echo(f"{entry['at']}  {entry['text']}")


def _entries(pult: "RemotePult", check_id: int) -> "Iterator[dict[str, Any]]":
    cursor: str | None = ""
    while cursor is not None:
        page = pult.get(f"/checks/{check_id}/log", limit=500, cursor=cursor)
        yield from page["items"]
        cursor = page["next"]


def _follow_to_end(pult: "RemotePult", check_id: int, target: Path | None) -> None:
    from pult.config.remote import showing

    try:
        check = showing.follow(pult, check_id)
    except KeyboardInterrupt:
        words = _("The check itself goes on; `pult remote follow %(check)s` follows it again.")
        terminal().print(words % {"check": check_id})
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if target is not None:
        showing.write_results(pult, check_id, target)
    raise typer.Exit(showing.summarise(check))
