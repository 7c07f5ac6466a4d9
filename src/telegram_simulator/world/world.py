"""The whole world in one object, on one SQLite connection, used from one event loop."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telegram_simulator.world.accounts import Accounts
from telegram_simulator.world.bots import Bots
from telegram_simulator.world.callbacks import Callbacks
from telegram_simulator.world.chats import Chats
from telegram_simulator.world.contacts import Contacts
from telegram_simulator.world.counters import Counters
from telegram_simulator.world.faults import Faults
from telegram_simulator.world.files import Files
from telegram_simulator.world.hub import Hub
from telegram_simulator.world.keys import Keys
from telegram_simulator.world.limits import Buckets
from telegram_simulator.world.messages import Messages
from telegram_simulator.world.people import People
from telegram_simulator.world.schema import SCHEMA_VERSION, finish_schema, open_database
from telegram_simulator.world.seed import seed_sample_bot, seed_world
from telegram_simulator.world.signins import SignIns
from telegram_simulator.world.updates import BotUpdates

DATABASE_FILE = "world.sqlite3"


class World:
    """`folder` also keeps the files that people and bots have sent."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.connection = connection
        self.folder = folder
        self.people = People(connection)
        self.accounts = Accounts(connection)
        self.bots = Bots(connection)
        self.updates = BotUpdates(connection)
        self.callbacks = Callbacks(connection)
        self.keys = Keys(connection)
        self.sign_ins = SignIns(connection)
        self.contacts = Contacts(connection)
        self.chats = Chats(connection)
        self.messages = Messages(connection)
        self.buckets = Buckets(connection)
        self.counters = Counters(connection)
        self.faults = Faults(connection)
        self.files = Files(connection, folder)
        self.hub = Hub()
        self._depth = 0

    @classmethod
    def open(cls, folder: Path, *, people: int) -> "World":
        """Open the world kept in a folder; a new one gets about `people` inhabitants."""
        connection, version = open_database(folder / DATABASE_FILE)
        if version == 0:
            seed_world(connection, people=people)
        if version < SCHEMA_VERSION:
            seed_sample_bot(connection)
            finish_schema(connection)
        return cls(connection, folder)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another belongs to the outer one. What the hub is told goes out at the end.

        Must not contain an `await`: there is one connection for everybody.
        """
        if self._depth:
            yield
            return
        self._depth = 1
        self.hub.holding = True
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            self._depth, self.hub.holding = 0, False
            self.hub.forget()
            self.bots.load()
            raise
        self.connection.execute("COMMIT")
        self._depth, self.hub.holding = 0, False
        self.hub.release()

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
