"""The sender with the real client against a simulated Telegram: what arrives, what does not, and what the rows say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from pult.core.bots.engine.polling import TokenDead
from pult.core.bots.models import Bot, Chat, Conversation, LiveScreen, Outgoing
from pult.core.bots.operations.places import outgoing_folder
from pult.core.bots.tests.sending_world import World, make_world
from telegram_simulator.testing import RunningSimulator, start_simulator
from tests.installation import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("simulator"), people=20) as running:
        yield running


@pytest.fixture
def world(simulator: RunningSimulator, settings: Settings) -> World:
    simulator.delete("/api/faults")
    settings.TELEGRAM = replace(
        settings.TELEGRAM,
        mode="simulated",
        bot_api_url=simulator.bot_api_url,
        control_url=simulator.control_url,
    )
    return make_world(simulator)


def test_a_row_is_sent_once_and_knows_its_message(world: World) -> None:
    anna = world.player()
    with world.sender():
        row = world.wait_for_state(
            world.say(anna.id, "<b>Hello</b>", payload={"text": "<b>Hi</b>", "parse_mode": "HTML"}), "sent"
        )
    message = anna.last(world.username)
    assert message is not None and message.text == "Hi"
    assert row.message_id is not None and row.sent_at is not None and row.attempts == 1
    assert world.texts(anna) == ["Hi"]


def test_a_burst_to_one_person_keeps_its_order_and_meets_no_limit(world: World) -> None:
    anna = world.player()
    rows = [world.say(anna.id, str(number)) for number in range(6)]
    with world.sender():
        world.wait_for_state(rows[-1], "sent")
    assert world.texts(anna) == ["0", "1", "2", "3", "4", "5"]
    assert world.counters()["limit_met"] == 0
    assert not world.counters()["violations"]


def test_answers_go_before_notices_and_a_tap_before_both(world: World) -> None:
    people = [world.player() for _ in range(3)]
    notices = [world.say(person.id, "notice", priority=50) for person in people]
    answer = world.say(people[2].id, "answer", priority=10)
    with world.sender():
        for row in [*notices, answer]:
            world.wait_for_state(row, "sent")
    assert world.texts(people[2]) == ["answer", "notice"]


def test_a_blocked_bot_marks_the_person_and_drops_what_waits_for_them(world: World) -> None:
    anna, boris = world.player(), world.player("Борис")
    anna.block(world.username)
    first, second, other = world.say(anna.id, "1"), world.say(anna.id, "2"), world.say(boris.id, "3")
    with world.sender():
        world.wait_for_state(first, "failed")
        world.wait_for_state(second, "dropped")
        world.wait_for_state(other, "sent")
        assert first.fault == "recipient"
        chat = Chat.objects.get(bot=world.bot, chat_id=anna.id)
        assert (chat.unreachable, chat.kind) == ("blocked", "private")
        world.wait_for_state(world.say(anna.id, "a notice later"), "dropped")
        anna.unblock(world.username)
        update = world.bot.updates.create(update_id=1, kind="message", payload={}, received_at=timezone.now())
        world.wait_for_state(world.say(anna.id, "an answer", update_id=update.pk), "sent")
    chat.refresh_from_db()
    assert (chat.unreachable, chat.unreachable_since) == ("", None)


def test_a_fault_of_the_content_is_the_message_s_own(world: World) -> None:
    anna = world.player()
    broken = world.say(anna.id, payload={"text": "<b>open", "parse_mode": "HTML"})
    fine = world.say(anna.id, "fine")
    with world.sender():
        world.wait_for_state(broken, "failed")
        world.wait_for_state(fine, "sent")
    assert broken.fault == "content"
    assert "parse entities" in broken.problem
    assert not Chat.objects.exclude(unreachable="").exists()


def test_a_dead_token_ends_the_sender_and_loses_nothing(world: World) -> None:
    anna = world.player()
    world.simulator.post(f"/api/bots/{world.username}/revoke")
    row = world.say(anna.id)
    with world.sender() as sender:
        assert isinstance(sender.wait(), TokenDead)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.fault) == ("waiting", 0, "token")


def test_a_lost_answer_makes_a_message_unknown_and_an_edit_is_made_again(world: World) -> None:
    anna = world.player()
    with world.sender():
        shown = world.wait_for_state(world.say(anna.id, "screen"), "sent")
        world.fault("drop_after", method="sendMessage", count=1)
        lost = world.wait_for_state(world.say(anna.id, "lost"), "unknown")
        world.fault("cut_answer", method="sendMessage", count=1)
        cut = world.wait_for_state(world.say(anna.id, "cut"), "unknown")
        world.fault("drop_after", method="editMessageText", count=1)
        edit = world.say(
            anna.id, method="editMessageText", payload={"message_id": shown.message_id, "text": "edited"}
        )
        world.wait_for_state(edit, "sent")
    assert lost.fault == cut.fault == "unknown"
    assert world.texts(anna) == ["edited", "lost", "cut"], "they had arrived, and came once"


def test_what_never_reached_telegram_is_sent_again(world: World) -> None:
    anna = world.player()
    world.fault("error", code=500, message="Internal Server Error", method="sendMessage", count=2)
    with world.sender():
        row = world.wait_for_state(world.say(anna.id, "at last"), "sent", seconds=20)
    assert world.texts(anna) == ["at last"]
    assert row.fault == ""


def test_while_telegram_is_down_everything_waits_and_nothing_is_lost(world: World) -> None:
    people = [world.player() for _ in range(5)]
    world.fault("down")
    rows = [world.say(person.id, "later") for person in people]
    with world.sender():
        wait_for(lambda: world.counters()["requests"], seconds=10, what="Telegram was asked")
        assert not Outgoing.objects.exclude(state__in=["waiting", "sending"]).exists()
        world.simulator.delete("/api/faults")
        for row in rows:
            world.wait_for_state(row, "sent", seconds=30)
    assert [world.texts(person) for person in people] == [["later"]] * 5


def test_a_wait_that_telegram_names_is_kept_to_the_letter(world: World) -> None:
    anna = world.player()
    world.fault("retry_after", seconds=2, method="sendMessage", count=1)
    with world.sender():
        row = world.wait_for_state(world.say(anna.id, "after the wait"), "sent", seconds=20)
    assert row.sent_at is not None
    assert row.sent_at - row.created_at >= timedelta(seconds=2)
    assert not world.counters()["violations"]
    assert Chat.objects.get(chat_id=anna.id).resting_until is not None


def test_a_group_that_became_another_keeps_its_place(world: World) -> None:
    group = world.group()
    old = group["bot_api_id"]
    Conversation.objects.create(bot=world.bot, chat_id=old, user_id=5, changed_at=timezone.now())
    new = world.simulator.post(f"/api/chats/{group['id']}/upgrade")["bot_api_id"]
    first, second = world.say(old, "moved"), world.say(old, "moved too")
    with world.sender():
        world.wait_for_state(first, "sent")
        world.wait_for_state(second, "sent")
    assert first.chat_id == second.chat_id == new
    assert Conversation.objects.get().chat_id == new


def test_an_edit_that_changes_nothing_counts_as_done(world: World) -> None:
    anna = world.player()
    with world.sender():
        shown = world.wait_for_state(world.say(anna.id, "same"), "sent")
        edit = world.say(
            anna.id, method="editMessageText", payload={"message_id": shown.message_id, "text": "same"}
        )
        world.wait_for_state(edit, "sent")


def test_a_screen_whose_message_is_gone_comes_anew_and_lives_on(world: World) -> None:
    anna = world.player()
    Conversation.objects.create(bot=world.bot, chat_id=anna.id, user_id=anna.id, changed_at=timezone.now())
    live = {
        "user_id": anna.id,
        "topic": "check:1",
        "action": "checks.open",
        "arguments": ["1"],
        "digest": "00",
    }
    with world.sender():
        edit = world.say(
            anna.id,
            method="editMessageText",
            payload={"message_id": 999, "text": "Menu"},
            when_sent={"anew": True, "live": live},
        )
        world.wait_for_state(edit, "sent")
        gone = world.say(anna.id, method="editMessageText", payload={"message_id": 998, "text": "x"})
        world.wait_for_state(gone, "failed")
    assert (edit.method, gone.fault) == ("sendMessage", "gone")
    assert world.texts(anna) == ["Menu"]
    assert LiveScreen.objects.get().message_id == edit.message_id


def test_a_file_goes_along_and_is_removed_when_it_was_made_for_that(world: World) -> None:
    from django.conf import settings

    anna = world.player()
    made, kept = outgoing_folder() / "made.csv", settings.PULT_DATA_DIR / "kept.csv"
    for path in (made, kept):
        path.write_bytes(b"number;verdict\n")
    with world.sender():
        for path in (made, kept):
            row = world.say(
                anna.id,
                method="sendDocument",
                payload={"caption": "Result"},
                file=str(path.relative_to(settings.PULT_DATA_DIR)),
                file_name="итог.csv",
                file_parameter="document",
            )
            world.wait_for_state(row, "sent")
        missing = world.say(anna.id, method="sendDocument", payload={}, file="outgoing/no.csv")
        world.wait_for_state(missing, "failed")
    message = anna.last(world.username)
    assert message is not None
    assert message.files[0]["name"] == "итог.csv"
    assert anna.download(message.files[0]) == b"number;verdict\n"
    assert not made.exists() and kept.exists()
    assert missing.fault == "content"
    kept.unlink()


def test_what_nobody_waits_for_any_more_is_not_sent_and_nothing_goes_too_early(world: World) -> None:
    anna = world.player()
    now = timezone.now()
    late = world.say(anna.id, "late", expires_at=now - timedelta(seconds=1))
    early = world.say(anna.id, "early", not_before=now + timedelta(seconds=2))
    with world.sender():
        world.wait_for_state(late, "dropped")
        world.wait_for_state(early, "sent")
    assert world.texts(anna) == ["early"]
    assert early.sent_at is not None and early.not_before is not None
    assert early.sent_at >= early.not_before


def test_what_a_killed_process_left_on_its_way_is_unknown_and_not_repeated(world: World) -> None:
    anna = world.player()
    left, edit = (
        world.say(anna.id, "perhaps"),
        world.say(anna.id, method="deleteMessage", payload={"message_id": 3}),
    )
    Outgoing.objects.update(state="sending", attempts=1)
    with world.sender():
        world.wait_for_state(left, "unknown")
        world.wait_for_state(edit, "sent")
        world.wait_for_state(world.say(anna.id, "next"), "sent")
    assert world.texts(anna) == ["next"]


def test_a_sender_that_is_told_to_stop_finishes_what_is_on_its_way(world: World) -> None:
    anna = world.player()
    world.fault("latency", milliseconds=800, method="sendMessage", count=1)
    row = world.say(anna.id, "on its way")
    with world.sender():
        world.wait_for_state(row, "sending")
    row.refresh_from_db()
    assert row.state == "sent"


def test_the_rate_that_was_learned_outlives_the_process(world: World) -> None:
    people = [world.player() for _ in range(3)]
    world.fault("retry_after", seconds=1, method="sendMessage", count=3)
    with world.sender():
        for row in [world.say(person.id) for person in people]:
            world.wait_for_state(row, "sent", seconds=20)
    bot = Bot.objects.get()
    assert bot.per_second < 30
    assert bot.resting_until is not None
