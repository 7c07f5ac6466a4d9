"""A bot in a simulated Telegram, and the real sender for it in a loop of its own."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone

from pult.core.bots.models import Bot, Outgoing
from pult.core.bots.operations import outbox
from pult.core.secrets import seal
from telegram_simulator.playing import Player
from telegram_simulator.testing import RunningSimulator
from tests.installation import wait_for

_numbers = itertools.count(1)


@dataclass
class World:
    """One bot of one test, known to the simulator and to Pult."""

    simulator: RunningSimulator
    bot: Bot
    known: "dict[str, Any]" = field(repr=False)
    running: "RunningSender | None" = None

    @property
    def username(self) -> str:
        return self.bot.username

    def player(self, name: str = "Анна") -> Player:
        """Somebody who has started the bot."""
        player = self.simulator.player(f"{name} {next(_numbers)}")
        player.start(self.username)
        return player

    def group(self, title: str = "Отдел") -> "dict[str, Any]":
        """A small group with the bot in it."""
        owner = self.player("Владелец")
        chat: dict[str, Any] = self.simulator.post(
            "/api/chats", {"kind": "group", "title": title, "creator": owner.id}
        )
        self.simulator.post(f"/api/chats/{chat['id']}/members", {"person": self.known["id"]})
        return chat

    def say(self, chat_id: int, text: str = "Hello", **more: Any) -> Outgoing:
        """Write a message down."""
        wish = {"method": "sendMessage", "payload": {"text": text}, "now": timezone.now(), **more}
        row = outbox.enqueue(bot_id=self.bot.pk, chat_id=chat_id, **wish)
        assert row is not None
        if self.running is not None:
            # What the process does at a notice of the database.
            self.running.wake()
        return row

    def fault(self, kind: str, **more: Any) -> None:
        self.simulator.post("/api/faults", {"bot": self.username, "kind": kind, **more})

    def counters(self) -> "dict[str, Any]":
        found: dict[str, Any] = self.simulator.get("/api/counters")["bots"].get(self.username, {})
        return found

    def texts(self, player: Player) -> list[str]:
        """What the bot wrote to somebody, oldest first."""
        return [message.text for message in player.chat(self.username) if not message.out]

    def wait_for_state(self, row: Outgoing, state: str, *, seconds: float = 15) -> Outgoing:
        """Until the row is in that state."""

        def there() -> bool:
            row.refresh_from_db()
            assert row.state in {state, "waiting", "sending"}, "it ended otherwise"
            return row.state == state

        try:
            wait_for(there, seconds=seconds, what=f"row {row.pk} is {state}")
        except AssertionError:
            pytest.fail(f"{row.method} is {row.state} {row.fault} {row.problem}, not {state}")
        return row

    @contextmanager
    def sender(self, **more: Any) -> Iterator["RunningSender"]:
        """The real sender until the block ends."""
        running = RunningSender(self.bot, self.known["token"], more)
        running.start()
        self.running = running
        try:
            yield running
        finally:
            self.running = None
            running.stop()


def make_world(simulator: RunningSimulator, **wishes: Any) -> World:
    """A new bot there and here."""
    known = simulator.create_bot(f"sender_{next(_numbers)}_bot", **wishes)
    bot = Bot(
        telegram_id=known["id"],
        simulated=True,
        name=known["first_name"],
        username=known["username"],
        main=True,
        added_at=timezone.now(),
    )
    seal(bot, "token", known["token"])
    bot.save(force_insert=True)
    return World(simulator, bot, known)


@dataclass
class RunningSender:
    """A thread with a loop that sends; `error` is what ended it by itself."""

    bot: Bot
    token: str
    more: "dict[str, Any]"
    error: BaseException | None = None

    def start(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    def wake(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._sender.wake)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(30)
        assert not self._thread.is_alive()

    def wait(self, seconds: float = 15) -> BaseException | None:
        """Until it ended by itself."""
        self._thread.join(seconds)
        return self.error

    async def _run(self) -> None:
        from pult.core.bots.engine.client import Client
        from pult.core.bots.engine.sending import Sender

        client = Client(self.token)
        self._sender = Sender(self.bot.pk, client, **self.more)
        task = asyncio.current_task()
        assert task is not None
        self._loop, self._task = asyncio.get_running_loop(), task
        self._ready.set()
        try:
            await self._sender.run()
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            await client.close()
