"""`pult account …`: the same sign-in from a terminal, with a worker beside it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import close_old_connections, connection
from typer.testing import CliRunner, Result

from pult.core.people.models import Person
from pult.core.telegram import cli
from pult.core.telegram.jobs import advance_sign_in
from pult.core.telegram.models import Account, KeyPair, RetiredSession, SignIn
from pult.core.telegram.tests.conftest import ANNA, BORIS, make_account
from telegram_simulator.testing import RunningSimulator

pytestmark = pytest.mark.django_db(transaction=True)


def pult(*arguments: str) -> Result:
    return CliRunner().invoke(cli.commands, list(arguments))


class Worker(threading.Thread):
    """Performs whatever sign-ins wait, as the real worker's jobs do."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.05):
            for sign_in in SignIn.objects.filter(state__in=SignIn.WITH_WORKER):
                asyncio.run(advance_sign_in(str(sign_in.pk)))
            close_old_connections()
        connection.close()


@pytest.fixture
def worker(simulator: RunningSimulator, owner: Person, key_pair: KeyPair) -> Iterator[None]:
    for phone in (ANNA, BORIS):
        simulator.put(f"/api/accounts/{phone}/limits", {"codes": {"capacity": 1000, "per_second": 100}})
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
    running = Worker()
    running.start()
    yield
    running.stopping.set()
    running.join(20)
    # Procrastinate's tables are not emptied between tests.
    forget_workers()


def forget_workers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")


Answers = dict[str, Callable[[], str]]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What the person types at each question, by a word of it."""
    answers: Answers = {}

    def ask(question: str, **_: Any) -> str:
        return next(answer for word, answer in answers.items() if word in question)()

    monkeypatch.setattr("rich.prompt.Prompt.ask", ask)
    monkeypatch.setattr("rich.prompt.Confirm.ask", lambda *_, **__: True)
    return answers


@pytest.mark.usefixtures("worker")
def test_an_account_is_connected_with_code_and_password_after_slips_of_the_finger(
    simulator: RunningSimulator, terminal: Answers
) -> None:
    codes = iter(["00000", "real"])
    passwords = iter(["wrong", "pult"])
    terminal["Code"] = lambda: "00000" if next(codes) == "00000" else simulator.code_for(BORIS)
    terminal["Password"] = lambda: next(passwords)
    result = pult("add", "--phone", f"+{BORIS}", "--shared")
    assert result.exit_code == 0, result.output
    account = Account.objects.get()
    assert (account.phone_hint, account.shared) == ("0002", True)


@pytest.mark.usefixtures("worker")
def test_ctrl_c_erases_what_was_typed(terminal: Answers) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    terminal["Code"] = interrupt
    result = pult("add", "--phone", f"+{ANNA}")
    assert result.exit_code == 130
    sign_in = SignIn.objects.get()
    assert sign_in.state == "cancelled"
    assert sign_in.phone is None


def test_without_a_worker_it_says_what_to_start(owner: Person, key_pair: KeyPair) -> None:
    forget_workers()
    result = pult("add", "--phone", f"+{ANNA}")
    assert result.exit_code == 1
    assert "pult worker" in result.output
    assert not SignIn.objects.exists()


def test_removing_asks_for_a_name_that_fits_one_account(owner: Person, key_pair: KeyPair) -> None:
    make_account(owner, key_pair, 1, username="first")
    make_account(owner, key_pair, 2)
    assert "No account fits" in pult("remove", "nobody", "--yes").output
    assert pult("remove", "@first", "--yes").exit_code == 0
    assert [account.telegram_user_id for account in Account.objects.all()] == [2]
    assert RetiredSession.objects.count() == 1


def test_the_list_shows_why_an_account_cannot_be_used(
    owner: Person, key_pair: KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    monkeypatch.setattr(cli, "console", Console(width=250, file=None))
    make_account(owner, key_pair, 1, state="restricted", state_reason="peer_flood")
    result = pult("list")
    assert "Account 1" in result.output
    assert "@SpamBot" in result.output


def test_an_unknown_person_is_named(owner: Person) -> None:
    result = pult("list", "--person", "nobody@example.com")
    assert result.exit_code == 1
    assert "nobody@example.com" in result.output
