"""A colleague on another machine: nothing but `pult remote`, an address and a token, against a whole `pult up`."""

import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import Installation

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
NUMBERS = 150
PHONE = "79110000077"


class Colleague:
    """A terminal in a folder of its own: no settings, no database, no data folder of Pult."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def remote(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "pult.config.cli", "remote", *words],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **environment},
            cwd=self.home, capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip


class CuttingProxy(socketserver.ThreadingTCPServer):
    """Passes bytes on to Pult; the first `cuts` answers that grow beyond `after` bytes end in the middle."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, target: int, *, cuts: int, after: int) -> None:
        self.target, self.cuts, self.after = target, cuts, after
        super().__init__(("127.0.0.1", 0), _Passing)


class _Passing(socketserver.BaseRequestHandler):
    server: CuttingProxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as pult:
            threading.Thread(target=self._ask, args=(pult,), daemon=True).start()
            passed = 0
            while chunk := pult.recv(4096):
                passed += len(chunk)
                if self.server.cuts and passed > self.server.after:
                    self.server.cuts -= 1
                    break
                self.request.sendall(chunk)
            # Not close(): the other thread still waits for this socket, which keeps it open.
            self.request.shutdown(socket.SHUT_RDWR)

    def _ask(self, pult: socket.socket) -> None:
        try:
            while chunk := self.request.recv(4096):
                pult.sendall(chunk)
        except OSError:
            pass


