"""The embedded database starts, keeps its data, adopts a server left behind, and stops."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pult.config.embedded_postgres import LONGEST_SOCKET_FOLDER, EmbeddedPostgres


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


def test_nothing_listens_on_the_network(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres.socket_folder.stat().st_mode & 0o077 == 0


def test_a_deep_folder_gets_a_short_socket_path() -> None:
    deep = EmbeddedPostgres(Path("/") / ("very-long-name/" * 12) / "postgres")
    assert len(str(deep.socket_folder)) <= LONGEST_SOCKET_FOLDER
    assert deep.socket_folder != EmbeddedPostgres(Path("/another")).socket_folder
