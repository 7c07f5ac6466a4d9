"""A whole Pult as a person runs it (`pult up`), in its own folder on free ports; for journeys and faults."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
START_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 40


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(found: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Ask until the answer is true; AssertionError naming `what` after the time-out."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


@dataclass
class Installation:
    """One `pult up`. `start()` waits for the welcome; `stop()` is Ctrl-C; `kill()` is kill -9 of the supervisor."""

    data_dir: Path
    extra: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web_port, self.mtproto_port, self.control_port, self.bot_api_port = free_ports(4)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What `pult` commands for this installation need: nothing of the test run's own settings leaks in."""
        inherited = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("PULT_", "DJANGO_")) and k != "DATABASE_URL"
        }
        return {
            **inherited,
            "PULT_DATA_DIR": str(self.data_dir),
            "PULT_ADDRESS": self.address,
            "PULT_SIMULATOR": f"127.0.0.1:{self.mtproto_port}",
            "PULT_SIMULATOR_CONTROL": self.control_url,
            "PULT_SIMULATOR_BOTS": f"http://127.0.0.1:{self.bot_api_port}",
            **self.extra,
        }

    def start(self, *words: str) -> "Installation":
        """Start and wait until the welcome is complete."""
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pult.config.cli", "up", *words],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        wait_for(self._welcomed, seconds=START_WITHIN_SECONDS, what="pult up says that it runs")
        return self

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in iter(process.stdout.readline, ""):
                self.lines.append(line.rstrip())

    def _read_lines(self) -> str:
        return "\n".join(self.lines)

    def _welcomed(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"pult up ended:\n{self._read_lines()}")
        return "Ctrl-C stops everything" in self._read_lines()

    @property
    def link(self) -> str:
        """The owner's one-time sign-in link."""
        found = re.search(r"Sign in once with this link:\s+(\S+)", self._read_lines())
        assert found, self._read_lines()
        return found.group(1)

    def pult(self, *words: str, timeout: float = 60) -> "subprocess.CompletedProcess[str]":
        """Run a `pult` command beside the running installation."""
        return subprocess.run(
            [sys.executable, "-m", "pult.config.cli", *words],
            env=self.environment, capture_output=True, text=True, check=False, timeout=timeout,
        )  # fmt: skip

    def child(self, word: str) -> int | None:
        """The process id of the supervised process whose command line contains `word`."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except FileNotFoundError:
                continue
            if word in command:
                return int(pid)
        return None

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_WITHIN_SECONDS)

    def kill(self) -> None:
        """kill -9 of the supervisor."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def clean_up(self) -> None:
        """Stop whatever still runs, the embedded database included."""
        from pult.config.embedded_postgres import EmbeddedPostgres

        if self.process is not None and self.process.poll() is None:
            self.stop()
        if (self.data_dir / "postgres").exists():
            EmbeddedPostgres(self.data_dir / "postgres").stop()
