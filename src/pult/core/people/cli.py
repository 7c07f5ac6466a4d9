"""`pult person …`: people from the terminal of the server. Whoever sits there may do everything."""

from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from pult.core.people.letters import post_link
from pult.core.people.models import Person, RoleChoice
from pult.core.people.operations import (
    IssuedLink,
    UnableToInvite,
    UnableToIssueLink,
    UnableToRemovePerson,
    create_owner_link,
    create_sign_in_link,
    end_all_sessions,
    invite_colleague,
    remove_person,
    reset_second_factor,
)
from pult.core.people.queries import people_listed
from pult.core.registry import Role

commands = typer.Typer(name="person", help="People who use this installation.", no_args_is_help=True)


def _show(issued: IssuedLink) -> None:
    address = f"{settings.PULT_ADDRESS}{issued.path()}"
    typer.echo(address)
    mailed = post_link(issued, address=address)
    until = timezone.localtime(issued.link.expires_at)
    typer.echo(
        f"Works once, until {until:%Y-%m-%d %H:%M %Z}.{' Mailed as well.' if mailed else ''}", err=True
    )


def _give_up(reason: object) -> typer.Exit:
    typer.secho(str(reason), fg="red", err=True)
    return typer.Exit(1)


def _named(email: str) -> Person:
    person = Person.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise _give_up(
            _("Nobody here has the e-mail %(email)s; `pult person list` shows everybody.") % {"email": email}
        )
    return person


@commands.command()
def invite(
    email: Annotated[str, typer.Argument(help="E-mail of your colleague.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Invite a colleague: print a link with which they join within seven days."""
    try:
        _show(invite_colleague(actor=None, email=email, role=role, now=timezone.now()))
    except UnableToInvite as unable:
        raise _give_up(unable) from unable


@commands.command()
def link(
    email: Annotated[str | None, typer.Argument(help="Whom to let in; the first owner if left out.")] = None,
) -> None:
    """Print a one-time sign-in link, for somebody who forgot the password."""
    now = timezone.now()
    if email is None:
        issued = create_owner_link(now=now, even_with_password=True)
        if issued is not None:
            _show(issued)
        return
    person = _named(email)
    try:
        _show(create_sign_in_link(actor=None, person=person, now=now))
    except UnableToIssueLink as unable:
        raise _give_up(unable) from unable


@commands.command("reset-second-factor")
def reset(email: Annotated[str, typer.Argument(help="Who lost phone, keys and recovery codes.")]) -> None:
    """Take every second factor of a person away; their password alone then signs in."""
    count = reset_second_factor(actor=None, person=_named(email), now=timezone.now())
    if not count:
        typer.echo(_("%(email)s has no second factor.") % {"email": email})
        return
    typer.echo(
        _("Done. %(email)s signs in with the password alone until a new one is set up.") % {"email": email}
    )


@commands.command("end-sessions")
def end_sessions(email: Annotated[str, typer.Argument(help="Whom to sign out everywhere.")]) -> None:
    """Sign a person out in every browser at once."""
    end_all_sessions(actor=None, person=_named(email), now=timezone.now())
    typer.echo(_("%(email)s is signed out everywhere.") % {"email": email})


@commands.command()
def remove(
    email: Annotated[str, typer.Argument(help="Whom to remove.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a person for good, with their checks, numbers and accounts."""
    person = _named(email)
    if not yes:
        typer.confirm(
            _("Remove %(name)s with all checks, numbers and accounts? This cannot be undone.")
            % {"name": person},
            abort=True,
        )
    try:
        typer.echo(
            _("%(name)s is removed.") % {"name": remove_person(actor=None, person=person, now=timezone.now())}
        )
    except UnableToRemovePerson as unable:
        raise _give_up(unable) from unable


@commands.command("list")
def list_people() -> None:
    """List everybody with role, state and last sign-in."""
    table = Table(
        Column(_("E-mail"), overflow="fold"), _("Name"), _("Role"), _("State"), _("Last sign-in"), box=SIMPLE
    )
    for person in people_listed():
        seen = f"{timezone.localtime(person.last_login):%Y-%m-%d %H:%M}" if person.last_login else _("never")
        state = _("May sign in") if person.is_active else _("Access closed")
        table.add_row(person.email, person.name, str(RoleChoice(person.role).label), state, seen)
    Console().print(table)
