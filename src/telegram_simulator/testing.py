"""Start the simulator as a process of its own and steer it from synchronous tests.

simulator = start_simulator(tmp_path, people=2000)
simulator.post("/api/faults", {"method": "contacts.importContacts", "kind": "flood_wait", "seconds": 3, "count": 1})
...
simulator.stop()
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from telegram_simulator.playing import NotSeen, Player, SeenMessage

__all__ = [
    "ControlRefused",
    "NotSeen",
    "Player",
    "RunningSimulator",
    "SeenMessage",
    "SimulatorDidNotStart",
    "start_simulator",
]

SAMPLE_BOT = "pult_sample_bot"
PACKAGE_PARENT = Path(__file__).resolve().parent.parent


class SimulatorDidNotStart(RuntimeError):
    """The process ended, or did not write its ready.json in time; carries its last output."""


class ControlRefused(RuntimeError):
    """The control door answered an error; `status` is the HTTP status, the message its sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status


@dataclass
class RunningSimulator:
    """A started simulator; ports stay the same over `restart()`."""

    data_dir: Path
    people: int
    process: subprocess.Popen[bytes]
    host: str
    mtproto_port: int
    control_port: int
    bot_api_port: int = 0
    extra_arguments: list[str] = field(default_factory=list)

    @property
    def control_url(self) -> str:
        return f"http://{self.host}:{self.control_port}"

    @property
    def bot_api_url(self) -> str:
        """What aiogram's `TelegramAPIServer.from_base` takes."""
        return f"http://{self.host}:{self.bot_api_port}"

    @property
    def public_key_file(self) -> Path:
        return self.data_dir / "public_key.pem"

    @property
    def public_key(self) -> str:
        """PKCS#1 PEM text for `telethon.crypto.rsa.add_key(pem, old=False)`."""
        return self.public_key_file.read_text()

    # The control door -------------------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, timeout: float = 10.0
    ) -> Any:
        """Send one control request; JSON answers are decoded, others come as text. `raw`: a body that is a file."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        kind = "application/json" if raw is None else "application/octet-stream"
        request = urllib.request.Request(
            self.control_url + path, data=data, method=method, headers={"Content-Type": kind}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                text = answer.read().decode()
                is_json = answer.headers.get_content_type() == "application/json"
                return json.loads(text) if is_json else text
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
            try:
                sentence = json.loads(text)["error"]
            except (ValueError, KeyError):
                sentence = text
            raise ControlRefused(error.code, sentence) from None

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.request("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any) -> Any:
        return self.request("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.request("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def key_pair(self) -> tuple[int, str]:
        """The sample (api_id, api_hash)."""
        pair = self.get("/api/key-pairs")["key_pairs"][0]
        return pair["api_id"], pair["api_hash"]

    def code_for(self, phone: str, *, timeout: float = 5.0) -> str:
        """The latest login code sent to a phone; waits for it to arrive."""
        deadline = time.monotonic() + timeout
        while True:
            codes = self.get(f"/api/codes?phone={phone.lstrip('+')}")["codes"]
            if codes:
                return str(codes[0]["code"])
            if time.monotonic() > deadline:
                raise TimeoutError("no login code arrived in time")
            time.sleep(0.05)

    def session_for(self, phone: str) -> str:
        """A StringSession that is signed in already."""
        return str(self.post("/api/sessions", {"phone": phone})["session"])

    # Bots and players -------------------------------------------------------------------------------------------

    def bot_token(self, username: str = SAMPLE_BOT) -> str:
        """The token of the sample bot, or of another one."""
        return str(self.get(f"/api/bots/{username}")["token"])

    def create_bot(self, username: str, **wishes: Any) -> dict[str, Any]:
        """{"id", "username", "token", …} of a new bot."""
        bot: dict[str, Any] = self.post("/api/bots", {"username": username, "first_name": username, **wishes})
        return bot

    def player(self, who: str, *, username: str | None = None, language: str = "ru") -> Player:
        """The person with this phone or @username, or somebody new with this name."""
        bare = who.lstrip("+@")
        if bare.isdigit() or who.startswith("@"):
            return Player(self, self.post("/play/api/people", {"person": who}))
        wishes = {"name": who, "username": username, "language": language}
        return Player(self, self.post("/play/api/people", wishes))

    # The process ------------------------------------------------------------------------------------------------

    def stop(self, *, timeout: float = 10.0) -> None:
        """End it cleanly (SIGTERM)."""
        self._end(signal.SIGTERM, timeout)

    def kill(self, *, timeout: float = 10.0) -> None:
        """End it the hard way (SIGKILL)."""
        self._end(signal.SIGKILL, timeout)

    def restart(self, *, timeout: float = 30.0) -> None:
        """Start it again on the same data and the same ports; ends it first if it still runs."""
        if self.process.poll() is None:
            self.stop()
        again = start_simulator(
            self.data_dir,
            people=self.people,
            host=self.host,
            mtproto_port=self.mtproto_port,
            control_port=self.control_port,
            bot_api_port=self.bot_api_port,
            extra_arguments=self.extra_arguments,
            timeout=timeout,
        )
        self.process = again.process

    def _end(self, with_signal: signal.Signals, timeout: float) -> None:
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        self.process.wait(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_simulator(
    data_dir: Path | str,
    *,
    people: int = 2000,
    host: str = "127.0.0.1",
    mtproto_port: int = 0,
    control_port: int = 0,
    bot_api_port: int = 0,
    extra_arguments: list[str] | None = None,
    timeout: float = 30.0,
) -> RunningSimulator:
    """Start a simulator process on free ports (port 0) and wait until it listens.

    Raises SimulatorDidNotStart with its output when it ends early or is not ready within `timeout` seconds.
    """
    directory = Path(data_dir)
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "telegram_simulator", "--data", str(directory), "--host", host]
    command += ["--mtproto-port", str(mtproto_port), "--control-port", str(control_port)]
    command += ["--bot-api-port", str(bot_api_port)]
    command += ["--people", str(people), *(extra_arguments or [])]
    environment = dict(os.environ)
    paths = [str(PACKAGE_PARENT), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    output_file = directory / "output.txt"
    with output_file.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    deadline = time.monotonic() + timeout
    while (ready := _ready_of(directory, process)) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise SimulatorDidNotStart(output_file.read_text(errors="replace")[-4000:])
        time.sleep(0.02)
    return RunningSimulator(
        data_dir=directory,
        people=people,
        process=process,
        host=ready["host"],
        mtproto_port=ready["mtproto_port"],
        control_port=ready["control_port"],
        bot_api_port=ready["bot_api_port"],
        extra_arguments=extra_arguments or [],
    )


def _ready_of(directory: Path, process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    """What this process wrote when it began to listen; None before that."""
    try:
        ready: dict[str, Any] = json.loads((directory / "ready.json").read_text())
    except FileNotFoundError:
        return None
    return ready if ready["pid"] == process.pid else None
