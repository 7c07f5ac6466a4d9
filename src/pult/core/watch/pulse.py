"""The sign of life: a thread that renews this process's row every fifteen seconds."""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.db.models.functions import Now
from psycopg_pool import PoolTimeout

from pult.core.watch import this_process
from pult.core.watch.models import RunningProcess
from pult.core.watch.rules import BEAT_EVERY_SECONDS, SILENT_AFTER

# So long a silent process of another machine stays on the status page before it is forgotten.
FORGOTTEN_AFTER = 40 * SILENT_AFTER

log = structlog.get_logger(__name__)


class Pulse:
    """One process's beating; `stop()` takes its row away, a killed process leaves it for the others to see."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._host = socket.gethostname()[:255]
        self._row: int | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> "Pulse":
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread; the row goes. Without the database it stays and grows silent."""
        self._stop.set()
        self._thread.join(5)

    def beat(self) -> None:
        """Renew the row, or make it. Raises DatabaseError."""
        count = this_process.live_pages
        now_true = {
            "seen_at": Now(),
            "memory": this_process.memory_bytes(),
            "live_pages": None if count is None else count(),
        }
        if self._row and RunningProcess.objects.filter(pk=self._row).update(**now_true):
            return
        self._forget_gone()
        made = RunningProcess.objects.create(
            kind=self._kind, host=self._host, pid=os.getpid(), version=settings.PULT_VERSION,
            started_at=Now(), **now_true,
        )  # fmt: skip
        self._row = made.pk

    def _forget_gone(self) -> None:
        """Rows of this machine whose process is not there any more, and long silent ones of others."""
        here = RunningProcess.objects.filter(host=self._host)
        gone = [row.pk for row in here if row.pid == os.getpid() or not _runs(row.pid)]
        RunningProcess.objects.filter(Q(pk__in=gone) | Q(seen_at__lt=Now() - FORGOTTEN_AFTER)).delete()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._with_connection(self.beat)
            self._stop.wait(BEAT_EVERY_SECONDS)
        self._with_connection(lambda: RunningProcess.objects.filter(pk=self._row or 0).delete())

    @staticmethod
    def _with_connection(write: Callable[[], object]) -> None:
        close_old_connections()
        try:
            write()
        except (DatabaseError, PoolTimeout) as error:
            log.warning("watch.no_sign_of_life", error=type(error).__name__)
        finally:
            with suppress(DatabaseError):
                close_old_connections()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
