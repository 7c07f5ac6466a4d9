"""The whole world in one object, on one SQLite connection, used from one event loop."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telegram_simulator.world.accounts import Accounts
from telegram_simulator.world.chats import Chats
from telegram_simulator.world.contacts import Contacts
from telegram_simulator.world.counters import Counters
from telegram_simulator.world.faults import Faults
from telegram_simulator.world.keys import Keys
from telegram_simulator.world.limits import Buckets
from telegram_simulator.world.people import People
from telegram_simulator.world.schema import finish_schema, open_database
from telegram_simulator.world.seed import seed_world
from telegram_simulator.world.signins import SignIns

DATABASE_FILE = "world.sqlite3"


class World:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.people = People(connection)
        self.accounts = Accounts(connection)
        self.keys = Keys(connection)
        self.sign_ins = SignIns(connection)
        self.contacts = Contacts(connection)
        self.chats = Chats(connection)
        self.buckets = Buckets(connection)
        self.counters = Counters(connection)
        self.faults = Faults(connection)

    @classmethod
    def open(cls, folder: Path, *, people: int) -> "World":
        """Open the world kept in a folder; a new one gets about `people` inhabitants."""
        connection, new = open_database(folder / DATABASE_FILE)
        if new:
            seed_world(connection, people=people)
            finish_schema(connection)
        return cls(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Must not contain an `await`: there is one connection for everybody."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def flush(self) -> None:
        """Write down counters, bucket levels and times of activity; called about every second."""
        if not (self.counters.changed or self.buckets.changed or self.keys.changed):
            return
        with self.transaction():
            self.counters.flush()
            self.buckets.flush()
            self.keys.flush()

    def close(self) -> None:
        self.flush()
        self.connection.close()
