"""`pult up`: everything on one machine under one supervisor.

It starts the embedded database (unless DATABASE_URL is set), the simulated Telegram (unless the real one is
configured), prepares the tables, then keeps `pult web`, `pult worker` and `pult bots` running. The supervisor itself
loads no Django: it stays small and starts at once.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pult.config.asking import ask_web
from pult.config.embedded_postgres import EmbeddedPostgres, UnableToStartPostgres
from pult.config.environment import Environment
from pult.config.process import Database, LookedAfter, Process, say
from pult.config.texts import compile_texts

READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 25
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class UnableToStart(Exception):
    """Pult cannot start here; the text says what to do."""


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process alone. Raises UnableToStart while another Pult holds it."""
    with (data_dir / "pult.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnableToStart(f"Pult is already running with the data folder {data_dir}.") from None
        yield


def _port_is_free(host: str, port: int, variable: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnableToStart(
                f"Port {port} on {host} cannot be used ({error.strerror}). Another programme may have it; "
                f"set {variable} to another one."
            ) from None


def _child_environment() -> dict[str, str]:
    return {
        **os.environ,
        "PULT_LOG_SCREEN": os.environ.get("PULT_LOG_SCREEN", "warnings"),
        "PYTHONUNBUFFERED": "1",
    }


def _pult(*words: str) -> list[str]:
    return [sys.executable, "-m", "pult.config.cli", *words]


def _simulator(environment: Environment) -> Process:
    control = urlsplit(environment.telegram.control_url)
    bot_api = urlsplit(environment.telegram.bot_api_url)
    return Process(
        "simulated Telegram",
        [
            sys.executable, "-m", "telegram_simulator", "--data", str(environment.data_dir / "simulator"),
            "--host", environment.telegram.host, "--mtproto-port", str(environment.telegram.port),
            "--control-port", str(control.port or 80), "--bot-api-port", str(bot_api.port or 80),
        ],
        _child_environment(),
    )  # fmt: skip


def _prepare(*, fresh_link: bool) -> dict[str, Any]:
    """Migrate and learn what to tell the owner, in one short-lived process."""
    words = ["prepare", *(["--link"] if fresh_link else [])]
    done = subprocess.run(
        _pult(*words), env=_child_environment(), stdout=subprocess.PIPE, check=False, text=True
    )
    if done.returncode != 0:
        raise UnableToStart("The database could not be prepared; the lines above say why.")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _wait_until_ready(environment: Environment, processes: list[LookedAfter]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        for process in processes:
            process.look_after()
        try:
            ask_web(environment, timeout=2)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise UnableToStart(f"The web process did not answer within {READY_WITHIN_SECONDS} s; see logs/web.log.")


def _welcome(environment: Environment, link: str | None, seconds: float) -> None:
    say(f"\n  Pult is running at {environment.address}   (started in {seconds:.1f} s)")
    if link:
        say(f"  Sign in once with this link:  {environment.address}{link}")
    if environment.telegram.simulated:
        say(f"  Telegram is simulated; codes and limits:  {environment.telegram.control_url}")
        say(f"  Talk to the bot as one of its people:  {environment.telegram.control_url}/play/")
    say(f"  Data and logs: {environment.data_dir}\n  Ctrl-C stops everything.\n")


class _Stop(Exception):
    """A signal asked us to stop."""


def _heed_no_signal() -> None:
    # A second Ctrl-C while stopping must not leave half of it running.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _on_signal(_number: int, _frame: object) -> None:
    _heed_no_signal()
    raise _Stop


def _supervise(environment: Environment, stack: ExitStack, began: float, *, fresh_link: bool) -> None:
    stack.enter_context(only_one(environment.data_dir))
    _port_is_free(environment.bind_host, environment.bind_port, "PULT_ADDRESS or PULT_BIND")
    processes: list[LookedAfter] = []
    if environment.telegram.simulated:
        control = urlsplit(environment.telegram.control_url)
        _port_is_free(environment.telegram.host, environment.telegram.port, "PULT_SIMULATOR")
        _port_is_free(control.hostname or "127.0.0.1", control.port or 80, "PULT_SIMULATOR_CONTROL")
        bot_api = urlsplit(environment.telegram.bot_api_url)
        _port_is_free(bot_api.hostname or "127.0.0.1", bot_api.port or 80, "PULT_SIMULATOR_BOTS")
        simulator = _simulator(environment)
        stack.callback(_stop_all, [simulator])
        simulator.start()
        processes.append(simulator)
    if environment.database_url is None:
        postgres = EmbeddedPostgres(environment.data_dir / "postgres")
        stack.callback(postgres.stop)
        postgres.start()
        processes.append(Database(postgres))
    compile_texts()
    told = _prepare(fresh_link=fresh_link)
    working = [
        Process("web", _pult("web"), _child_environment()),
        Process("worker", _pult("worker"), _child_environment()),
    ]
    stack.callback(_stop_all, working)
    for process in working:
        process.start()
    processes += working
    _wait_until_ready(environment, processes)
    # After the first page, which must not wait for it: loading aiogram takes seconds.
    bots = Process("bots", _pult("bots"), _child_environment())
    working.append(bots)
    bots.start()
    processes.append(bots)
    _welcome(environment, told.get("link"), time.monotonic() - began)
    while True:
        time.sleep(0.2)
        for one in processes:
            one.look_after()


def _stop_all(processes: list[Process]) -> None:
    for process in processes:
        process.stop()
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for process in processes:
        process.wait_stopped(max(0.1, deadline - time.monotonic()))


def run_everything(environment: Environment, *, fresh_link: bool = False) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit status."""
    began = time.monotonic()
    environment.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in STOP_SIGNALS:
        signal.signal(number, _on_signal)
    status = 0
    with ExitStack() as stack:
        try:
            _supervise(environment, stack, began, fresh_link=fresh_link)
        except _Stop:
            say("\nStopping …")
        except (UnableToStart, UnableToStartPostgres) as error:
            say(str(error))
            status = 1
        _heed_no_signal()
    say("Pult has stopped." if status == 0 else "Pult did not start.")
    return status
