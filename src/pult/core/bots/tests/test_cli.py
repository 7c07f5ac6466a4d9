"""`pult bot …` at the server's terminal."""

import pytest
from pytest import MonkeyPatch
from typer.testing import CliRunner, Result

from pult.core.bots.cli import commands
from pult.core.bots.models import Bot
from pult.core.bots.operations import asking, bots
from pult.core.bots.operations.asking import BotProfile, NotThisBot
from pult.core.bots.tests import scene

pytestmark = pytest.mark.django_db
TOKEN = "5000001:AAE5simulated-pult-tests-first-bot-0"


@pytest.fixture(autouse=True)
def telegram(monkeypatch: MonkeyPatch) -> None:
    """Knows one token. (How Telegram is asked: test_adding_bots.py.)"""

    def ask(token: str) -> BotProfile:
        if token != TOKEN:
            raise NotThisBot("Telegram does not know this token.")
        return BotProfile(5_000_001, "First", "first_bot")

    monkeypatch.setattr(asking, "ask_who_it_is", ask)
    monkeypatch.setattr(bots, "ask_who_it_is", ask)


def pult(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(commands, list(words), input=typed)


def test_a_token_is_read_from_standard_input_and_never_shown() -> None:
    result = pult("add", typed=f"{TOKEN}\n")
    assert result.exit_code == 0
    assert "@first_bot is added. It is the main bot." in result.output
    assert TOKEN not in result.output
    again = pult("add", typed=f"{TOKEN}\n")
    assert (again.exit_code, "is here already" in again.output) == (1, True)


def test_an_unknown_token_is_a_sentence_and_an_exit_code() -> None:
    result = pult("add", typed="nonsense\n")
    assert result.exit_code == 1
    assert "does not know this token" in result.output


def test_the_list_says_what_is_the_matter() -> None:
    made = scene.bot("quiet_bot")
    Bot.objects.filter(pk=made.pk).update(state=Bot.State.TOKEN_DEAD, problem="token_dead")
    shown = " ".join(pult("list").output.split())
    assert "@quiet_bot" in shown and "Needs a new token" in shown and "BotFather" in shown


def test_off_on_main_and_removal_by_username() -> None:
    made = scene.bot("quiet_bot")
    for word, state in (("off", "switched_off"), ("on", "running")):
        assert pult(word, "@Quiet_Bot").exit_code == 0
        made.refresh_from_db()
        assert made.state == state
    assert pult("main", "quiet_bot").exit_code == 0
    made.refresh_from_db()
    assert made.main
    assert pult("remove", "quiet_bot", typed="n\n").exit_code == 1
    assert pult("remove", "quiet_bot", "--yes").exit_code == 0
    assert not Bot.objects.exists()
    missing = pult("off", "quiet_bot")
    assert (missing.exit_code, "no bot quiet_bot" in missing.output) == (1, True)
