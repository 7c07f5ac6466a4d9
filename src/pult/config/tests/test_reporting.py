"""Reports to Sentry, against a real HTTP server in its place: errors arrive, people's data do not."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pult import __version__

SECRET = "1BVtsOK4Bu7x9zQmVf0aaabbbccc112233445566"
PROGRAM = f"""
import logging
from pult.config.cli import set_up_django
set_up_django()
import sentry_sdk
from django.conf import settings
from pult.config.reporting import report_errors
report_errors(settings.ENVIRONMENT, "web")
session = "{SECRET}"
try:
    raise ValueError("could not ask about +79123456789, session {SECRET}, password=hunter2")
except ValueError:
    logging.getLogger("pult.test").exception("failed for %s", "+7 912 345-67-89", extra={{"body": "hunter2"}})
from django.test import Client
from django.urls import path
from pult.config import urls
def broken(request, check_id):
    raise RuntimeError("broken by 79123456789")
urls.urlpatterns.append(path("broken/<int:check_id>/", broken))
settings.ALLOWED_HOSTS.append("testserver")
settings.MIDDLEWARE = []
client = Client(raise_request_exception=False)
client.cookies["pult_session"] = "hunter2cookie"
client.post("/broken/79123456789/?q=hunter2query", {{"numbers": "79123456789"}})
sentry_sdk.flush(10)
"""


class _Sentry(BaseHTTPRequestHandler):
    received: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(
            gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        )
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    handler = type("Handler", (_Sentry,), {"received": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", handler.received  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def run(program: str, tmp_path: Path, **extra: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULT_", "DJANGO_"))}
    environment = {**kept, "PULT_DATA_DIR": str(tmp_path), **extra}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_errors_arrive_without_numbers_secrets_and_bodies(
    sentry: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    dsn, received = sentry
    run(PROGRAM, tmp_path, SENTRY_DSN=dsn)
    text = b"\n".join(received).decode()
    events = [json.loads(line) for line in text.splitlines() if '"exception"' in line]
    types = {event["exception"]["values"][-1]["type"] for event in events}
    assert {"ValueError", "RuntimeError"} <= types, text[:2000]
    assert all(event["release"] == f"pult@{__version__}" for event in events)
    assert all(event["tags"]["process"] == "web" for event in events)
    assert {"/broken/{check_id}/"} & {event.get("transaction") for event in events}, events
    for harm in ("79123456789", "345-67-89", SECRET, "hunter2", "cookie", "query_string"):
        assert harm not in text, harm


def test_without_an_address_nothing_is_loaded(tmp_path: Path) -> None:
    program = """
import sys
from pult.config.cli import set_up_django
set_up_django()
from django.conf import settings
from pult.config.reporting import report_errors
report_errors(settings.ENVIRONMENT, "web")
import pult.config.urls
print("sentry_sdk" in sys.modules, "prometheus_client" in sys.modules)
"""
    assert run(program, tmp_path).strip() == "False False"
