"""Updates on their way: order within a chat, chats beside each other, files and databases waited for."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from pult.core.bots.engine import files, running
from pult.core.bots.engine import lanes as lanes_module
from pult.core.bots.engine.client import Client
from pult.core.bots.engine.lanes import FEW_THREADS, Lanes
from pult.core.bots.operations.handling import Handled, Outcome
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.operations.updates import Stored
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.screens import GivenFile
from tests.installation import wait_for

HANDLED = Handled(Outcome.HANDLED, to_send=True)
A_FILE = SentFile("id", "a.csv", "text/csv", 5, "document")


class Handlers:
    """Stands in for what handles: the order in which rows ended, and what each does."""

    def __init__(self) -> None:
        self.ended: list[int] = []
        self.does: dict[int, Callable[[Any], Handled]] = {}
        self.together: list[list[int]] = []

    def handle(self, *, update_pk: int, now: datetime, file: Any = None) -> Handled:
        handled = self.does.get(update_pk, lambda _file: HANDLED)(file)
        self.ended.append(update_pk)
        return handled

    def handle_together(self, *, update_pks: list[int], now: datetime) -> list[Handled]:
        self.together.append(list(update_pks))
        alone = [pk for pk in update_pks if pk in self.does]
        self.ended += [pk for pk in update_pks if pk not in alone]
        return [Handled(Outcome.ALONE) if pk in alone else HANDLED for pk in update_pks]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    made = Handlers()
    monkeypatch.setattr(lanes_module, "handle", made.handle)
    monkeypatch.setattr(lanes_module, "handle_together", made.handle_together)
    monkeypatch.setattr(lanes_module, "close_old_connections", lambda: None)
    monkeypatch.setattr(lanes_module, "DATABASE_PAUSE_SECONDS", 0.01)
    return made


@pytest.fixture
def lanes(handlers: Handlers) -> Iterator[Lanes]:
    fetched: list[Any] = []
    made = Lanes(fetch=lambda *wish: fetched.append(wish), sent=lambda: None)
    made.fetched = fetched  # type: ignore[attr-defined]
    yield made
    made.end(5)


def rows(*pairs: tuple[int, int]) -> list[Stored]:
    return [Stored(pk, chat, 0) for pk, chat in pairs]


def until_empty(lanes: Lanes, seconds: float = 10) -> None:
    def empty() -> bool:
        lanes.look_after()
        return len(lanes) == 0

    wait_for(empty, seconds=seconds, what="everything is handled")


def test_each_chat_keeps_its_order_however_many_threads_work(lanes: Lanes, handlers: Handlers) -> None:
    for number in range(100):
        lanes.put(rows(*((number * 20 + chat, chat) for chat in range(20))))
    until_empty(lanes)
    assert sorted(handlers.ended) == list(range(2000))
    for chat in range(20):
        of_chat = [pk for pk in handlers.ended if pk % 20 == chat]
        assert of_chat == sorted(of_chat)


def test_slow_handlers_keep_their_own_chats_waiting_and_nobody_else(lanes: Lanes, handlers: Handlers) -> None:
    let_go = threading.Event()
    slow = range(1, 2 * FEW_THREADS + 1)
    for pk in slow:
        handlers.does[pk] = lambda _file: (let_go.wait(20), HANDLED)[1]
    lanes.put(rows(*((pk, pk) for pk in slow)))
    lanes.put(
        rows(*((100 + pk, pk) for pk in slow), *((200 + number, 1000 + number) for number in range(50)))
    )

    def others_done() -> bool:
        lanes.look_after()
        return sum(1 for pk in handlers.ended if pk >= 200) == 50

    wait_for(others_done, seconds=10, what="all other chats are handled")
    assert not [pk for pk in handlers.ended if pk < 200]
    let_go.set()
    until_empty(lanes)


def test_many_chats_go_together_and_who_must_be_alone_goes_alone(lanes: Lanes, handlers: Handlers) -> None:
    handlers.does[7] = lambda _file: Handled(Outcome.FAILED)
    lanes.put(rows(*((pk, pk) for pk in range(200))))
    until_empty(lanes)
    assert sorted(handlers.ended) == list(range(200))
    assert max(map(len, handlers.together), default=0) > 1
    for together in handlers.together:
        assert len(set(together)) == len(together)


def test_a_chat_waits_for_its_file_while_others_go_on(lanes: Lanes, handlers: Handlers) -> None:
    def needs(file: Any) -> Handled:
        return HANDLED if file else Handled(Outcome.NEEDS_FILE, file=A_FILE, largest=10)

    handlers.does[1] = needs
    lanes.put(rows((1, 5), (2, 5), (3, 6)))
    wait_for(
        lambda: handlers.ended[-1:] == [3] or 3 in handlers.ended, seconds=5, what="the other chat goes on"
    )
    fetched = lanes.fetched  # type: ignore[attr-defined]
    wait_for(lambda: fetched, seconds=5, what="the file is asked for")
    assert lanes.in_hand() == [1, 2]
    assert (fetched[0][0].pk, fetched[0][1:]) == (1, (A_FILE, 10))
    lanes.resume(5, Unfetched("silent"))
    until_empty(lanes)
    assert [pk for pk in handlers.ended if pk < 3][-2:] == [1, 2]


def test_a_fetched_file_goes_when_its_room_has_read_it(
    lanes: Lanes, handlers: Handlers, tmp_path: Path
) -> None:
    path = tmp_path / "fetched"
    path.write_bytes(b"list")
    read: list[bytes] = []

    def reads(file: Any) -> Handled:
        if file is None:
            return Handled(Outcome.NEEDS_FILE, file=A_FILE, largest=10)
        read.append(file.path.read_bytes())
        return HANDLED

    handlers.does[1] = reads
    lanes.put(rows((1, 5)))
    wait_for(lambda: lanes.fetched, seconds=5, what="the file is asked for")  # type: ignore[attr-defined]
    lanes.resume(5, GivenFile(path, "a.csv", "text/csv", 4, ""))
    until_empty(lanes)
    assert read == [b"list"]
    assert not path.exists()


def test_a_database_that_is_away_for_a_moment_is_waited_for(lanes: Lanes, handlers: Handlers) -> None:
    tries: list[int] = []

    def away(_file: Any) -> Handled:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("the connection is closed")
        return HANDLED

    handlers.does[1] = away
    lanes.put(rows((1, 5), (2, 5)))
    until_empty(lanes)
    assert handlers.ended == [1, 2]


def test_at_the_end_what_runs_may_finish_and_what_waits_is_given_back(
    lanes: Lanes, handlers: Handlers
) -> None:
    began = threading.Event()

    def takes_a_moment(_file: Any) -> Handled:
        began.set()
        time.sleep(0.2)
        return HANDLED

    handlers.does[1] = takes_a_moment
    lanes.put(rows((1, 5), (2, 5), (3, 5)))
    assert began.wait(5)
    assert lanes.end(5) == [2, 3]
    assert handlers.ended == [1]


def test_a_file_whose_fetching_breaks_in_an_unforeseen_way_does_not_stop_the_chat(
    lanes: Lanes, handlers: Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_given: object) -> Path:
        raise LookupError("unforeseen")

    monkeypatch.setattr(files, "fetch", breaks)
    given: list[Any] = []

    def wants_file(file: Any) -> Handled:
        given.append(file)
        return HANDLED if file else Handled(Outcome.NEEDS_FILE, file=A_FILE, largest=10)

    handlers.does[1] = wants_file
    lanes.put(rows((1, 7), (2, 7)))
    fetched: list[Any] = lanes.fetched  # type: ignore[attr-defined]
    wait_for(lambda: bool(fetched), seconds=5, what="the file is asked for")
    bot, client = running.RunningBot(uuid4()), Client("1:no-token")
    asyncio.run(bot._fetch(client, lanes, *fetched[0]))
    until_empty(lanes)
    assert given == [None, Unfetched("silent")]
    assert handlers.ended[-1] == 2
