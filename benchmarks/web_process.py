"""A real `pult web` on the caller's database, and browsers that are signed in to it."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.installation import free_ports, wait_for
from tests.workers import database_url


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def web_process(data_dir: Path) -> Iterator[tuple[str, int]]:
    """Yields its address and its process id; it ends with the block."""
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULT_", "DJANGO_"))}
    environment = {
        **kept,
        "PULT_DATA_DIR": str(data_dir),
        "PULT_ADDRESS": address,
        "PULT_LOG_LEVEL": "WARNING",
        "DATABASE_URL": database_url(),
    }
    with (data_dir / "web.txt").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pult.config.cli", "web"], env=environment, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: _answers(address), seconds=60, what="the web process answers")
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(20)


def session_of(person: Any) -> str:
    """The Cookie header's value of a browser in which this person is signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def p95(values: list[float]) -> float:
    """The value that one in twenty exceeds; infinite without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else float("inf")


def resident_mb(pid: int) -> float:
    """Resident memory of a process (proc(5), status)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used (proc(5), stat: fields 14 and 15, in clock ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
