"""`pult backup` and `pult restore`: the database as one file, by PostgreSQL's own tools.

The keys are left out on purpose: a copy of the database alone opens no session of an account.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pult.config.embedded_postgres import EmbeddedPostgres, programs_folder
from pult.config.environment import Environment
from pult.config.supervisor import only_one


class UnableToBackUp(Exception):
    """The tool failed; the text is what it said."""


def _program(tool: str, environment: Environment) -> str:
    """For a server of one's own the machine's tool, when there is one.

    The wheel's is of PostgreSQL 18: it speaks no TLS, and what it restores older servers do not understand.
    """
    installed = shutil.which(tool) if environment.database_url is not None else None
    return installed or str(programs_folder() / tool)


def _run(environment: Environment, url: str, tool: str, *words: str) -> None:
    place: dict[str, Any] = dict(conninfo_to_dict(url))
    # Everybody on the machine sees a command; its environment only the same user.
    password = place.pop("password", None)
    done = subprocess.run(
        [_program(tool, environment), f"--dbname={make_conninfo(**place)}", *words],
        env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise UnableToBackUp(done.stderr.strip() or f"{tool} ended with status {done.returncode}")


@contextmanager
def database_at_hand(environment: Environment) -> Iterator[str]:
    """The database's address; the embedded server is started for the while when it does not run."""
    if environment.database_url is not None:
        yield environment.database_url
        return
    postgres = EmbeddedPostgres(environment.data_dir / "postgres")
    ran_before = postgres.running()
    postgres.start()
    try:
        yield postgres.url()
    finally:
        if not ran_before:
            postgres.stop()


def back_up(environment: Environment, target: Path) -> None:
    """Write the whole database to `target`, as of one moment; Pult may go on working meanwhile.

    The file appears complete or not at all. Raises UnableToBackUp.
    """
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.touch(mode=0o600)
    try:
        with database_at_hand(environment) as url:
            _run(environment, url, "pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}")
            unfinished.replace(target)
            _remember(url, target.stat().st_size)
    finally:
        unfinished.unlink(missing_ok=True)


def _remember(url: str, size: int) -> None:
    """For the status page, which warns when the last backup is old. A backup is good without this."""
    with suppress(psycopg.Error), psycopg.connect(url) as connection:
        connection.execute("INSERT INTO watch_backup (made_at, size) VALUES (now(), %s)", [size])


def restore(environment: Environment, source: Path) -> None:
    """Put the database of `source` in the place of this installation's, all or nothing.

    Raises UnableToBackUp, and UnableToStart while Pult runs with the same data folder.
    """
    with only_one(environment.data_dir), database_at_hand(environment) as url:
        _run(
            environment, url, "pg_restore",
            "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source),
        )  # fmt: skip
