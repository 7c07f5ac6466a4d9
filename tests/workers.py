"""Worker processes as production runs them (`pult worker`), on the caller's database and a simulated Telegram."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import quote

from telegram_simulator.testing import RunningSimulator, start_simulator

STOP_WITHIN_SECONDS = 30
Crew = TypeVar("Crew", bound="Workers")


def database_url() -> str:
    """The address of the database that Django uses in this process, for another process."""
    from django.db import connection

    known = connection.settings_dict
    user, password = quote(str(known["USER"])), quote(str(known["PASSWORD"]))
    address = f"postgresql://{user}:{password}@/{quote(str(known['NAME']))}?host={quote(str(known['HOST']), safe='')}"
    return f"{address}&port={known['PORT']}" if known["PORT"] else address


@dataclass
class Workers:
    """Processes on one data folder: workers, unless `command` says otherwise. `output` keeps what they print."""

    data_dir: Path
    simulator: RunningSimulator
    command: list[str] = field(default_factory=lambda: ["-m", "pult.config.cli", "worker"])
    extra: dict[str, str] = field(default_factory=dict)
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def output(self) -> Path:
        return self.data_dir / "processes.txt"

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
            # Buttons of bots are signed with it: those that this process makes must work there.
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


@contextmanager
def workers(data_dir: Path, *, people: int) -> Iterator[Workers]:
    """A simulated Telegram with so many people, and workers that are started on demand; all end at the end."""
    with (
        start_simulator(data_dir / "simulator", people=people) as simulator,
        ended(Workers(data_dir, simulator)) as crew,
    ):
        yield crew


@contextmanager
def ended(crew: Crew) -> Iterator[Crew]:
    """The processes end with the block, however it ends."""
    try:
        yield crew
    finally:
        crew.kill()
