"""The command line: `pult …`. Heavy imports wait until a command needs them."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pult import __version__
from pult.config.backup import UnableToBackUp
from pult.config.embedded_postgres import UnableToStartPostgres
from pult.config.environment import UnusableEnvironment, read_environment
from pult.config.remote import commands as remote_commands
from pult.config.supervisor import UnableToStart

app = typer.Typer(
    name="pult",
    help="A self-hosted control desk for a business that works in Telegram.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(remote_commands)

DJANGO_SETTINGS = "pult.config.settings"


def set_up_django() -> None:
    """Load settings and applications; from here on models may be imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DJANGO_SETTINGS)
    import django

    django.setup()


@app.command()
def up(
    fresh_link: Annotated[
        bool, typer.Option("--link", help="Print a new one-time sign-in link for the owner.")
    ] = False,
) -> None:
    """Run everything on this machine: database, simulated Telegram (unless real), web, worker and bots."""
    from pult.config.supervisor import run_everything

    raise typer.Exit(run_everything(read_environment(), fresh_link=fresh_link))


@app.command()
def web() -> None:
    """Run the web process."""
    from pult.config.processes import run_web

    run_web(read_environment())


@app.command()
def worker() -> None:
    """Run the worker: jobs, alarms, and all connections to Telegram."""
    set_up_django()
    from pult.config.processes import run_worker_process

    run_worker_process(read_environment())


@app.command()
def bots() -> None:
    """Run the bots: receive updates, answer them, send what waits."""
    set_up_django()
    from pult.config.processes import run_bots_process

    run_bots_process(read_environment())


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version."""
    set_up_django()
    from pult.config.processes import migrate_database

    migrate_database()


@app.command(hidden=True)
def prepare(
    fresh_link: Annotated[bool, typer.Option("--link")] = False,
) -> None:
    """Migrate, then print as JSON what `pult up` tells the owner."""
    set_up_django()
    from pult.config.processes import prepare_installation

    prepare_installation(fresh_link=fresh_link)


@app.command()
def doctor() -> None:
    """Check database, keys, clock, disk, Telegram and processes, and say what to do."""
    set_up_django()
    from pult.config.doctor import examine

    raise typer.Exit(0 if examine(read_environment()) else 1)


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="The file to write.", dir_okay=False)]) -> None:
    """Write the whole database to a file; Pult may go on working meanwhile. The keys are not in it."""
    from pult.config.backup import back_up

    environment = read_environment()
    back_up(environment, target.absolute())
    typer.echo(f"{target} is written. Keep {environment.keyring_file.parent} too, in another place.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file of `pult backup`.", exists=True, dir_okay=False)],
) -> None:
    """Put the database of a backup in the place of this one, all or nothing. Pult must not be running."""
    from pult.config.backup import restore as bring_back

    bring_back(read_environment(), source.absolute())
    typer.echo("The database is that of the backup. Start Pult with `pult up`.")


@app.command("rotate-keys")
def rotate_keys(
    add_only: Annotated[
        bool,
        typer.Option("--add-only", help="Only add a new key, to be copied to other machines before its use."),
    ] = False,
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Remove the keys with which nothing is sealed any more.")
    ] = False,
) -> None:
    """Seal every stored secret with a new key while Pult goes on working; run it again after an interruption."""
    set_up_django()
    from pult.config.rotation import rotate

    raise typer.Exit(rotate(add_only=add_only, drop_old=drop_old))


@app.command("secret-key")
def secret_key() -> None:
    """Print a fresh value for PULT_SECRET_KEY."""
    import secrets

    typer.echo(secrets.token_urlsafe(48))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def manage(context: typer.Context) -> None:
    """Run a command of Django, such as `pult manage makemigrations`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DJANGO_SETTINGS)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["pult manage", *context.args])


def _module_commands(wanted: str | None) -> None:
    """Add `pult <module> …` of the registered modules, unless the command is one of the house's own."""
    own = {
        command.name or (command.callback.__name__ if command.callback else "")
        for command in app.registered_commands
    }
    own |= {group.typer_instance.info.name or "" for group in app.registered_groups if group.typer_instance}
    if wanted in own:
        return
    set_up_django()
    from pult.core.registry import registry

    for module in registry:
        if module.commands is not None:
            app.add_typer(module.commands())


def main() -> None:
    """Entry point of the `pult` script."""
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        _module_commands(wanted)
        app()
    except (UnusableEnvironment, UnableToBackUp, UnableToStart, UnableToStartPostgres) as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
