"""A world that an earlier version has written goes on as it was."""

import sqlite3
from pathlib import Path

from telegram_simulator.world.schema import DDL, SCHEMA_VERSION
from telegram_simulator.world.seed import SAMPLE_BOT_ID, SAMPLE_BOT_TOKEN
from telegram_simulator.world.world import World


def _old_world(folder: Path) -> None:
    """A file as version 2 wrote it: two people, one chat, three messages."""
    with sqlite3.connect(folder / "world.sqlite3") as database:
        database.executescript(DDL)
        database.executescript("""
            INSERT INTO facts VALUES ('access_secret', '00ff'), ('counters_reset_at', '0');
            INSERT INTO people (id, phone, first_name, username) VALUES (1000100, '79000000001', 'Анна', 'anna_fast');
            INSERT INTO people (id, phone, first_name) VALUES (1000200, '79000000009', 'Глеб');
            INSERT INTO accounts (person_id, password, sample) VALUES (1000100, 'pult', 1);
            INSERT INTO chats VALUES (2001, 'group', 'Отдел', NULL, 1, 0, 1.0);
            INSERT INTO members VALUES (2001, 1000100, 'creator', 5.0);
            INSERT INTO boxes VALUES (1000100, 4, 3);
            INSERT INTO messages VALUES (1000100, 1, 2, 'user', 1000200, 1000100, 10.0, 'Раз');
            INSERT INTO messages VALUES (1000100, 2, 3, 'user', 1000200, 1000200, 11.0, 'Два');
            INSERT INTO messages VALUES (1000100, 3, 4, 'chat', 2001, 1000100, 12.0, 'Три');
            INSERT INTO faults (phone, kind, parameters) VALUES ('79000000001', 'drop_before', '{}');
            PRAGMA user_version = 2;
        """)
    database.close()


def test_a_world_of_before_bots_keeps_everything_and_gains_the_sample_bot(tmp_path: Path) -> None:
    _old_world(tmp_path)
    world = World.open(tmp_path, people=50)
    assert world.people.count() == 3, "nobody is made up beside the bot"
    anna = world.people.by_username("anna_fast")
    assert anna is not None
    assert anna.language == "ru"
    account = world.accounts.by_id(anna.id)
    assert account is not None
    assert account.password == "pult"
    history = world.messages.history(anna.id, ("user", 1000200), before_id=0, limit=10)
    assert [(m.text, m.first_pts, m.deleted) for m in history] == [("Два", 3, False), ("Раз", 2, False)]
    assert world.messages.pts(anna.id) == 4
    assert world.chats.role(2001, anna.id) == "creator"
    assert [fault.kind for fault in world.faults.all()] == ["drop_before"]
    bot = world.bots.by_token(SAMPLE_BOT_TOKEN)
    assert bot is not None
    assert bot.id == SAMPLE_BOT_ID
    world.close()
    again = World.open(tmp_path, people=50)
    assert again.people.count() == 3
    assert len(again.bots.all()) == 1
    again.close()


def test_an_old_file_and_a_new_one_have_the_same_tables(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    _old_world(tmp_path / "old")
    tables = []
    for name in ("old", "new"):
        world = World.open(tmp_path / name, people=10)
        assert world.connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        rows = world.connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        )
        tables.append([tuple(row) for row in rows])
        world.close()
    assert tables[0] == tables[1]
