"""Updates on their way through the handlers: in order within a chat, chats beside each other.

Threads take the oldest update of a chat that nobody works on. A slow handler keeps its own chat waiting and nobody
else: for each thread that has been busy with one update for long there is another one.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from pult.core.bots.operations.handling import Handled, Outcome, handle, handle_together
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.operations.updates import Stored
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.screens import GivenFile

FEW_THREADS, MOST_THREADS = 3, 24
# So many chats may share a transaction when more wait than there are threads.
MOST_TOGETHER = 32
# A thread that is busy with one update for so many seconds does not count any more.
SLOW_SECONDS = 0.2
IDLE_SECONDS = 30.0
DATABASE_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)

File = GivenFile | Unfetched


@dataclass(slots=True)
class _Lane:
    """One chat: what waits there, and the file that was fetched for the first of it."""

    waiting: "deque[Stored]" = field(default_factory=deque)
    file: File | None = None
    # It was tried together with others, and must be handled by itself.
    alone: bool = False


class Lanes:
    """The lanes of one bot. `fetch(stored, file, largest)` is told of files to fetch first; `sent()` of new messages.

    Both are called from the threads.
    """

    def __init__(
        self, *, fetch: "Callable[[Stored, SentFile, int], None]", sent: "Callable[[], None]"
    ) -> None:
        self._fetch, self._sent = fetch, sent
        self._lanes: dict[int, _Lane] = {}
        self._ready: deque[int] = deque()
        self._changed = threading.Condition()
        # When each thread began with the update that it is busy with; None while it has none.
        self._threads: dict[threading.Thread, float | None] = {}
        self._ending = False

    def put(self, updates: "Iterable[Stored]") -> None:
        """Line up stored updates, oldest first; what is in hand already is left alone."""
        with self._changed:
            for stored in updates:
                lane = self._lanes.get(stored.chat_id)
                if lane is None:
                    lane = self._lanes[stored.chat_id] = _Lane()
                    self._ready.append(stored.chat_id)
                lane.waiting.append(stored)
            self._changed.notify(len(self._ready))
            self._hire()

    def in_hand(self) -> list[int]:
        """The rows that are lined up or being handled."""
        with self._changed:
            return [stored.pk for lane in self._lanes.values() for stored in lane.waiting]

    def __len__(self) -> int:
        with self._changed:
            return sum(len(lane.waiting) for lane in self._lanes.values())

    def resume(self, chat_id: int, file: File | None = None) -> None:
        """Go on with a chat that waited for its file, or for the database."""
        with self._changed:
            self._lanes[chat_id].file = file
            self._ready.append(chat_id)
            self._changed.notify()
            self._hire()

    def look_after(self) -> None:
        """Called several times a second: slow handlers get others at their side."""
        with self._changed:
            self._hire()

    def end(self, seconds: float) -> list[int]:
        """Finish what is being handled, for so long at most; returns the rows that nobody began with."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return self.in_hand()

    def _hire(self) -> None:
        if self._ending:
            return
        now = time.monotonic()
        slow = sum(1 for began in self._threads.values() if began is not None and now - began > SLOW_SECONDS)
        useful = len(self._threads) - slow
        for _ in range(min(FEW_THREADS - useful, MOST_THREADS - len(self._threads), len(self._ready))):
            thread = threading.Thread(target=self._work, name="bots-handler", daemon=True)
            self._threads[thread] = None
            thread.start()

    def _work(self) -> None:
        try:
            while chats := self._next():
                self._handle_first_of(chats)
        finally:
            close_old_connections()
            with self._changed:
                self._threads.pop(threading.current_thread(), None)

    def _next(self) -> list[int]:
        """The next chats; none when this thread is no longer needed."""
        with self._changed:
            if self._ready and not self._ending:
                return self._take()
            self._threads[threading.current_thread()] = None
        # Only a busy thread keeps a connection to the database.
        close_old_connections()
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ending, IDLE_SECONDS)
            return self._take() if self._ready and not self._ending else []

    def _take(self) -> list[int]:
        """The chat that waits longest; more of them where more wait than there are threads."""
        self._threads[threading.current_thread()] = time.monotonic()
        chats = [self._ready.popleft()]
        share = min(MOST_TOGETHER, len(self._ready) // FEW_THREADS)
        while len(chats) < share and self._together(chats[0]) and self._together(self._ready[0]):
            chats.append(self._ready.popleft())
        return chats

    def _together(self, chat_id: int) -> bool:
        lane = self._lanes[chat_id]
        return not lane.alone and lane.file is None

    def _handle_first_of(self, chats: list[int]) -> None:
        lanes = [self._lanes[chat_id] for chat_id in chats]
        pks = [lane.waiting[0].pk for lane in lanes]
        try:
            if len(chats) == 1:
                ended = [handle(update_pk=pks[0], now=timezone.now(), file=lanes[0].file)]
            else:
                ended = handle_together(update_pks=pks, now=timezone.now())
        except (OperationalError, InterfaceError) as error:
            log.warning("bots.database_unreachable", error=type(error).__name__, updates=pks)
            self._park_for_a_moment(chats)
            return
        except Exception:
            # Not even the words about an error could be written down: the row waits for the next start.
            log.exception("bots.update_stuck", updates=pks)
            self._park_for_a_moment(chats)
            return
        for chat_id, lane, handled in zip(chats, lanes, ended, strict=True):
            self._after(chat_id, lane, handled)
        if any(handled.to_send for handled in ended):
            self._sent()

    def _after(self, chat_id: int, lane: _Lane, handled: Handled) -> None:
        if handled.outcome is Outcome.NEEDS_FILE and handled.file is not None:
            self._fetch(lane.waiting[0], handled.file, handled.largest)
        elif handled.outcome is Outcome.ALONE:
            with self._changed:
                lane.alone = True
                self._ready.appendleft(chat_id)
                self._changed.notify()
        else:
            self._step_on(chat_id, lane)

    def _park_for_a_moment(self, chats: list[int]) -> None:
        close_old_connections()
        for chat_id in chats:
            timer = threading.Timer(DATABASE_PAUSE_SECONDS, self.resume, [chat_id, self._lanes[chat_id].file])
            timer.daemon = True
            timer.start()

    def _step_on(self, chat_id: int, lane: _Lane) -> None:
        clear_away(lane.file)
        with self._changed:
            lane.waiting.popleft()
            lane.file, lane.alone = None, False
            if lane.waiting:
                self._ready.append(chat_id)
            else:
                del self._lanes[chat_id]


def clear_away(file: File | None) -> None:
    """Remove a fetched file that its room read and did not keep."""
    if isinstance(file, GivenFile):
        file.path.unlink(missing_ok=True)
