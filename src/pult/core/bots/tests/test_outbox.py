"""Writing down what is to be sent: with the deed or not at all, once per key, nothing outdated."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.bots.models import Bot, Chat, Outgoing
from pult.core.bots.operations import outbox
from pult.core.bots.operations.telling import tell
from pult.core.bots.screens import Screen
from pult.core.people.models import Person, TelegramIdentity

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


@pytest.fixture
def bot(db: None) -> Bot:
    return Bot.objects.create(
        telegram_id=77, simulated=True, name="Bot", username="one_bot", main=True, added_at=timezone.now()
    )


@pytest.fixture
def vera(db: None) -> Person:
    person = Person.objects.create_user(email="vera@example.com", name="Vera")
    TelegramIdentity.objects.create(person=person, user_id=500, simulated=True, linked_at=NOW)
    return person


def enqueue(bot: Bot, **wish: Any) -> Outgoing | None:
    wish = {"chat_id": 500, "method": "sendMessage", "payload": {"text": "Hello"}, "now": NOW, **wish}
    return outbox.enqueue(bot_id=bot.pk, **wish)


@pytest.mark.django_db(transaction=True)
def test_the_bots_process_is_woken_by_the_commit_and_not_before(bot: Bot) -> None:
    with psycopg.connect(
        **{
            key: value
            for key, value in connection.get_connection_params().items()
            if key in {"dbname", "user", "password", "host", "port"}
        },
        autocommit=True,
    ) as listening:
        listening.execute("LISTEN pult_bots")
        with transaction.atomic():
            enqueue(bot)
            assert not list(listening.notifies(timeout=0.05))
        heard = list(listening.notifies(timeout=5, stop_after=1))
    assert [UUID(notice.payload) for notice in heard] == [bot.pk]


def test_a_deed_that_comes_to_nothing_sends_nothing(bot: Bot) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(bot)
        raise RuntimeError
    assert not Outgoing.objects.exists()


def test_the_same_key_is_written_once_and_leaves_the_transaction_whole(bot: Bot) -> None:
    assert enqueue(bot, key="application.7.made") is not None
    assert enqueue(bot, key="application.7.made") is None
    assert enqueue(bot, key="application.8.made") is not None
    assert Outgoing.objects.count() == 2


def test_what_no_database_takes_becomes_a_sign_that_it_was_there(bot: Bot) -> None:
    row = enqueue(bot, payload={"text": "a\ud83db\x00", "reply_markup": {"inline_keyboard": [["\udc00"]]}})
    assert row is not None
    row.refresh_from_db()
    assert row.payload == {"text": "a\ufffdb\ufffd", "reply_markup": {"inline_keyboard": [["\ufffd"]]}}


def test_an_edit_that_waits_is_dropped_when_the_message_changes_again(bot: Bot) -> None:
    first = enqueue(bot, method="editMessageText", payload={"message_id": 5, "text": "10 %"})
    other = enqueue(bot, method="editMessageText", payload={"message_id": 6, "text": "other"})
    elsewhere = enqueue(bot, chat_id=501, method="editMessageText", payload={"message_id": 5, "text": "x"})
    second = enqueue(bot, method="editMessageText", payload={"message_id": 5, "text": "20 %"})
    assert first and other and elsewhere and second
    states = dict(Outgoing.objects.values_list("pk", "state"))
    assert states == {first.pk: "dropped", other.pk: "waiting", elsewhere.pk: "waiting", second.pk: "waiting"}


def test_a_message_that_is_deleted_is_not_edited_before(bot: Bot) -> None:
    edit = enqueue(bot, method="editMessageCaption", payload={"message_id": 5, "caption": "soon"})
    enqueue(bot, method="deleteMessage", payload={"message_id": 5})
    assert edit is not None
    edit.refresh_from_db()
    assert edit.state == "dropped"


def test_an_edit_on_its_way_is_left_alone(bot: Bot) -> None:
    edit = enqueue(bot, method="editMessageText", payload={"message_id": 5, "text": "10 %"})
    assert edit is not None
    Outgoing.objects.update(state="sending")
    enqueue(bot, method="editMessageText", payload={"message_id": 5, "text": "20 %"})
    edit.refresh_from_db()
    assert edit.state == "sending"


def test_a_file_that_telegram_would_not_take_becomes_the_way_to_it(
    bot: Bot, settings: Settings, tmp_path: Path
) -> None:
    settings.PULT_DATA_DIR = tmp_path
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(outbox.LARGEST_FILE + 1)
    row = enqueue(
        bot,
        method="sendDocument",
        payload={},
        file="large.csv",
        file_name="<list>.csv",
        file_parameter="document",
    )
    assert row is not None
    assert (row.method, row.file) == ("sendMessage", "")
    assert "&lt;list&gt;.csv" in row.payload["text"]
    assert settings.PULT_ADDRESS in row.payload["text"]


def test_a_notice_goes_to_the_private_chat_of_the_main_bot(bot: Bot, vera: Person) -> None:
    row = tell(person=vera, screen=Screen("Done"), now=NOW)  # type: ignore[arg-type]
    assert row is not None
    assert (row.bot_id, row.chat_id, row.person_id, row.priority) == (bot.pk, 500, vera.pk, 50)


def test_who_blocked_the_bot_or_has_no_telegram_is_told_nothing(bot: Bot, vera: Person) -> None:
    Chat.objects.create(bot=bot, chat_id=500, kind="private", unreachable="blocked", unreachable_since=NOW)
    nobody = Person.objects.create_user(email="nobody@example.com")
    assert tell(person=vera, screen=Screen("Done"), now=NOW) is None  # type: ignore[arg-type]
    assert tell(person=nobody, screen=Screen("Done"), now=NOW) is None  # type: ignore[arg-type]
    assert not Outgoing.objects.exists()
