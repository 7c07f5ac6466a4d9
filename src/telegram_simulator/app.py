"""Starts the world and its doors, and ends them cleanly."""

import argparse
import asyncio
import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import uvicorn

from telegram_simulator.bot_api.bodies import LARGEST_BODY, ROOM
from telegram_simulator.bot_api.door import BotApiDoor
from telegram_simulator.bot_api.http import HttpServer
from telegram_simulator.control.door import ControlDoor
from telegram_simulator.methods.dispatch import Dispatcher
from telegram_simulator.mtproto.keys import load_or_create_server_key
from telegram_simulator.mtproto.server import MTProtoServer
from telegram_simulator.world.world import World

FLUSH_EVERY = 1.0  # seconds; a SIGKILL loses at most this much of counters and bucket levels


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="telegram_simulator", description="A simulated Telegram.")
    parser.add_argument(
        "--data", required=True, type=Path, help="folder that keeps the world and the server's key"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (an IP address)")
    parser.add_argument(
        "--mtproto-port", type=int, default=8011, help="port for Telegram clients; 0 picks a free one"
    )
    parser.add_argument(
        "--control-port", type=int, default=8010, help="port of the control page; 0 picks a free one"
    )
    parser.add_argument(
        "--bot-api-port", type=int, default=8012, help="port of the Bot API; 0 picks a free one"
    )
    parser.add_argument("--people", type=int, default=100_000, help="inhabitants of a new world")
    options = parser.parse_args(arguments)
    options.data.mkdir(parents=True, exist_ok=True)
    with _sole_use_of(options.data), contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(
                run(
                    options.data,
                    options.host,
                    options.mtproto_port,
                    options.control_port,
                    options.bot_api_port,
                    people=options.people,
                )
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            sys.exit(f"One of the ports is in use by another program: {error.strerror}")


async def run(
    data: Path, host: str, mtproto_port: int, control_port: int, bot_api_port: int, *, people: int
) -> None:
    """Serve until SIGTERM or SIGINT. Writes `ready.json` into the folder once all doors listen."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    ready_file = data / "ready.json"
    ready_file.unlink(missing_ok=True)
    rsa_key = load_or_create_server_key(data)
    world = World.open(data, people=people)
    dispatcher = Dispatcher(world)
    server = MTProtoServer(
        rsa_key=rsa_key,
        key_store=world.keys,
        handle=dispatcher.handle,
        on_disconnect=dispatcher.on_disconnect,
    )
    dispatcher.server = server
    try:
        control_socket = _listen(host, control_port)
        port = await server.start(host, mtproto_port)
        dispatcher.address = (host, port)
        bot_api_socket = _listen(host, bot_api_port)
        bot_api = BotApiDoor(world, clock=dispatcher.clock)
        bot_api_server = HttpServer(bot_api, largest_body=LARGEST_BODY + ROOM)
        await bot_api_server.start(bot_api_socket)
        control = _door(ControlDoor(world, dispatcher, bot_api))
        control_task = asyncio.create_task(control.serve(sockets=[control_socket]))
        flush_task = asyncio.create_task(_flush_regularly(world))
        await bot_api.start()
        while not control.started and not control_task.done():
            await asyncio.sleep(0.005)
        control_port, bot_api_port = (s.getsockname()[1] for s in (control_socket, bot_api_socket))
        _write_ready(
            ready_file, host=host, mtproto_port=port, control_port=control_port, bot_api_port=bot_api_port
        )
        sys.stdout.write(
            f"Simulated Telegram: clients at {host}:{port}, bots at http://{host}:{bot_api_port}/,"
            f" page at http://{host}:{control_port}/\n"
        )
        sys.stdout.flush()
        await stopped.wait()
        flush_task.cancel()
        await bot_api.stop()
        control.should_exit = True
        await asyncio.wait({control_task, asyncio.create_task(bot_api_server.stop())}, timeout=0.5)
        control.force_exit = True
        await server.stop()
    finally:
        ready_file.unlink(missing_ok=True)
        world.close()


@contextlib.contextmanager
def _sole_use_of(folder: Path) -> Generator[None, None, None]:
    """The world is kept half in memory: two processes on one folder would forget each other's changes."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Another simulator is using {folder}.")
        yield


class _QuietServer(uvicorn.Server):
    """uvicorn without its own signal handling: one place decides when all doors close."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _door(application: Any) -> _QuietServer:
    """Connections stay open for long: a client that keeps them must not meet one that just closed."""
    return _QuietServer(
        uvicorn.Config(
            application, log_level="warning", access_log=False, lifespan="off", http="h11", ws="none", loop="none",
            timeout_graceful_shutdown=1, timeout_keep_alive=75,
        )
    )  # fmt: skip


async def _flush_regularly(world: World) -> None:
    while True:
        await asyncio.sleep(FLUSH_EVERY)
        world.flush()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _write_ready(path: Path, *, host: str, mtproto_port: int, control_port: int, bot_api_port: int) -> None:
    content = {
        "host": host,
        "mtproto_port": mtproto_port,
        "control_port": control_port,
        "bot_api_port": bot_api_port,
        "public_key_file": str(path.parent.absolute() / "public_key.pem"),
        "pid": os.getpid(),
    }
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content))
    temporary.replace(path)
