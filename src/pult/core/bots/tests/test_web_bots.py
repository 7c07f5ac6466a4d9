"""The pages about bots: what managers see and do, and that no page ever shows a token."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from pult.core.bots.models import Bot, Chat, Outgoing, Update
from pult.core.bots.operations import asking
from pult.core.bots.operations import bots as operations
from pult.core.people.models import Person
from pult.core.registry import Role
from pult.core.secrets import seal

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
TOKEN = "7:AAsecret-token-of-the-desk-bot-000000000"

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    owner = Person.objects.create_user(
        email="o@example.org", name="Olga", role=Role.OWNER.value, password=PASSWORD
    )
    browser = Client()
    browser.force_login(owner)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def stored(username: str = "desk_bot", **more: object) -> Bot:
    number = Bot.objects.count() + 7
    made = Bot(telegram_id=number, simulated=True, name="Desk", username=username, added_at=NOW, **more)
    seal(made, "token", TOKEN)
    made.save()
    return made


@pytest.fixture
def bot() -> Bot:
    made = stored(main=True)
    for place, state in enumerate(("waiting", "handled", "failed")):
        Update.objects.create(
            bot=made, update_id=place, kind="message", chat_id=5 + place, state=state, received_at=NOW,
            payload={"message": {"text": "<script>alert(1)</script>"}},
            problem="ValueError" if state == "failed" else "",
        )  # fmt: skip
    for state in ("waiting", "sent", "unknown", "failed"):
        Outgoing.objects.create(bot=made, chat_id=5, method="sendMessage", state=state, created_at=NOW)
    Chat.objects.create(bot=made, chat_id=9, kind="private", unreachable="blocked")
    return made


def page(client: Client, name: str, *arguments: object, **query: str) -> str:
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, answer.status_code
    text = answer.content.decode()
    assert TOKEN not in text
    assert "secret-token" not in text
    return text


def test_the_list_says_how_each_bot_is(client: Client, bot: Bot) -> None:
    stored("late_bot", state=Bot.State.TOKEN_DEAD, problem="token_dead")
    text = page(client, "bots:list")
    assert "@desk_bot" in text
    assert "main bot" in text
    assert "@BotFather for a new one" in text


def test_an_empty_list_leads_to_the_first_bot(client: Client) -> None:
    assert reverse("bots:new") in page(client, "bots:list")


def test_the_list_asks_the_database_as_often_for_three_bots_as_for_one(client: Client, bot: Bot) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as one:
        page(client, "bots:list")
    stored("second_bot")
    stored("third_bot")
    with CaptureQueriesContext(connection) as three:
        page(client, "bots:list")
    assert len(three) == len(one)


def test_what_was_received_is_narrowed_by_state_and_chat(client: Client, bot: Bot) -> None:
    assert page(client, "bots:updates", bot.pk).count("row-link") == 3
    failed = page(client, "bots:updates", bot.pk, state="failed")
    assert failed.count("row-link") == 1
    assert "ValueError" in failed
    assert page(client, "bots:updates", bot.pk, q="6").count("row-link") == 1
    assert page(client, "bots:updates", bot.pk, q="9" * 30).count("row-link") == 0
    assert page(client, "bots:updates", bot.pk, q="six").count("row-link") == 0


def test_an_update_is_shown_as_it_came_and_as_text(client: Client, bot: Bot) -> None:
    text = page(client, "bots:update", bot.pk, bot.updates.first().pk)  # type: ignore[union-attr]
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text


def test_messages_say_what_became_of_them(client: Client, bot: Bot) -> None:
    assert "Unknown" in page(client, "bots:messages", bot.pk, state="unknown")


@pytest.mark.parametrize(
    "said", ["/start link-Secret42", "/START  link-Secret42 ", "/start@desk_bot link-Secret42"]
)
def test_a_link_that_somebody_just_opened_is_shown_to_nobody(client: Client, bot: Bot, said: str) -> None:
    """While it waits to be handled, or was written in a group, it still makes whoever opens it that person."""
    opened = Update.objects.create(
        bot=bot, update_id=99, kind="message", received_at=NOW,
        payload={"message": {"text": "x", "reply_to_message": {"text": said}}, "edited_message": {"text": said}},
    )  # fmt: skip
    for shown in (
        page(client, "bots:update", bot.pk, opened.pk),
        page(client, "admin:bots_update_change", opened.pk),
        page(client, "admin:bots_update_changelist"),
    ):
        assert "Secret42" not in shown
    assert "/start …" in page(client, "admin:bots_update_change", opened.pk)


def test_an_update_of_another_bot_is_not_under_this_one(client: Client, bot: Bot) -> None:
    other = stored("other_bot")
    foreign = Update.objects.create(bot=other, update_id=1, kind="message", payload={}, received_at=NOW)
    assert client.get(reverse("bots:update", args=[bot.pk, foreign.pk])).status_code == 404


def test_switching_and_choosing_the_main_bot(client: Client, bot: Bot) -> None:
    other = stored("other_bot")
    client.post(reverse("bots:switch", args=[other.pk, "off"]))
    other.refresh_from_db()
    assert other.state == Bot.State.SWITCHED_OFF
    client.post(reverse("bots:switch", args=[other.pk, "on"]))
    client.post(reverse("bots:main", args=[other.pk]))
    other.refresh_from_db()
    bot.refresh_from_db()
    assert (other.state, other.main, bot.main) == (Bot.State.RUNNING, True, False)
    assert client.post(reverse("bots:switch", args=[other.pk, "sideways"])).status_code == 404


def test_a_bot_goes_with_what_it_heard(
    client: Client, bot: Bot, settings: Settings, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PULT_DATA_DIR = tmp_path
    (tmp_path / "outgoing").mkdir()
    (tmp_path / "outgoing" / "results.csv").write_bytes(b"79123456789")
    Outgoing.objects.filter(state="waiting").update(
        file="outgoing/results.csv", update=Update.objects.filter(state="failed").get()
    )
    with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("bots:remove", args=[bot.pk]))
    read = [one["sql"] for one in queries.captured_queries if one["sql"].startswith("SELECT")]
    assert not [sql for sql in read if '"payload"' in sql], "a week of updates has no room in memory"
    assert not list((tmp_path / "outgoing").iterdir())
    assert not Bot.objects.exists()
    assert not Update.objects.exists()


def test_a_refused_token_is_said_beside_the_field(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(token: str) -> asking.BotProfile:
        raise asking.NotThisBot("This is not the token of a bot.")

    monkeypatch.setattr(operations, "ask_who_it_is", refuse)
    answer = client.post(reverse("bots:new"), {"token": TOKEN})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not the token of a bot." in text
    assert not Bot.objects.exists()


def test_a_token_is_proved_for(bot: Bot) -> None:
    """A session that somebody left open long ago neither adds bots nor reads the form for a token."""
    owner = Person.objects.create_user(
        email="p@example.org", name="Petra", role=Role.OWNER.value, password=PASSWORD,
        last_login=NOW - timedelta(days=3),
    )  # fmt: skip
    stale = Client()
    stale.force_login(owner)
    for address in (reverse("bots:new"), reverse("bots:token", args=[bot.pk])):
        answer = stale.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    stale.post(reverse("bots:remove", args=[bot.pk]))
    assert Bot.objects.exists()


def test_pages_have_one_heading_and_labelled_tables(client: Client, bot: Bot) -> None:
    for name in ("bots:bot", "bots:updates", "bots:messages"):
        text = page(client, name, bot.pk)
        assert len(re.findall("<h1", text)) == 1
