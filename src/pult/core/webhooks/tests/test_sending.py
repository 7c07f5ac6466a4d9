"""One attempt against a real server, however that server behaves."""

import asyncio
import socket
from typing import Any

import pytest

from pult.core.webhooks import sending
from pult.core.webhooks.sending import post
from pult.core.webhooks.tests.receiver import Receiver
from pult.core.webhooks.values import Outcome


def sent(url: str, *, private: bool = False, loopback: bool = True) -> Outcome:
    return asyncio.run(post(url, body=b"{}", headers={"X-One": "1"}, private=private, loopback=loopback))


def test_a_body_arrives_and_the_answer_is_kept_in_part(receiver: Receiver) -> None:
    receiver.answer = b"line\x00 one\n" + b"y" * 500
    outcome = sent(receiver.url + "?a=b")
    assert (outcome.error, outcome.status) == ("", 200)
    assert outcome.excerpt.startswith("line one yyy")
    assert len(outcome.excerpt) == 200
    (heard,) = receiver.heard
    assert (heard.path, heard.body, heard.headers["X-One"]) == ("/pult?a=b", b"{}", "1")


@pytest.mark.parametrize(("status", "error"), [(204, ""), (404, "status"), (500, "status"), (410, "gone")])
def test_the_status_decides(receiver: Receiver, status: int, error: str) -> None:
    receiver.status, receiver.answer = status, b""
    assert sent(receiver.url) == Outcome(error, status, "")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url + "/inner"}
    assert sent(receiver.url).error == "redirect"
    assert len(receiver.heard) == 1


def test_a_huge_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    receiver.endless = True
    assert sent(receiver.url).error == ""
    # What stands in the buffers of the system comes on top of the 64 kB that are read.
    assert receiver.sent_bytes < 50_000_000


def test_a_slow_server_costs_a_limited_time(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "ALL_SECONDS", 1.0)
    receiver.let_go.clear()
    assert sent(receiver.url).error == "timeout"
    assert len(receiver.heard) <= 1, "one attempt is one request"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").error == "unreachable"


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    assert sent("http://crm.example.org/").error == "no_such_host"


def test_what_is_no_tls_is_told_apart(receiver: Receiver) -> None:
    assert sent(receiver.url.replace("http:", "https:")).error == "tls"


def test_this_machine_is_refused_where_telegram_is_real(receiver: Receiver) -> None:
    assert sent(receiver.url, loopback=False).error == "private_address"
    assert sent(receiver.url.replace("127.0.0.1", "2130706433"), loopback=False).error == "private_address"
    assert receiver.heard == []


def test_a_name_with_one_inner_address_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[object] = []
    answers = [["93.184.216.34", "127.0.0.1"]]
    monkeypatch.setattr(socket, "getaddrinfo", _resolver(answers, lookups))
    assert (
        sent(receiver.url.replace("127.0.0.1", "crm.example.org"), loopback=False).error == "private_address"
    )
    assert receiver.heard == []


def test_a_name_is_looked_up_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time (rebinding) leads nowhere else."""
    lookups: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", _resolver([["127.0.0.1"], ["169.254.169.254"]], lookups))
    assert sent(receiver.url.replace("127.0.0.1", "crm.example.org")).error == ""
    (heard,) = receiver.heard
    assert heard.headers["Host"].startswith("crm.example.org:")
    assert [name for name in lookups if name == "crm.example.org"] == ["crm.example.org"]


def _unknown(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def _resolver(answers: list[list[str]], lookups: list[object]) -> Any:
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *words: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        lookups.append(name)
        if name != "crm.example.org":
            return real(host, port, *words, **named)
        here = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in here]

    return resolve
