"""`pult rotate-keys`: the change of keys, said at the terminal."""

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pult.core.secrets.keyring import keyring
from pult.core.secrets.rotation import (
    SETTLE_SECONDS,
    UnableToDropKeys,
    add_key,
    drop_old_keys,
    key_counts,
    reseal,
    rotation_is_unfinished,
    use_newest_key,
)


def rotate(*, add_only: bool, drop_old: bool) -> int:
    """One step or all of them; returns the exit status."""
    if drop_old:
        return _drop()
    if add_only:
        typer.echo(
            f"Key {add_key()} is in the keyring and not used yet. Copy the file to every other machine,"
        )
        typer.echo("then run `pult rotate-keys`.")
        return 0
    if rotation_is_unfinished():
        typer.echo("Going on with the change of keys that was begun before.")
    else:
        add_key()
    return _use_and_reseal()


def _use_and_reseal() -> int:
    current = use_newest_key()
    left = sum(count for key, count in key_counts().items() if key != current)
    with Progress(TextColumn("Sealing anew"), BarColumn(), MofNCompleteColumn()) as progress:
        task = progress.add_task("", total=left)
        done = reseal(lambda count: progress.advance(task, count))
    typer.echo(f"{done} secrets are sealed anew with key {current}.")
    stuck = sum(count for key, count in key_counts().items() if key != current)
    if stuck:
        typer.secho(
            f"{stuck} secrets are sealed with an older key: they were written just now, or do not open. "
            "Run the command again; what stays was sealed with a key that is lost, or was changed.",
            fg="yellow",
            err=True,
        )
        return 1
    old = len(keyring().keys) - 1
    if old:
        typer.echo(
            f"{old} older keys are kept. Once your backups no longer need them: pult rotate-keys --drop-old"
        )
    return 0


def _drop() -> int:
    typer.echo(f"Making sure that nobody still seals with an old key (up to {SETTLE_SECONDS} s) …")
    try:
        dropped = drop_old_keys()
    except UnableToDropKeys as unable:
        typer.secho(f"No key was removed: {unable}.", fg="red", err=True)
        return 1
    typer.echo(f"Removed keys: {', '.join(map(str, dropped)) or 'none, there was only one'}.")
    return 0
