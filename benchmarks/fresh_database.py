"""A database of its own for one figure: fresh, migrated, with Pult's own settings, gone afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pult.config.embedded_postgres import EmbeddedPostgres


@contextmanager
def fresh_database() -> Iterator[tuple[Path, EmbeddedPostgres]]:
    """The data folder and the running server; this process's Django will use them once it is set up."""
    folder = Path(tempfile.mkdtemp(prefix="pult-bench-"))
    postgres = EmbeddedPostgres(folder / "postgres")
    try:
        postgres.start()
        os.environ.update(
            DATABASE_URL=postgres.url(),
            PULT_DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="pult.config.settings",
        )
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield folder, postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installation() -> Iterator[Path]:
    """A fresh database with Django set up on it in this process; yields the data folder."""
    with fresh_database() as (folder, _):
        os.environ["PULT_LOG_LEVEL"] = "WARNING"
        import django

        django.setup()
        yield folder
        from django.db import connection

        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
