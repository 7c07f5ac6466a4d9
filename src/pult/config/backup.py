"""`pult backup` and `pult restore`: the database as one file, by PostgreSQL's own tools from the wheel.

The keys are left out on purpose: a copy of the database alone opens no session of an account.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pult.config.embedded_postgres import EmbeddedPostgres, programs_folder
from pult.config.environment import Environment
from pult.config.supervisor import only_one


class UnableToBackUp(Exception):
    """The tool failed; the text is what it said."""


def _run(tool: str, *words: str) -> None:
    command = [str(programs_folder() / tool), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
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
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}", f"--dbname={url}")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(environment: Environment, source: Path) -> None:
    """Put the database of `source` in the place of this installation's, all or nothing.

    Raises UnableToBackUp, and UnableToStart while Pult runs with the same data folder.
    """
    with only_one(environment.data_dir), database_at_hand(environment) as url:
        _run(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={url}", str(source)
        )  # fmt: skip
