"""One embedded PostgreSQL for the whole test run, or the one of DATABASE_URL; a template database cloned for each worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOLDER = Path(tempfile.gettempdir())


def _start_database() -> None:
    """In the controlling process, before Django reads its settings; workers inherit the environment."""
    if "PULT_TEST_DATA" in os.environ:
        return
    data_dir = Path(tempfile.mkdtemp(prefix="pult-tests-"))
    os.environ["PULT_TEST_DATA"] = os.environ["PULT_DATA_DIR"] = str(data_dir)
    os.environ["PULT_TEST_OWNER"] = str(os.getpid())
    # A developer's own settings must not leak into tests.
    for name in [name for name in os.environ if name.startswith("PULT_") and name not in _KEPT]:
        del os.environ[name]
    os.environ["PULT_ENV"] = "local"
    os.environ["PULT_LOG_LEVEL"] = "WARNING"
    if "DATABASE_URL" not in os.environ:
        from pult.config.embedded_postgres import EmbeddedPostgres

        postgres = EmbeddedPostgres(data_dir / "postgres", careless=True)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url()
    from pult.config.texts import compile_texts

    compile_texts()


_KEPT = {"PULT_TEST_DATA", "PULT_TEST_OWNER", "PULT_DATA_DIR"}
_start_database()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that started the database stops it and removes what it left."""
    if os.environ.get("PULT_TEST_OWNER") != str(os.getpid()):
        return
    from pult.config.embedded_postgres import EmbeddedPostgres

    data_dir = Path(os.environ["PULT_TEST_DATA"])
    if (data_dir / "postgres").exists():
        EmbeddedPostgres(data_dir / "postgres").stop()
    shutil.rmtree(data_dir, ignore_errors=True)


def _admin_connection() -> "psycopg.Connection[tuple[object, ...]]":
    from django.db import connections

    parameters = connections["default"].get_connection_params()
    keep = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    return psycopg.connect(dbname="postgres", autocommit=True, **keep)


import psycopg  # noqa: E402 - after the environment is set
from psycopg import sql  # noqa: E402

CREATE = "CREATE DATABASE {} TEMPLATE template0"
# PostgreSQL 17 and newer know a built-in Unicode collation, which needs nothing of the operating system.
BUILTIN = " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
LOCK = 20260101


def _template_name() -> str:
    return f"pult_test_template_{os.environ['PULT_TEST_OWNER']}"


def _make_template(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """Migrate once; the other workers wait on the lock and find it made."""
    from django.core.management import call_command
    from django.db import connections

    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    building = f"{name}_building"
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(building)))
    locale = BUILTIN if admin.info.server_version >= 180000 else ""
    admin.execute(sql.SQL(CREATE + locale).format(sql.Identifier(building)))
    connection = connections["default"]
    connection.close_pool()
    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], building
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = before
    admin.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
    )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: object, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each worker's own clone of the template database."""
    from django.db import connections

    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    name = f"pult_test_{os.environ['PULT_TEST_OWNER']}_{worker}"
    with django_db_blocker.unblock(), _admin_connection() as admin:  # type: ignore[attr-defined]
        admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _make_template(admin, _template_name())
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_template_name()))
        )
        admin.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        connection = connections["default"]
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock(), _admin_connection() as admin:  # type: ignore[attr-defined]
        for connection in connections.all():
            connection.close()
            connection.close_pool()
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
