"""A backup brings back what was there at its moment, or changes nothing."""

import dataclasses
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from pult.config.backup import UnableToBackUp, back_up, restore
from pult.config.embedded_postgres import EmbeddedPostgres
from pult.config.environment import Environment
from pult.config.supervisor import UnableToStart, only_one


@pytest.fixture
def environment() -> Iterator[Environment]:
    with tempfile.TemporaryDirectory(prefix="pult-bk-") as folder:
        found = dataclasses.replace(settings.ENVIRONMENT, data_dir=Path(folder), database_url=None)
        yield found
        EmbeddedPostgres(Path(folder) / "postgres").stop()


@pytest.fixture
def postgres(environment: Environment) -> EmbeddedPostgres:
    """A running server with one word in it."""
    server = EmbeddedPostgres(environment.data_dir / "postgres", careless=True)
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('before')")
    return server


def words(server: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(server.url()) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept ORDER BY word")]


def test_a_restored_database_is_as_it_was(environment: Environment, postgres: EmbeddedPostgres) -> None:
    target = environment.data_dir / "some.dump"
    back_up(environment, target)
    assert target.stat().st_mode & 0o077 == 0
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("INSERT INTO kept VALUES ('after')")
    assert words(postgres) == ["after", "before"]

    restore(environment, target)
    assert words(postgres) == ["before"]
    assert postgres.running(), "a server that ran before goes on"


def test_a_stopped_server_is_started_only_for_the_while(
    environment: Environment, postgres: EmbeddedPostgres
) -> None:
    postgres.stop()
    back_up(environment, environment.data_dir / "some.dump")
    assert not postgres.running()


def test_a_damaged_backup_changes_nothing(environment: Environment, postgres: EmbeddedPostgres) -> None:
    target = environment.data_dir / "some.dump"
    back_up(environment, target)
    target.write_bytes(target.read_bytes()[:-200] + b"x" * 200)
    with pytest.raises(UnableToBackUp):
        restore(environment, target)
    target.write_bytes(b"no backup")
    with pytest.raises(UnableToBackUp):
        restore(environment, target)
    assert words(postgres) == ["before"]


def test_nothing_is_restored_under_a_running_pult(
    environment: Environment, postgres: EmbeddedPostgres
) -> None:
    target = environment.data_dir / "some.dump"
    back_up(environment, target)
    with only_one(environment.data_dir), pytest.raises(UnableToStart):
        restore(environment, target)


def test_a_failed_backup_leaves_the_older_one(environment: Environment, postgres: EmbeddedPostgres) -> None:
    target = environment.data_dir / "some.dump"
    target.write_bytes(b"older")
    broken = dataclasses.replace(environment, database_url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(UnableToBackUp):
        back_up(broken, target)
    assert target.read_bytes() == b"older"
    assert [path.name for path in environment.data_dir.glob("*.unfinished")] == []


def test_a_password_is_no_part_of_a_command(
    environment: Environment, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    run = subprocess.run

    def seen(command: list[str], **kwargs: Any) -> Any:
        commands.append(command)
        return run(command, **kwargs)

    url = postgres.url().replace("pult@", "pult:very-secret@")
    own_server = dataclasses.replace(environment, database_url=url)
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", seen)
        # An older tool of the machine would not take the wheel's server.
        patched.setattr("shutil.which", lambda _tool: None)
        back_up(own_server, environment.data_dir / "some.dump")
    assert commands
    assert "very-secret" not in repr(commands)
