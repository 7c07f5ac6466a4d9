"""`pult bot …`: bots from the terminal of the server. Whoever sits there may do everything."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.box import SIMPLE
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table

from pult.core.bots.models import Bot
from pult.core.bots.operations import bots
from pult.core.bots.operations.bots import UnableToKeepBot
from pult.core.bots.queries import bots_here
from pult.core.bots.reasons import in_words

commands = typer.Typer(name="bot", help="Bots of this installation.", no_args_is_help=True)
console = Console()

Name = Annotated[str, typer.Argument(help="Username of the bot, with or without @.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@commands.command()
def add() -> None:
    """Add a bot by its token, which is asked for unseen (or read from standard input, where that is no terminal)."""
    made = _do(bots.add_bot, token=_token())
    role = _(" It is the main bot.") if made.main else ""
    console.print(_("%(bot)s is added.") % {"bot": made} + role, markup=False)


@commands.command("list")
def list_bots() -> None:
    """List all bots with their state."""
    table = Table(_("Bot"), _("Name"), _("State"), _("Main"), _("Last heard"), box=SIMPLE)
    for bot in bots_here():
        heard = f"{timezone.localtime(bot.heard_at):%Y-%m-%d %H:%M}" if bot.heard_at else _("never")
        state = ": ".join(word for word in (str(Bot.State(bot.state).label), in_words(bot.problem)) if word)
        table.add_row(str(bot), bot.name, state, _("yes") if bot.main else "", heard)
    console.print(table)


@commands.command()
def off(name: Name) -> None:
    """Stop a bot: it neither receives nor sends."""
    bot = _do(bots.switch_off_bot, bot_id=_named(name).pk)
    console.print(_("%(bot)s is switched off.") % {"bot": bot}, markup=False)


@commands.command()
def on(name: Name) -> None:
    """Let a bot run again."""
    bot = _do(bots.switch_on_bot, bot_id=_named(name).pk)
    console.print(_("%(bot)s runs.") % {"bot": bot}, markup=False)


@commands.command()
def token(name: Name) -> None:
    """Give a bot a new token from @BotFather; asked for unseen."""
    bot = _named(name)
    changed = _do(bots.replace_token, bot_id=bot.pk, token=_token())
    console.print(_("%(bot)s has its new token and runs.") % {"bot": changed}, markup=False)


@commands.command()
def main(name: Name) -> None:
    """Choose the bot with which people register, sign in and get their notices."""
    bot = _do(bots.choose_main_bot, bot_id=_named(name).pk)
    console.print(_("%(bot)s is the main bot.") % {"bot": bot}, markup=False)


@commands.command()
def remove(name: Name, yes: Yes = False) -> None:
    """Forget a bot with its token, its updates and its messages; at Telegram it goes on existing."""
    bot = _named(name)
    question = _("Remove %(bot)s with everything that it received and sent?") % {"bot": bot}
    if not yes and not Confirm.ask(question, console=console):
        raise typer.Exit(1)
    label = _do(bots.remove_bot, bot_id=bot.pk)
    console.print(_("%(bot)s is removed.") % {"bot": label}, markup=False)


def _token() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return Prompt.ask(_("Token from @BotFather"), password=True, console=console)


def _do(operation: Callable[..., Any], **given: object) -> Any:
    try:
        return operation(**given, actor=None, now=timezone.now())
    except UnableToKeepBot as unable:
        raise _give_up(unable) from None


def _named(name: str) -> Bot:
    bot = bots_here().filter(username__iexact=name.strip().removeprefix("@")).first()
    if bot is None:
        raise _give_up(_("There is no bot %(name)s here; `pult bot list` shows all.") % {"name": name})
    return bot


def _give_up(reason: object) -> typer.Exit:
    typer.secho(str(reason), fg="red", err=True)
    return typer.Exit(1)
