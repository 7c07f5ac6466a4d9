"""Bots come in by their token, which Telegram is asked about; it is sealed, and no sentence ever shows it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings

from pult.core.audit.models import AuditEntry
from pult.core.bots.models import Bot
from pult.core.bots.operations import bots
from pult.core.bots.operations.bots import SAMPLE_TOKEN, UnableToKeepBot
from pult.core.bots.queries import main_bot, running_bots
from pult.core.people.models import Person
from pult.core.secrets import reveal

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD = "5000001:AAE5simulated-pult-tests-first-bot-0"
RENEWED = "5000001:AAE5simulated-pult-tests-first-bot-1"
SECOND = "5000002:AAE5simulated-pult-tests-second-bot-"
UNKNOWN = "5000003:AAE5simulated-pult-tests-unknown-bo-"
CUT = "5000004:AAE5simulated-pult-tests-cut-answer-"
KNOWN = {GOOD: (5_000_001, "first_bot"), RENEWED: (5_000_001, "first_bot"), SECOND: (5_000_002, "second_bot")}


class _Door(BaseHTTPRequestHandler):
    """Answers getMe as Telegram does."""

    def do_GET(self) -> None:
        token = self.path.removeprefix("/bot").removesuffix("/getMe")
        if token in KNOWN:
            number, username = KNOWN[token]
            said = {
                "ok": True,
                "result": {"id": number, "is_bot": True, "first_name": "B", "username": username},
            }
            self._answer(200, json.dumps(said))
        elif token == CUT:
            self._answer(200, '{"ok": true, "resu')
        else:
            self._answer(401, '{"ok":false,"error_code":401,"description":"Unauthorized"}')

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def door() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def asked_there(door: str, settings: Settings) -> None:
    settings.TELEGRAM = replace(settings.TELEGRAM, mode="simulated", bot_api_url=door)


@pytest.fixture
def owner(db: None) -> Person:
    return Person.objects.create_user(email="olga@example.com", name="Olga", role="owner")


def refused(**given: object) -> str:
    with pytest.raises(UnableToKeepBot) as refusal:
        bots.add_bot(now=NOW, **given)  # type: ignore[arg-type]
    return str(refusal.value)


def test_a_token_becomes_a_bot_with_its_name_and_a_sealed_token(owner: Person) -> None:
    bot = bots.add_bot(token=f"  {GOOD}\n", actor=owner, now=NOW)
    assert (bot.username, bot.telegram_id, bot.state, bot.main) == ("first_bot", 5_000_001, "running", True)
    kept = Bot.objects.get()
    assert GOOD.encode() not in bytes(kept.token)
    assert reveal(kept, "token") == GOOD
    entry = AuditEntry.objects.get(action="bot.added")
    assert entry.actor_label == "Olga"
    assert GOOD not in json.dumps(entry.details)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("", "no token of a bot"),
        ("hello", "no token of a bot"),
        ("1000090:../../bot", "no token of a bot"),
        ("\ud8001000090:AAE5simulated-pult-sample-bot-token0", "no token of a bot"),
        (UNKNOWN, "does not know this token"),
        (CUT, "does not answer"),
    ],
)
def test_a_token_that_opens_no_bot_is_refused_with_what_to_do(
    owner: Person, token: str, sentence: str
) -> None:
    said = refused(token=token, actor=owner)
    assert sentence in said
    assert token == "" or token not in said
    assert not Bot.objects.exists()


def test_when_telegram_is_down_the_sentence_says_so_and_keeps_the_token_to_itself(
    owner: Person, settings: Settings
) -> None:
    settings.TELEGRAM = replace(settings.TELEGRAM, bot_api_url="http://127.0.0.1:9")
    with pytest.raises(UnableToKeepBot) as refusal:
        bots.add_bot(token=GOOD, actor=owner, now=NOW)
    assert "does not answer" in str(refusal.value)
    assert refusal.value.__suppress_context__, "the client's error names the address with the token"


def test_the_same_token_twice_is_one_bot(owner: Person) -> None:
    bots.add_bot(token=GOOD, actor=owner, now=NOW)
    assert "is here already" in refused(token=GOOD, actor=owner)
    assert "is here already" in refused(token=RENEWED, actor=owner)
    Bot.objects.update(state=Bot.State.TOKEN_DEAD)
    assert "Replace that token" in refused(token=RENEWED, actor=owner)
    assert Bot.objects.count() == 1


def test_an_operator_adds_no_bots(db: None) -> None:
    operator = Person.objects.create_user(email="oleg@example.com", name="Oleg", role="operator")
    assert "Only administrators" in refused(token=GOOD, actor=operator)


def test_the_bot_of_an_administrator_never_vouches_for_owners(owner: Person) -> None:
    """Who knows the main bot's token can sign what the login widget brings, for anybody."""
    anton = Person.objects.create_user(email="anton@example.com", name="Anton", role="administrator")
    own = bots.add_bot(token=SECOND, actor=anton, now=NOW)
    assert main_bot() is None, "the first bot of all, but not an owner's choice"
    with pytest.raises(UnableToKeepBot, match="Only owners"):
        bots.choose_main_bot(bot_id=own.pk, actor=anton, now=NOW)
    first = bots.add_bot(token=GOOD, actor=owner, now=NOW)
    assert main_bot() == first
    bots.remove_bot(bot_id=first.pk, actor=anton, now=NOW)
    assert main_bot() is None, "who removes the main bot does not inherit it"
    bots.choose_main_bot(bot_id=own.pk, actor=owner, now=NOW)
    assert main_bot() == own


