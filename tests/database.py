"""pytest plugin (`-p tests.database`): one embedded PostgreSQL for a test run, or that of DATABASE_URL.

A plugin rather than a conftest, because pytest-django reads the settings before any conftest is loaded.
"""

import os
import sys
import tempfile
from pathlib import Path

from hypothesis import settings

from pult.config.embedded_postgres import EmbeddedPostgres
from pult.config.texts import compile_texts


def _start_database() -> None:
    """In the controlling process, before Django reads its settings; the parallel workers inherit the environment."""
    if "PULT_TEST_OWNER" in os.environ:
        return
    # A developer's own settings must not leak into the tests.
    for name in [name for name in os.environ if name.startswith("PULT_")]:
        del os.environ[name]
    # Hundreds of processes are started: each would compile all modules anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    data_dir = tempfile.mkdtemp(prefix="pult-tests-")
    os.environ.update(PULT_TEST_OWNER=str(os.getpid()), PULT_DATA_DIR=data_dir, PULT_LOG_LEVEL="WARNING")
    if "DATABASE_URL" not in os.environ:
        postgres = EmbeddedPostgres(Path(data_dir) / "postgres", careless=True)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url()
    compile_texts()


_start_database()
# How long an example takes says more about the machine than about the code.
settings.register_profile("pult", deadline=None)
settings.load_profile("pult")
