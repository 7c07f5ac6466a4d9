"""`pult up` brings killed processes back, takes its processes along, and finds everything again."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest

from tests.installation import Installation, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.timeout(150)]


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Ended, or a zombie that its parent has not collected yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_killed_processes_come_back_and_a_killed_supervisor_leaves_no_orphans(
    installation: Installation,
) -> None:
    installation.start()
    first_link = installation.link
    assert answers(installation.address)

    # Each process is killed without warning: the supervisor starts it again.
    before = {
        word: installation.child(word)
        for word in ("pult.config.cli web", "pult.config.cli worker", "telegram_simulator")
    }
    for pid in before.values():
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    for word, pid in before.items():
        wait_for(
            lambda word=word, pid=pid: installation.child(word) not in {None, pid},
            seconds=20,
            what=f"{word} is started again",
        )
    wait_for(lambda: answers(installation.address), seconds=30, what="the page answers again")

    # The supervisor itself is killed: nothing of it stays behind but the database, which the next start adopts.
    children = [installation.child(word) for word in before]
    installation.kill()
    for pid in children:
        assert pid is not None
        wait_for(lambda pid=pid: gone(pid), seconds=30, what="the processes end with their supervisor")

    installation.start()
    assert answers(installation.address)
    assert installation.link != first_link, "a new start voids the older one-time link"
    assert installation.stop() == 0
    assert not answers(installation.address)


def test_a_second_start_with_the_same_data_is_refused(installation: Installation) -> None:
    installation.start()
    second = installation.pult("up")
    assert second.returncode == 1
    assert "already running" in second.stdout


def test_a_taken_port_is_named(installation: Installation) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.web_port))
        taken.listen()
        refused = installation.pult("up")
    assert refused.returncode == 1
    assert str(installation.web_port) in refused.stdout
    assert "PULT_ADDRESS" in refused.stdout
