"""`pult up` brings killed processes back, takes its processes along, and finds everything again."""

import http.cookiejar
import os
import re
import signal
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import psycopg
import pytest

from pult.config.embedded_postgres import EmbeddedPostgres
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


def test_killed_processes_come_back_a_killed_supervisor_leaves_no_orphans_and_a_second_one_is_refused(
    installation: Installation,
) -> None:
    installation.start()
    first_link = installation.link
    assert answers(installation.address)

    # The same data are never used twice at once.
    second = installation.pult("up")
    assert second.returncode == 1
    assert "already running" in second.stdout

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


def browser_signed_in(installation: Installation) -> urllib.request.OpenerDirector:
    """The owner, who came in by the one-time link."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    with browser.open(installation.link, timeout=10) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1)}).encode()
    browser.open(urllib.request.Request(installation.link, form), timeout=10).close()
    return browser


class LivePage:
    """A live page's stream, read by a thread; `heard` counts the events."""

    def __init__(self, installation: Installation, browser: urllib.request.OpenerDirector) -> None:
        self.heard = 0
        topic = urllib.parse.quote("person:1")
        self._stream = browser.open(f"{installation.address}/live/?topic={topic}", timeout=120)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._stream:
            self.heard += line.startswith(b"event:")

    def hears_again(self, database_url: str) -> None:
        """Say something in the database until the page hears it: no notice is kept for who does not listen."""
        before = self.heard
        with psycopg.connect(database_url, autocommit=True) as connection:

            def said() -> bool:
                connection.execute("SELECT pg_notify('pult_live', 'person:1')")
                time.sleep(0.2)
                return self.heard > before

            wait_for(said, seconds=20, what="the live page hears")


def test_a_killed_database_comes_back_and_everybody_finds_it(installation: Installation) -> None:
    installation.start()
    postgres = EmbeddedPostgres(installation.data_dir / "postgres")
    page = LivePage(installation, browser_signed_in(installation))
    page.hears_again(postgres.url())

    def worker_is_alive() -> bool:
        """A heartbeat since the database runs: an older one may be that of a worker which has lost it."""
        with psycopg.connect(postgres.url()) as connection:
            beats = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > pg_postmaster_start_time()"
            return connection.execute(beats).fetchone() is not None

    wait_for(worker_is_alive, seconds=20, what="the worker is alive")
    processes = {word: installation.child(word) for word in ("pult.config.cli web", "pult.config.cli worker")}
    killed_at = time.monotonic()
    os.kill(int((postgres.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    wait_for(lambda: not postgres.running(), seconds=5, what="the database is gone")

    wait_for(lambda: answers(installation.address), seconds=20, what="the page answers again")
    assert time.monotonic() - killed_at < 15
    page.hears_again(postgres.url())
    wait_for(worker_is_alive, seconds=30, what="the worker is back at the queue")
    doctor = installation.pult("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert processes == {word: installation.child(word) for word in processes}, (
        "nobody had to be started again"
    )
    assert installation.stop() == 0


def test_a_taken_port_is_named(installation: Installation) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.web_port))
        taken.listen()
        refused = installation.pult("up")
    assert refused.returncode == 1
    assert str(installation.web_port) in refused.stdout
    assert "PULT_ADDRESS" in refused.stdout
