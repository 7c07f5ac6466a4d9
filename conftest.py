"""A migrated template database, cloned for each worker, and the end of what tests/database.py started."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import TransactionTestCase
from django.utils import timezone, translation
from psycopg import sql

from pult.config.embedded_postgres import EmbeddedPostgres

Connection = psycopg.Connection[tuple[Any, ...]]
# PostgreSQL 17 and newer carry a Unicode collation that needs nothing of the operating system.
BUILTIN_LOCALE = " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'"
TEMPLATE_LOCK = 20_261_121


def pytest_unconfigure() -> None:
    """The process that started the database stops it and removes what is left."""
    if os.environ.get("PULT_TEST_OWNER") != str(os.getpid()):
        return
    data_dir = Path(os.environ["PULT_DATA_DIR"])
    if (data_dir / "postgres").exists():
        EmbeddedPostgres(data_dir / "postgres").stop()
    else:
        _drop_all()
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, in their random order: begun last, one of them would keep the other processors waiting."""
    items.sort(key=lambda item: not any(item.iter_markers("journey")) and not any(item.iter_markers("fault")))


def _name(part: str) -> str:
    """Database names say whose they are: several runs may share a server."""
    return f"pult_test_{os.environ['PULT_TEST_OWNER']}_{part}"


def _template() -> str:
    return _name("template")


def _drop_all() -> None:
    """Everything of this run, also what a killed worker or an interrupted migration left."""
    with _maintenance() as maintenance:
        ours = maintenance.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_name("")]
        ).fetchall()
        for (name,) in ours:
            _drop(maintenance, name)


def _maintenance() -> Connection:
    """A connection beside the databases that are made and dropped."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _drop(maintenance: Connection, name: str) -> None:
    maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _use_database(name: str) -> None:
    from django.db import connections

    connection = connections["default"]
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


def _leave_database() -> None:
    """Back to the database of DATABASE_URL: the one in use is about to be renamed or dropped."""
    with _maintenance() as maintenance:
        _use_database(maintenance.info.dbname)


def _make_template(maintenance: Connection) -> None:
    """Migrate once; under another name until complete, so that an interrupted making is not taken for the template."""
    from django.core.management import call_command

    name, half_made = _template(), _name("half_made")
    if maintenance.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    _drop(maintenance, half_made)
    locale = BUILTIN_LOCALE if maintenance.info.server_version >= 180000 else ""
    maintenance.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0" + locale).format(sql.Identifier(half_made))
    )
    _use_database(half_made)
    call_command("migrate", interactive=False, verbosity=0)
    _leave_database()
    maintenance.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half_made), sql.Identifier(name))
    )


def _empty_what_was_touched(_case: TransactionTestCase) -> None:
    """After a test that commits; Django's own way takes ten times longer.

    It empties every table, these two as well, and then has to make the rows of these two anew.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)",
            [["django_migrations", "django_content_type", "auth_permission"]],
        )
        filled = sql.SQL(" UNION ALL ").join(
            sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(sql.Literal(name), sql.Identifier(name))
            for (name,) in cursor.fetchall()
        )
        cursor.execute(filled)
        touched = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        if touched:
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(touched)))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Each worker's own clone of the template."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    name = _name(worker)
    with django_db_blocker.unblock(), _maintenance() as maintenance:
        maintenance.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        _make_template(maintenance)
        _drop(maintenance, name)
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(_template())
            )
        )
        maintenance.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
        _use_database(name)
    TransactionTestCase._fixture_teardown = _empty_what_was_touched
    yield
    with django_db_blocker.unblock(), _maintenance() as maintenance:
        _leave_database()
        _drop(maintenance, name)


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """A real hash takes a fifth of a second by design. The same kind with one round: other processes read it, too."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", 1)
        yield


@pytest.fixture(autouse=True)
def _no_language_or_zone_left_over() -> Iterator[None]:
    """A request's language and time zone stay with the thread: the next test must not inherit them."""
    yield
    translation.deactivate()
    timezone.deactivate()
