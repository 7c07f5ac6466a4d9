"""Updates on their way through the handlers: in order within a chat, chats beside each other.

Threads take the oldest update of a chat that nobody works on. A slow handler keeps its own chat waiting and nobody
else: where all threads are busy and somebody waits, there will be another thread.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from pult.core.bots.operations.handling import Handled, Outcome, handle
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.operations.updates import Stored
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.screens import GivenFile

FEW_THREADS, MOST_THREADS = 4, 24
# Somebody who waits so long (in seconds) while all threads are busy gets a thread of their own.
WAITS_TOO_LONG = 0.25
IDLE_SECONDS = 30.0
DATABASE_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)

File = GivenFile | Unfetched


@dataclass(slots=True)
class _Lane:
    """One chat: what waits there, and the file that was fetched for the first of it."""

    waiting: "deque[Stored]" = field(default_factory=deque)
    file: File | None = None
    ready_since: float = 0.0


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
        self._idle = 0
        self._threads: set[threading.Thread] = set()
        self._ending = False
        # Chats whose first update waits for its file or for the database.
        self._parked: set[int] = set()

    def put(self, updates: "Iterable[Stored]") -> None:
        """Line up stored updates, oldest first; what is in hand already is left alone."""
        with self._changed:
            for stored in updates:
                lane = self._lanes.get(stored.chat_id)
                if lane is None:
                    lane = self._lanes[stored.chat_id] = _Lane()
                    self._make_ready(stored.chat_id, lane)
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
            self._parked.discard(chat_id)
            lane = self._lanes[chat_id]
            lane.file = file
            self._make_ready(chat_id, lane)
            self._changed.notify()

    def look_after(self) -> None:
        """Called now and then: somebody who waits while all threads are busy gets another one."""
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

    def _make_ready(self, chat_id: int, lane: _Lane) -> None:
        lane.ready_since = time.monotonic()
        self._ready.append(chat_id)

    def _hire(self) -> None:
        if not self._ready or self._ending:
            return
        wanted = min(FEW_THREADS, len(self._threads) + len(self._ready) - self._idle)
        waited = time.monotonic() - self._lanes[self._ready[0]].ready_since
        if waited > WAITS_TOO_LONG and not self._idle:
            wanted = min(MOST_THREADS, len(self._threads) + 1)
        for _ in range(wanted - len(self._threads)):
            thread = threading.Thread(target=self._work, name="bots-handler", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _work(self) -> None:
        try:
            while (chat_id := self._next()) is not None:
                self._handle_first_of(chat_id)
        finally:
            close_old_connections()
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _next(self) -> int | None:
        with self._changed:
            while not self._ready:
                if self._ending:
                    return None
                self._idle += 1
                heard = self._changed.wait(IDLE_SECONDS)
                self._idle -= 1
                if not heard and not self._ready:
                    return None
            return None if self._ending else self._ready.popleft()

    def _handle_first_of(self, chat_id: int) -> None:
        lane = self._lanes[chat_id]
        stored = lane.waiting[0]
        handled: Handled | None = None
        try:
            close_old_connections()
            handled = handle(update_pk=stored.pk, now=timezone.now(), file=lane.file)
        except (OperationalError, InterfaceError) as error:
            log.warning("bots.database_unreachable", error=type(error).__name__, update=stored.pk)
        except Exception:
            # Not even the words about an error could be written down: the row waits for the next start.
            log.exception("bots.update_stuck", update=stored.pk)
        if handled is None:
            self._park_for_a_moment(chat_id)
        elif handled.outcome is Outcome.NEEDS_FILE and handled.file is not None:
            with self._changed:
                self._parked.add(chat_id)
            self._fetch(stored, handled.file, handled.largest)
        else:
            self._step_on(chat_id, lane)
            if handled.to_send:
                self._sent()

    def _park_for_a_moment(self, chat_id: int) -> None:
        with self._changed:
            self._parked.add(chat_id)
        timer = threading.Timer(DATABASE_PAUSE_SECONDS, self.resume, [chat_id, self._lanes[chat_id].file])
        timer.daemon = True
        timer.start()

    def _step_on(self, chat_id: int, lane: _Lane) -> None:
        with self._changed:
            lane.waiting.popleft()
            lane.file = None
            if lane.waiting:
                self._make_ready(chat_id, lane)
            else:
                del self._lanes[chat_id]
