"""For how long bots keep what they heard and said, how a number is found in it and erased, and what watching sees."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.bots import status
from pult.core.bots.models import Bot, Conversation, LiveScreen, Outgoing, Update
from pult.core.bots.operations import retention
from pult.core.bots.operations.places import incoming_folder, outgoing_folder
from pult.core.bots.personal_data import erase, stored_about
from pult.core.bots.tests import scene
from pult.core.people.models import Application
from pult.core.people.operations import remove_person, switch_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot(db: None) -> Bot:
    return scene.bot()


def update(bot: Bot, text: str, *, days: float = 0, state: str = "handled", **fields: Any) -> Update:
    return Update.objects.create(
        bot=bot,
        update_id=Update.objects.count() + 1,
        kind="message",
        payload={"message": {"text": text}},
        state=state,
        received_at=timezone.now() - timedelta(days=days),
        **fields,
    )


def message(bot: Bot, text: str, *, days: float = 0, state: str = "sent", **fields: Any) -> Outgoing:
    created_at = timezone.now() - timedelta(days=days)
    return Outgoing.objects.create(
        bot=bot,
        chat_id=1,
        method="sendMessage",
        payload={"text": text},
        state=state,
        created_at=created_at,
        **fields,
    )


def nothing(done: int, of: int) -> None:
    """Nobody follows the progress."""


def test_what_is_older_than_it_is_kept_goes_and_the_rest_stays(bot: Bot, settings: Settings) -> None:
    settings.UPDATES_KEPT_DAYS = 3
    update(bot, "old", days=4)
    message(bot, "old", days=5, state="waiting")
    kept = update(bot, "new", days=2), message(bot, "new", days=1)
    due = retention.next_to_forget()
    assert due is not None and due < timezone.now()
    left, fresh = incoming_folder() / "left.csv", incoming_folder() / "fresh.csv"
    for path in (left, fresh):
        path.write_bytes(b"x")
    long_ago = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(left, (long_ago, long_ago))
    retention.forget_old()
    assert (Update.objects.get(), Outgoing.objects.get()) == kept
    assert not left.exists() and fresh.exists()
    due = retention.next_to_forget()
    assert due is not None and due > timezone.now()
    fresh.unlink()


def test_a_conversation_is_remembered_as_long_unless_somebody_waits_to_be_let_in(bot: Bot) -> None:
    """Strangers come and go: what was noted of them must not pile up."""
    for user_id, days in ((1, 8), (2, 6), (3, 80)):
        Conversation.objects.create(
            bot=bot, chat_id=user_id, user_id=user_id, notes={"language": "ru"},
            changed_at=timezone.now() - timedelta(days=days),
        )  # fmt: skip
    Application.objects.create(user_id=3, simulated=True, nickname="Nina", created_at=timezone.now())
    due = retention.next_to_forget()
    assert due is not None and due < timezone.now()
    retention.forget_old()
    assert sorted(Conversation.objects.values_list("user_id", flat=True)) == [2, 3]
    due = retention.next_to_forget()
    assert due is not None and due > timezone.now(), "the one who waits rings no alarm again and again"


@pytest.mark.parametrize("how", ["removed", "shut out"])
def test_nothing_is_sent_to_somebody_who_left(
    bot: Bot, how: str, settings: Settings, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PULT_DATA_DIR = tmp_path
    anna, vera = scene.person(71), scene.person(72)
    real = Bot.objects.create(
        telegram_id=9, simulated=False, name="R", username="real_bot", added_at=scene.NOW
    )
    for someone, of, user_id in ((anna, bot, 71), (vera, bot, 72), (None, real, 71)):
        Conversation.objects.create(bot=of, chat_id=user_id, user_id=user_id, changed_at=timezone.now())
        LiveScreen.objects.create(
            bot=of,
            chat_id=user_id,
            user_id=user_id,
            message_id=5,
            topic="check:1",
            action="a",
            since=scene.NOW,
        )
        name = f"outgoing/{user_id}-{of.username}.csv"
        (outgoing_folder() / Path(name).name).write_bytes(b"79123456789")
        message(of, "results", state="waiting", person=someone, file=name)
    with django_capture_on_commit_callbacks(execute=True):
        leave = remove_person if how == "removed" else switch_off
        leave(actor=None, person=anna, now=timezone.now())
    assert sorted(Outgoing.objects.values_list("file", "state")) == [
        ("outgoing/71-real_bot.csv", "waiting"), ("outgoing/71-test_bot.csv", "dropped"),
        ("outgoing/72-test_bot.csv", "waiting"),
    ]  # fmt: skip
    assert sorted(path.name for path in outgoing_folder().iterdir()) == ["71-real_bot.csv", "72-test_bot.csv"]
    left = [("real_bot", 71), ("test_bot", 72)]
    assert sorted(LiveScreen.objects.values_list("bot__username", "user_id")) == left
    if how == "removed":
        assert sorted(Conversation.objects.values_list("bot__username", "user_id")) == left


@pytest.mark.parametrize(
    "text", ["+79123456789", "call 8 (912) 345-67-89!", "7912 345 67 89", '"79123456789"']
)
def test_a_number_is_found_however_it_is_written(bot: Bot, text: str) -> None:
    update(bot, text)
    message(bot, text)
    Conversation.objects.create(
        bot=bot, chat_id=1, user_id=1, notes={"given": text}, changed_at=timezone.now()
    )
    kinds = [record.kind for record in stored_about(79123456789, nothing)]
    assert kinds == ["bot_update", "bot_message", "bot_conversation"]


@pytest.mark.parametrize("text", ["+791234567890", "179123456789", "+79123456780", "7912345678"])
def test_another_number_is_not_taken_for_it(bot: Bot, text: str) -> None:
    update(bot, text)
    assert list(stored_about(79123456789, nothing)) == []


def test_a_username_is_found_as_a_whole_word(bot: Bot) -> None:
    update(bot, "ask @Vera_1 or https://t.me/vera_1")
    update(bot, "@vera_12")
    assert len(list(stored_about("vera_1", nothing))) == 1


def test_erasing_empties_what_is_done_and_waits_for_what_is_not(bot: Bot) -> None:
    done, open_one = update(bot, "+79123456789"), update(bot, "+79123456789", state="waiting")
    said, other = message(bot, "+79123456789"), message(bot, "+79990000000")
    Conversation.objects.create(
        bot=bot,
        chat_id=1,
        user_id=1,
        expects="checks.numbers",
        notes={"n": "79123456789"},
        changed_at=timezone.now(),
    )
    erased = erase(79123456789, nothing, False)
    assert erased.counts == {"bot_update": 1, "bot_message": 1, "bot_conversation": 1}
    assert erased.waits
    open_one.refresh_from_db()
    assert open_one.payload, "somebody still waits for an answer to it"
    erased = erase(79123456789, nothing, True)
    assert erased.counts == {"bot_update": 1} and not erased.waits
    assert list(stored_about(79123456789, nothing)) == []
    for row in (done, open_one, said, other):
        row.refresh_from_db()
    assert (done.state, open_one.state, said.state) == ("handled", "handled", "sent")
    assert other.payload == {"text": "+79990000000"}


def test_watching_sees_dead_tokens_a_missing_process_and_refusals(bot: Bot) -> None:
    assert list(status.warnings()) == []
    update(bot, "x", days=0.1, state="waiting")
    message(bot, "x", state="failed", fault="content")
    message(bot, "x", state="failed", fault="recipient")
    message(bot, "x", state="unknown")
    assert len(list(status.warnings())) == 2
    Bot.objects.update(state="token_dead")
    texts = [str(warning.text) for warning in status.warnings()]
    assert len(texts) == 2 and "token" in texts[0], "what waits for a dead token is no backlog of the process"
    values = {
        metric.name: {tuple(labels.values()): value for labels, value in metric.samples}
        for metric in status.metrics()
    }
    assert values["pult_bots"][("token_dead",)] == 1
    assert values["pult_bot_messages_ended"] == {("failed",): 2, ("unknown",): 1}
    assert [fact.value for fact in status.facts()] == [0, 0, 0, 1]


def test_a_message_that_must_wait_is_no_backlog(bot: Bot) -> None:
    message(bot, "x", days=1, state="waiting", not_before=timezone.now() + timedelta(hours=1))
    assert list(status.warnings()) == []
