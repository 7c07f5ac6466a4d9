"""`pult token …`: tokens from the terminal of the server. Whoever sits there may do everything."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from pult.core.api.models import Token
from pult.core.api.operations.tokens import UnableToMakeToken, create_token, revoke_token
from pult.core.api.queries import row_of, scopes_open_to, tokens_of
from pult.core.people.models import Person
from pult.core.people.queries import person_named

commands = typer.Typer(name="token", help="Tokens with which programmes use the API.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="E-mail of the person whose token it is.")]


def _give_up(reason: object) -> typer.Exit:
    typer.secho(str(reason), fg="red", err=True)
    return typer.Exit(1)


def _person(email: str) -> Person:
    person = person_named(email)
    if person is None:
        raise _give_up(
            _("Nobody here has the e-mail %(email)s; `pult person list` shows everybody.") % {"email": email}
        )
    return person


@commands.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option(help="What will use it.")] = "pult token create",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do; may be repeated. All that the person may if left out."),
    ] = None,
    days: Annotated[int, typer.Option(help="How many days it works.", min=1, max=1095)] = 90,
) -> None:
    """Print a new token. It is shown this once."""
    person, now = _person(email), timezone.now()
    open_to = [known.name for known in scopes_open_to(person)]
    if unknown := [wanted for wanted in scope or () if wanted not in open_to]:
        raise _give_up(
            _("There is no scope %(scope)s for this person; there are: %(known)s.")
            % {"scope": ", ".join(unknown), "known": ", ".join(open_to)}
        )
    try:
        issued = create_token(
            actor=None,
            person=person,
            name=name,
            scopes=scope or open_to,
            expires_at=now + timedelta(days=days),
            now=now,
        )
    except UnableToMakeToken as unable:
        raise _give_up(unable) from unable
    typer.echo(issued.text)
    words = {
        "until": f"{timezone.localtime(issued.token.expires_at):%Y-%m-%d %H:%M}",
        "scopes": ", ".join(issued.token.scopes),
    }
    typer.echo(_("Works until %(until)s. May: %(scopes)s. It is not shown again.") % words, err=True)


@commands.command("list")
def list_tokens(email: Email) -> None:
    """List a person's tokens: which they are, what they may do, when they were used last."""
    now = timezone.now()
    table = Table(
        _("Token"),
        pgettext("of a token", "Name"),
        _("State"),
        _("Scopes"),
        _("Works until"),
        pgettext("of a token", "Last used"),
        box=SIMPLE,
    )
    words = {"working": _("works"), "revoked": _("revoked"), "expired": _("expired")}
    for token in tokens_of(_person(email), now=now):
        used = (
            f"{timezone.localtime(token.last_used_at):%Y-%m-%d %H:%M}" if token.last_used_at else _("never")
        )
        until = f"{timezone.localtime(token.expires_at):%Y-%m-%d %H:%M}"
        state = words[row_of(token, now=now).state]
        table.add_row(token.key, token.name, state, " ".join(token.scopes), until, used)
    Console().print(table, markup=False)


@commands.command()
def revoke(
    email: Email,
    key: Annotated[str, typer.Argument(help="The part after pult_, as `pult token list` shows it.")],
) -> None:
    """End a token at once."""
    person = _person(email)
    bare = key.strip().removeprefix("pult_").partition("_")[0]
    token = Token.objects.filter(person=person, key=bare).first()
    if token is None:
        raise _give_up(_("This person has no token %(key)s; `pult token list` shows all.") % {"key": bare})
    token_id: UUID = token.pk
    revoke_token(actor=None, person=person, token_id=token_id, now=timezone.now())
    typer.echo(_("The token %(name)s works no more.") % {"name": token.name})
