"""What the supervisor looks after: processes, and the embedded database. Loads no Django."""

import ctypes
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from pult.config.embedded_postgres import EmbeddedPostgres, UnableToStartPostgres

CALM_AFTER_SECONDS = 30
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
# So long a database that does not start again is no news to the person at the terminal.
PATIENCE_SECONDS = 5
_PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    """A line for the person at the terminal, who may have closed it."""
    with suppress(OSError):
        print(text, flush=True)  # noqa: T201


class LookedAfter(Protocol):
    """Something that the supervisor keeps running."""

    def look_after(self) -> None:
        """Notice an end and start again; called several times a second."""


def _die_with_parent() -> None:
    """In a child before exec (Linux): a killed supervisor takes its processes along instead of leaving orphans."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def later(backoff: float) -> float:
    """The pause, in seconds, after one that did not help; 0 stands for none so far."""
    return min(backoff * 2, LONGEST_BACKOFF_SECONDS) or FIRST_BACKOFF_SECONDS


@dataclass
class Process:
    """One supervised process; started again when it ends by itself, later and later when it keeps ending."""

    name: str
    command: list[str]
    environment: dict[str, str]
    backoff: float = 0.0
    started_at: float = 0.0
    restart_at: float | None = None
    running: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        self.started_at, self.restart_at = time.monotonic(), None
        # A session of its own: Ctrl-C in the terminal reaches only the supervisor, which stops things in order.
        self.running = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - the supervisor has one thread only
        )  # fmt: skip

    def look_after(self) -> None:
        """Notice an end and start again after a pause of 0.5 s that doubles up to half a minute."""
        now = time.monotonic()
        if self.restart_at is not None and now >= self.restart_at:
            self.start()
        elif self.restart_at is None and self.running is not None and self.running.poll() is not None:
            calm = now - self.started_at > CALM_AFTER_SECONDS
            self.backoff = FIRST_BACKOFF_SECONDS if calm else later(self.backoff)
            self.restart_at = now + self.backoff
            say(
                f"{self.name} ended (status {self.running.returncode}); starting it again in {self.backoff:.1f} s."
            )

    def stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.terminate()

    def wait_stopped(self, seconds: float) -> None:
        if self.running is None:
            return
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            say(f"{self.name} does not stop; ending it.")
            self.running.kill()
            self.running.wait()


@dataclass
class Database:
    """The embedded database; started again when it was killed, tried until that succeeds."""

    postgres: EmbeddedPostgres
    ended_at: float | None = None
    try_at: float = 0.0
    told: bool = False

    def look_after(self) -> None:
        """Sessions of a killed server need a moment to end; until then PostgreSQL refuses to start beside them."""
        now = time.monotonic()
        if now < self.try_at or self.postgres.running():
            return
        if self.ended_at is None:
            say("The database ended; starting it again.")
            self.ended_at, self.told, self.try_at = now, False, now + FIRST_BACKOFF_SECONDS
            return
        try:
            self.postgres.start()
        except UnableToStartPostgres as error:
            # Half as long again as it has lasted: soon at first, calmly when something lasting is wrong.
            self.try_at = now + min(
                max(now - self.ended_at, FIRST_BACKOFF_SECONDS) / 2, LONGEST_BACKOFF_SECONDS
            )
            if not self.told and now - self.ended_at > PATIENCE_SECONDS:
                self.told = True
                say(str(error))
        else:
            self.ended_at = None
