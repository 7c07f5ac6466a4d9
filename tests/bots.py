"""Bots processes as production runs them (`pult bots`), on the caller's database and a simulated Telegram."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from telegram_simulator.testing import RunningSimulator, start_simulator
from tests.installation import wait_for
from tests.workers import database_url

STOP_WITHIN_SECONDS = 30


@dataclass
class Bots:
    """Processes on one data folder. `output` keeps what they print, for a test that fails.

    `command` is what is started instead of `pult bots`, with the same environment.
    """

    data_dir: Path
    simulator: RunningSimulator
    command: list[str] = field(default_factory=lambda: ["-m", "pult.config.cli", "bots"])
    extra: dict[str, str] = field(default_factory=dict)
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def output(self) -> Path:
        return self.data_dir / "bots.txt"

    def start(self, count: int = 1) -> None:
        """Start so many more."""
        with self.output.open("ab") as output:
            self.running += [self._start(output) for _ in range(count)]

    def kill(self) -> None:
        """kill -9 of all."""
        self._end(signal.SIGKILL)

    def stop(self) -> list[int]:
        """SIGTERM for all; returns their exit statuses."""
        return self._end(signal.SIGTERM)

    def said(self) -> str:
        """The end of what they printed."""
        return self.output.read_text(errors="replace")[-3000:] if self.output.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        from django.conf import settings

        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULT_", "DJANGO_"))}
        return {
            **kept,
            "PULT_DATA_DIR": str(self.data_dir),
            "PULT_KEYRING_FILE": str(settings.PULT_KEYRING_FILE),
            # Buttons are signed with it: those that this process makes must work there.
            "PULT_SECRET_KEY": settings.SECRET_KEY,
            "PULT_SIMULATOR": f"{self.simulator.host}:{self.simulator.mtproto_port}",
            "PULT_SIMULATOR_CONTROL": self.simulator.control_url,
            "PULT_SIMULATOR_BOTS": self.simulator.bot_api_url,
            "PULT_LOG_LEVEL": "WARNING",
            "DATABASE_URL": database_url(),
            **self.extra,
        }

    def _end(self, with_signal: signal.Signals) -> list[int]:
        for process in self.running:
            process.send_signal(with_signal)
        statuses = [process.wait(STOP_WITHIN_SECONDS) for process in self.running]
        self.running.clear()
        return statuses

    def _start(self, output: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, *self.command], env=self.environment, stdout=output, stderr=output
        )


def sample_bot() -> Any:
    """The simulated Telegram's own bot, as this installation keeps it."""
    from django.utils import timezone

    from pult.core.bots.operations.bots import provide_sample_bot
    from pult.core.bots.queries import main_bot

    provide_sample_bot(now=timezone.now())
    return main_bot()


def heard(bot: Any) -> bool:
    """Whether a process holds the bot and Telegram has answered it."""
    return type(bot).objects.filter(pk=bot.pk, heard_at__isnull=False).exists()


def wait_until_heard(bots: Bots, bot: Any, *, seconds: float = 40) -> None:
    """Until a process has begun with the bot; the failure shows what the processes said."""
    try:
        wait_for(lambda: heard(bot), seconds=seconds, what="the bots process speaks with Telegram")
    except AssertionError as late:
        raise AssertionError(f"{late}; it said:\n{bots.said()}") from None


@contextmanager
def bots(data_dir: Path, *, people: int = 20) -> Iterator[Bots]:
    """A simulated Telegram with so many people, and bots processes that are started on demand; all end at the end."""
    with start_simulator(data_dir / "simulator", people=people) as simulator:
        crew = Bots(data_dir, simulator)
        try:
            yield crew
        finally:
            crew.kill()
