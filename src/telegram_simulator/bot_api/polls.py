"""Bots that are waiting for updates at this moment."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from telegram_simulator.world.hub import Hub, UpdateQueued

OTHER_POLL = "other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True, eq=False)
class Poll:
    bot_id: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended_by: str | None = None


class Polls:
    def __init__(self, hub: Hub) -> None:
        self._by_bot: dict[int, Poll] = {}
        hub.listen(self._hear)

    def begin(self, bot_id: int) -> Poll:
        """A new poll of a bot ends the one that is under way."""
        self.interrupt(bot_id, OTHER_POLL)
        poll = self._by_bot[bot_id] = Poll(bot_id)
        return poll

    def end(self, poll: Poll) -> None:
        if self._by_bot.get(poll.bot_id) is poll:
            del self._by_bot[poll.bot_id]

    def interrupt(self, bot_id: int, ended_by: str) -> None:
        poll = self._by_bot.get(bot_id)
        if poll is not None:
            poll.ended_by = ended_by
            poll.woken.set()

    def wake_all(self) -> None:
        """The simulator is ending: everybody gets what there is."""
        for poll in self._by_bot.values():
            poll.woken.set()

    def _hear(self, bot_id: int, fact: Any) -> None:
        if isinstance(fact, UpdateQueued) and bot_id in self._by_bot:
            self._by_bot[bot_id].woken.set()
