"""`pult person …`: people from the terminal of the server. Whoever sits there may do everything."""

from datetime import timedelta
from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from pult.core.people.letters import post_link
from pult.core.people.models import Person, RoleChoice, TelegramIdentity
from pult.core.people.operations import (
    IssuedLink,
    UnableToDecide,
    UnableToInvite,
    UnableToIssueLink,
    UnableToMerge,
    UnableToRemovePerson,
    create_owner_link,
    create_sign_in_link,
    decide_application,
    end_all_sessions,
    invite_colleague,
    merge_people,
    remove_person,
    reset_second_factor,
)
from pult.core.people.queries import applications_waiting, people_listed, person_named
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


def _named(who: str) -> Person:
    person = person_named(who)
    if person is None:
        words = _("Nobody here is known as %(who)s; `pult person list` shows everybody.")
        raise _give_up(words % {"who": who})
    return person


@commands.command()
def invite(
    email: Annotated[
        str, typer.Argument(help="E-mail of your colleague; left out: for whoever has the link.")
    ] = "",
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long the link works.")] = 168,
) -> None:
    """Invite a colleague: print a link with which they join once."""
    life = timedelta(hours=hours)
    try:
        _show(invite_colleague(actor=None, email=email, role=role, life=life, now=timezone.now()))
    except UnableToInvite as unable:
        raise _give_up(unable) from unable


@commands.command()
def link(
    who: Annotated[str | None, typer.Argument(help="Whom to let in; the first owner if left out.")] = None,
) -> None:
    """Print a one-time sign-in link, for somebody who forgot the password."""
    now = timezone.now()
    if who is None:
        issued = create_owner_link(now=now, even_with_password=True)
        if issued is not None:
            _show(issued)
        return
    person = _named(who)
    try:
        _show(create_sign_in_link(actor=None, person=person, now=now))
    except UnableToIssueLink as unable:
        raise _give_up(unable) from unable


@commands.command("reset-second-factor")
def reset(who: Annotated[str, typer.Argument(help="Who lost phone, keys and recovery codes.")]) -> None:
    """Take every second factor of a person away; their password alone then signs in."""
    person = _named(who)
    count = reset_second_factor(actor=None, person=person, now=timezone.now())
    if not count:
        typer.echo(_("%(name)s has no second factor.") % {"name": person})
        return
    typer.echo(
        _("Done. %(name)s signs in with the password alone until a new one is set up.") % {"name": person}
    )


@commands.command("end-sessions")
def end_sessions(who: Annotated[str, typer.Argument(help="Whom to sign out everywhere.")]) -> None:
    """Sign a person out in every browser at once."""
    person = _named(who)
    end_all_sessions(actor=None, person=person, now=timezone.now())
    typer.echo(_("%(name)s is signed out everywhere.") % {"name": person})


@commands.command()
def remove(
    who: Annotated[str, typer.Argument(help="Whom to remove: e-mail, @username of Telegram, or #number.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a person for good, with their checks, numbers and accounts."""
    person = _named(who)
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


@commands.command()
def waiting() -> None:
    """List who waits to be let in."""
    table = Table(_("Nickname"), "Telegram", _("Since"), "id", box=SIMPLE)
    for application in applications_waiting():
        name = f"@{application.username}" if application.username else application.telegram_name
        since = f"{timezone.localtime(application.created_at):%Y-%m-%d %H:%M}"
        table.add_row(escape(application.nickname), escape(name), since, str(application.pk))
    Console().print(table)


@commands.command("let-in")
def let_in(
    nickname: Annotated[str, typer.Argument(help="Nickname of who waits.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Let somebody in who asked by the bot."""
    _decided(nickname, approve=True, role=role)


@commands.command()
def decline(nickname: Annotated[str, typer.Argument(help="Nickname of who waits.")]) -> None:
    """Decline somebody who asked by the bot."""
    _decided(nickname, approve=False, role=Role.OPERATOR)


def _decided(nickname: str, *, approve: bool, role: Role) -> None:
    application = applications_waiting().filter(nickname__iexact=nickname.strip()).first()
    if application is None:
        words = _("Nobody called %(name)s waits; `pult person waiting` shows who does.")
        raise _give_up(words % {"name": nickname})
    try:
        decide_application(
            actor=None, application_id=application.pk, approve=approve, role=role, now=timezone.now()
        )
    except UnableToDecide as unable:
        raise _give_up(unable) from unable
    words = _("%(name)s may come in.") if approve else _("%(name)s is declined.")
    typer.echo(words % {"name": application.nickname})


@commands.command()
def merge(
    kept: Annotated[str, typer.Argument(help="The record that stays: e-mail, @username, or #number.")],
    merged: Annotated[str, typer.Argument(help="The record that goes into it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make one person of two records: everything of both stays."""
    one, other = _named(kept), _named(merged)
    if not yes:
        words = _("Give everything of %(merged)s to %(kept)s? This cannot be undone.")
        typer.confirm(words % {"merged": other, "kept": one}, abort=True)
    name = str(other)
    try:
        merge_people(actor=None, kept=one, merged=other, now=timezone.now())
    except UnableToMerge as unable:
        raise _give_up(unable) from unable
    typer.echo(_("%(merged)s is now one with %(kept)s.") % {"merged": name, "kept": one})


@commands.command("list")
def list_people() -> None:
    """List everybody with role, state and last sign-in."""
    # In one piece, so that it can be copied into the next command; narrow terminals break the other columns.
    ways = Column(_("E-mail or Telegram"), no_wrap=True)
    table = Table("#", ways, _("Name"), _("Role"), _("State"), _("Last sign-in"), box=SIMPLE)
    for person in people_listed():
        seen = f"{timezone.localtime(person.last_login):%Y-%m-%d %H:%M}" if person.last_login else _("never")
        state = _("May sign in") if person.is_active else _("Access closed")
        telegrams: list[TelegramIdentity] = vars(person)["telegram_here"]
        known_by = "\n".join(filter(None, [person.email, *map(str, telegrams)]))
        role = str(RoleChoice(person.role).label)
        table.add_row(str(person.pk), escape(known_by), escape(person.name), role, state, seen)
    Console().print(table)
