"""Pult asks its own processes directly and by the right name."""

import dataclasses
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings as our_settings
from django.test import Client
from pytest_django.fixtures import Settings

from pult.config.asking import ask_web
from pult.config.environment import Environment


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """A web process that writes down by which name it is called."""
    names: list[str] = []

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names.append(self.headers["Host"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, names
        server.shutdown()


def test_the_web_process_is_asked_by_its_public_name_past_every_proxy(
    asked: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, names = asked
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    environment: Environment = our_settings.ENVIRONMENT
    here = dataclasses.replace(
        environment,
        address="https://pult.example.com",
        bind_host="0.0.0.0",  # noqa: S104
        bind_port=port,
    )
    assert ask_web(here, timeout=5)["date"]
    assert names == ["pult.example.com"]


def test_in_production_only_the_public_name_is_answered(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["pult.example.com"]
    assert client.get("/healthz", headers={"host": "pult.example.com"}).status_code == 200
    assert client.get("/healthz", headers={"host": "127.0.0.1"}).status_code == 400
