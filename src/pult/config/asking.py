"""Asking our own web process whether it lives."""

import urllib.request
from email.message import Message

from pult.config.environment import Environment

# Proxies of the environment lead elsewhere.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask_web(environment: Environment, *, timeout: float) -> Message:
    """The headers of its /healthz, asked on the port it listens on by the name it answers to. Raises OSError."""
    host = "127.0.0.1" if environment.bind_host in {"0.0.0.0", "::"} else environment.bind_host  # noqa: S104
    place = f"[{host}]" if ":" in host else host
    request = urllib.request.Request(
        f"http://{place}:{environment.bind_port}/healthz", headers={"Host": environment.hostname}
    )
    with _direct.open(request, timeout=timeout) as answer:
        headers: Message = answer.headers
        return headers


def ask_simulator(environment: Environment, *, timeout: float) -> None:
    """Return when the simulated Telegram answers. Raises OSError."""
    _direct.open(f"{environment.telegram.control_url}/healthz", timeout=timeout).close()
