"""The embedded database starts, keeps its data, adopts a server left behind, and stops."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pult.config.embedded_postgres import LONGEST_SOCKET_FOLDER, EmbeddedPostgres
from pult.config.process import Database
from tests.installation import wait_for


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="pult-pg-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", careless=True)
        yield server
        server.stop()


def test_data_survive_a_restart_and_text_knows_unicode(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Жук')")
    postgres.stop()
    assert not postgres.running()

    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT lower(word), word ILIKE 'жУ%' FROM kept").fetchone() == (
            "жук",
            True,
        )


def test_a_server_left_behind_is_adopted(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        first = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
    EmbeddedPostgres(postgres.folder, careless=True).start()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT pg_postmaster_start_time()").fetchone() == first


def test_a_server_that_was_killed_is_started_again_with_what_was_committed(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        # Tests are careless about this by default.
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    database = Database(postgres)
    database.look_after()
    assert postgres.running()
    os.kill(int((postgres.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: not postgres.running(), seconds=10, what="the server is seen to be gone")

    def answers() -> bool:
        database.look_after()
        return postgres.running()

    wait_for(answers, seconds=20, what="the server runs again")
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_process_number_that_belongs_to_another_programme_now_is_no_server(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    known = (postgres.cluster / "postmaster.pid").read_text()
    postgres.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        reused = known.replace(known.split()[0], str(other.pid), 1)
        (postgres.cluster / "postmaster.pid").write_text(reused)
        assert not postgres.running()
        postgres.start()
        assert postgres.running()
        other.kill()


def test_nothing_listens_on_the_network(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres.socket_folder.stat().st_mode & 0o077 == 0


def test_a_deep_folder_gets_a_short_socket_path() -> None:
    deep = EmbeddedPostgres(Path("/") / ("very-long-name/" * 12) / "postgres")
    assert len(str(deep.socket_folder)) <= LONGEST_SOCKET_FOLDER
    assert deep.socket_folder != EmbeddedPostgres(Path("/another")).socket_folder