def test_a_dead_token_is_replaced_by_a_new_one_of_the_same_bot_only(owner: Person) -> None:
    bot = bots.add_bot(token=GOOD, actor=owner, now=NOW)
    Bot.objects.update(state=Bot.State.TOKEN_DEAD, problem="unauthorized")
    with pytest.raises(UnableToKeepBot, match="new one from @BotFather"):
        bots.switch_on_bot(bot_id=bot.pk, actor=owner, now=NOW)
    with pytest.raises(UnableToKeepBot, match="@second_bot"):
        bots.replace_token(bot_id=bot.pk, token=SECOND, actor=owner, now=NOW)
    bots.replace_token(bot_id=bot.pk, token=RENEWED, actor=owner, now=NOW)
    bot.refresh_from_db()
    assert (bot.state, bot.problem, reveal(bot, "token")) == ("running", "", RENEWED)


def test_off_on_main_and_removal(owner: Person) -> None:
    first = bots.add_bot(token=GOOD, actor=owner, now=NOW)
    second = bots.add_bot(token=SECOND, actor=None, now=NOW)
    assert main_bot() == first
    bots.choose_main_bot(bot_id=second.pk, actor=owner, now=NOW)
    assert main_bot() == second
    bots.switch_off_bot(bot_id=first.pk, actor=owner, now=NOW)
    assert list(running_bots()) == [second]
    bots.switch_on_bot(bot_id=first.pk, actor=owner, now=NOW)
    assert set(running_bots()) == {first, second}
    assert bots.remove_bot(bot_id=second.pk, actor=owner, now=NOW) == "@second_bot"
    assert main_bot() == first, "whoever is left takes over, so that nobody is without a bot"
    with pytest.raises(UnableToKeepBot, match="not here any more"):
        bots.switch_off_bot(bot_id=second.pk, actor=owner, now=NOW)
    told = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(told) == [
        "bot.added", "bot.added", "bot.chosen_as_main", "bot.switched_off", "bot.switched_on", "bot.removed",
    ]  # fmt: skip


def test_the_sample_bot_comes_once_and_only_with_the_simulated_telegram(db: None, settings: Settings) -> None:
    bots.provide_sample_bot(now=NOW)
    bots.provide_sample_bot(now=NOW)
    bot = Bot.objects.get()
    assert (bot.username, bot.main, reveal(bot, "token")) == ("pult_sample_bot", True, SAMPLE_TOKEN)
    Bot.objects.all().delete()
    settings.TELEGRAM = replace(settings.TELEGRAM, mode="real")
    bots.provide_sample_bot(now=NOW)
    assert not Bot.objects.exists()


def test_somebody_who_removed_the_sample_bot_for_their_own_does_not_get_it_back(owner: Person) -> None:
    bots.provide_sample_bot(now=NOW)
    own = bots.add_bot(token=GOOD, actor=owner, now=NOW)
    sample = Bot.objects.exclude(pk=own.pk).get()
    bots.remove_bot(bot_id=sample.pk, actor=owner, now=NOW)
    bots.provide_sample_bot(now=NOW)
    assert list(Bot.objects.all()) == [own]