@contextmanager
def cutting(target: int, *, cuts: int, after: int) -> Iterator[CuttingProxy]:
    with CuttingProxy(target, cuts=cuts, after=after) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def on_server(pult: Installation, code: str) -> str:
    """Run a few lines inside the installation, for what a test may do and a person may not."""
    done = pult.pult("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def control(pult: Installation, path: str, content: Any = None) -> Any:
    """The simulator's control door."""
    url = pult.control_url + path
    answer = httpx.get(url, timeout=30) if content is None else httpx.post(url, json=content, timeout=30)
    return answer.raise_for_status().json()


def connect_account(pult: Installation) -> None:
    """The owner's simulated account, signed in already."""
    limits = {"contacts": {"capacity": 9000, "per_second": 2000}}
    control(pult, "/api/accounts", {"phone": PHONE, "first_name": "Tester", "limits": limits})
    on_server(
        pult,
        "from types import SimpleNamespace as S; import httpx;"
        "from pult.core.people.models import Person;"
        "from pult.modules.checks.tests.world import connect_account as connect;"
        f"post = lambda path, content: httpx.post('{pult.control_url}' + path, json=content).json();"
        "w = S(post=post, session_for=lambda phone: post('/api/sessions', {'phone': phone})['session']);"
        f"connect(w, Person.objects.get(), '{PHONE}', limits={limits!r})",
    )


def a_token(pult: Installation) -> str:
    owner = on_server(pult, "from pult.core.people.models import Person; print(Person.objects.get().email)")
    done = pult.pult("token", "create", owner.split()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def expire(pult: Installation, token: str) -> None:
    on_server(
        pult,
        "from pult.core.api.models import Token; import datetime;"
        f"t = Token.objects.get(key='{token.split('_')[1]}');"
        "t.expires_at = t.created_at - datetime.timedelta(days=1); t.save()",
    )


def truth_of(pult: Installation) -> dict[str, bool]:
    rows = control(pult, f"/api/sample-numbers?count={NUMBERS}&hits=0.4&seed=remote&format=json")["numbers"]
    return {f"+{row['phone']}": row["findable"] for row in rows}


def found_in(file: Path) -> dict[str, bool]:
    rows = json.loads(file.read_text())
    return {row["number"]: row["verdict"] == "found" for row in rows}


def test_a_list_is_checked_from_another_machine(installation: Installation, tmp_path: Path) -> None:
    pult = installation.start()
    connect_account(pult)
    token, truth, anna = a_token(pult), truth_of(pult), Colleague(tmp_path)
    (tmp_path / "token").write_text(token + "\n")
    (tmp_path / "list.csv").write_text("Phone\n" + "\n".join(truth) + "\n")

    signed_in = anna.remote("login", "--server", pult.address, "--token-file", "token")
    assert signed_in.returncode == 0, signed_in.stderr
    kept = tmp_path / ".config" / "pult" / "remote.json"
    assert kept.stat().st_mode & 0o077 == 0, "nobody else reads the token"
    assert token not in signed_in.stderr + signed_in.stdout

    done = anna.remote("run", "list.csv", "--purpose", "a journey", "--out", "result.json")
    assert done.returncode == 0, done.stderr
    assert found_in(tmp_path / "result.json") == truth
    found = sum(truth.values())
    assert done.stdout.strip().startswith(f"Found {found}, not found {NUMBERS - found}, unanswered 0")

    listed = anna.remote("list").stdout
    check = re.findall(r"^\s+(\d+)\s+list", listed, re.MULTILINE)[0]
    assert "Finished" in anna.remote("show", check).stdout
    assert "Завершена" in anna.remote("show", check, LANG="ru_RU.UTF-8").stdout
    assert "Check finished." in anna.remote("log", check).stdout
    assert anna.remote("export", check, "--out", "found.csv", "--verdict", "found").returncode == 0
    assert len((tmp_path / "found.csv").read_text().splitlines()) == found + 1
    refused = anna.remote("pause", check)
    assert (refused.returncode, "Traceback" in refused.stderr, refused.stderr.strip() != "") == (
        1,
        False,
        True,
    )

    cut_connections(pult, anna, token, check)
    refusals(pult, anna, token)


def cut_connections(pult: Installation, anna: Colleague, token: str, check: str) -> None:
    """A download that is cut in the middle is fetched anew; cut for ever, the former file stays as it was."""
    whole = (anna.home / "result.json").read_bytes()
    with cutting(pult.web_port, cuts=2, after=9000) as proxy:
        through = {"PULT_SERVER": f"http://127.0.0.1:{proxy.server_address[1]}", "PULT_TOKEN": token}
        again = anna.remote("export", check, "--out", "again.json", **through)
        assert (again.returncode, proxy.cuts) == (0, 0), again.stderr
    assert json.loads((anna.home / "again.json").read_text()) == json.loads(whole)
    with cutting(pult.web_port, cuts=999, after=9000) as proxy:
        through["PULT_SERVER"] = f"http://127.0.0.1:{proxy.server_address[1]}"
        never = anna.remote("export", check, "--out", "result.json", **through)
    assert never.returncode == 1
    assert "cannot be reached" in never.stderr
    assert (anna.home / "result.json").read_bytes() == whole
    assert [path.name for path in anna.home.glob(".result*")] == []


def refusals(pult: Installation, anna: Colleague, token: str) -> None:
    """Wrong and expired tokens, somebody else's door, a server that is down: a sentence each."""
    wrong = anna.remote("list", PULT_TOKEN="pult_" + "0" * 12 + "_" + "0" * 64)
    assert (wrong.returncode, "unknown, revoked or expired" in wrong.stderr) == (1, True)
    elsewhere = anna.remote("list", "--server", pult.address.replace("127.0.0.1", "localhost"))
    assert "There is no token for" in elsewhere.stderr, "a kept token goes to its own server only"
    no_pult = anna.remote("list", PULT_SERVER=pult.control_url, PULT_TOKEN=token)
    assert "something else than a Pult" in no_pult.stderr
    expire(pult, token)
    expired = anna.remote("list")
    assert (expired.returncode, "expired" in expired.stderr) == (1, True)
    russian = anna.remote("list", PULT_LANGUAGE="ru")
    assert re.search("[а-я]", russian.stderr), "the server speaks the language of the terminal"
    assert anna.remote("logout").returncode == 0
    assert "pult remote login" in anna.remote("list").stderr
    pult.stop()
    down = anna.remote("list", PULT_SERVER=pult.address, PULT_TOKEN=token)
    assert (down.returncode, "cannot be reached" in down.stderr) == (1, True)
    assert "Traceback" not in "".join(done.stderr for done in (wrong, elsewhere, no_pult, expired, down))
