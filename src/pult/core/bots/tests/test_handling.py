"""One update, handled: who may, what runs, what is remembered, what is sent, and what happens when something breaks."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from pult.core.bots import rooms
from pult.core.bots.models import Chat, Conversation, Update
from pult.core.bots.operations.handling import Outcome, give_up, handle
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.operations.updates import (
    give_back,
    hand_out,
    left_behind,
    store_for_handling,
    store_updates,
    take_waiting,
)
from pult.core.bots.screens import (
    Answer,
    BotRoom,
    Button,
    GivenFile,
    Refused,
    Screen,
    Toast,
    Visit,
)
from pult.core.bots.tests import scene
from pult.core.people.models import Person, SecondFactorDemand
from pult.core.registry import Role

pytestmark = pytest.mark.django_db

ANNA = 501


def text_screen(text: str, **more: Any) -> Screen:
    return Screen(mark_safe(text), **more)  # noqa: S308


class Shop:
    """A room of this test: it remembers what reached it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.room = BotRoom("shop", permission="telegram.key_pairs")
        self.free = BotRoom("home")
        self.free.action("unknown")(self.unknown)
        self.free.action("menu")(self.menu)
        self.free.action("broken")(self.broken)
        self.free.action("refusing")(self.refusing)
        self.free.action("ask")(self.ask)
        self.free.action("start")(self.menu)
        self.free.text("wish")(self.wish)
        self.free.file("list", largest=1000)(self.list)
        self.free.command("menu", "Menu", "menu")
        self.free.command("start", "Start", "start")
        self.room.action("buy")(self.menu)
        self.room.action("start")(self.linked)
        self.room.command("buy", "Buy", "buy")

    def unknown(self, visit: Visit, kind: str) -> Answer:
        self.seen.append(("unknown", kind))
        return text_screen("What?")

    def menu(self, visit: Visit, *arguments: str) -> Answer:
        self.seen.append(("menu", *arguments))
        return text_screen("The menu", rows=((Button("Ask", "home.ask"),),))

    def linked(self, visit: Visit) -> Answer:
        self.seen.append(("linked", visit.payload))
        return Toast("linked")

    def broken(self, visit: Visit) -> Answer:
        Person.objects.filter(pk=visit.person.pk).update(name="half done")
        raise RuntimeError("a fault of ours with a secret in it")

    def refusing(self, visit: Visit) -> Answer:
        Person.objects.filter(pk=visit.person.pk).update(name="half done")
        raise Refused("Not today.")

    def ask(self, visit: Visit) -> Answer:
        return text_screen("Which?", expects="home.wish", notes={"shelf": 3})

    def wish(self, visit: Visit, text: str) -> Answer:
        self.seen.append(
            (
                "wish",
                text,
                dict(visit.notes),
                translation.get_language(),
                str(timezone.get_current_timezone()),
            )
        )
        return text_screen("Thanks")

    def list(self, visit: Visit, file: GivenFile) -> Answer:
        self.seen.append(("file", file.name))
        return text_screen("Read")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    made = Shop()
    monkeypatch.setattr(rooms, "all_rooms", lambda: {"home": made.free, "shop": made.room})
    yield made


def texts(of: Any) -> list[str]:
    return [str(row.payload.get("text", "")) for row in scene.sent(of)]


def test_a_command_is_answered_with_a_screen_whose_buttons_are_signed_for_the_person(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    handled = scene.came(bot, scene.message(ANNA, "/menu now"))
    assert (handled.outcome, handled.answered_by) == (Outcome.HANDLED, "home.menu")
    (row,) = scene.sent(bot)
    assert (row.method, row.payload["text"], row.payload["chat_id"]) == ("sendMessage", "The menu", ANNA)
    data = row.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert data == scene.tap(bot, ANNA, "home.ask")["callback_query"]["data"]
    update = scene.last_update(bot)
    assert (update.state, update.answered_by, row.update_id) == ("handled", "home.menu", update.pk)


def test_a_tap_edits_the_message_it_stood_under_and_is_always_answered(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.tap(bot, ANNA, "home.menu", "7"))
    answer, edit = scene.sent(bot)
    assert (answer.method, answer.priority) == ("answerCallbackQuery", 0)
    assert (edit.method, edit.payload["message_id"]) == ("editMessageText", 77)
    assert shop.seen == [("menu", "7")]


def test_what_a_screen_expects_is_given_to_its_room_with_the_notes_and_then_is_over(shop: Shop) -> None:
    bot = scene.bot()
    scene.person(ANNA, language="ru", time_zone="Asia/Tokyo")
    scene.came(bot, scene.tap(bot, ANNA, "home.ask"))
    scene.came(bot, scene.message(ANNA, "two apples"))
    scene.came(bot, scene.message(ANNA, "three"))
    assert shop.seen == [("wish", "two apples", {"shelf": 3}, "ru", "Asia/Tokyo"), ("unknown", "text")]


def test_a_command_ends_what_was_expected(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.tap(bot, ANNA, "home.ask"))
    scene.came(bot, scene.message(ANNA, "/menu"))
    scene.came(bot, scene.message(ANNA, "two apples"))
    assert shop.seen == [("menu",), ("unknown", "text")]
    assert Conversation.objects.get(bot=bot).expects == ""


def test_a_refusal_leaves_what_was_expected_and_nothing_of_the_deed(shop: Shop) -> None:
    bot, anna = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.tap(bot, ANNA, "home.ask"))
    scene.came(bot, scene.tap(bot, ANNA, "home.refusing"))
    assert Conversation.objects.get(bot=bot).expects == "home.wish"
    answer = scene.sent(bot)[-1]
    assert (answer.payload["text"], answer.payload["show_alert"]) == ("Not today.", True)
    anna.refresh_from_db()
    assert anna.name == f"Person {ANNA}"


def test_an_error_of_a_room_is_rolled_back_told_kindly_and_the_next_update_is_handled(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    bot, anna = scene.bot(), scene.person(ANNA)
    handled = scene.came(bot, scene.tap(bot, ANNA, "home.broken"))
    update = scene.last_update(bot)
    assert (handled.outcome, update.state, update.problem) == (Outcome.FAILED, "failed", "RuntimeError")
    anna.refresh_from_db()
    assert anna.name == f"Person {ANNA}"
    (answer,) = scene.sent(bot)
    assert str(update.pk) in answer.payload["text"]
    assert "secret" not in answer.payload["text"]
    assert scene.came(bot, scene.message(ANNA, "/menu")).outcome is Outcome.HANDLED


def test_an_error_after_a_message_is_told_as_a_message(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    shop.free.command("broken", "Broken", "broken")
    scene.came(bot, scene.message(ANNA, "/broken"))
    (row,) = scene.sent(bot)
    assert row.method == "sendMessage"
    assert str(scene.last_update(bot).pk) in row.payload["text"]


def test_a_room_is_closed_to_who_does_not_hold_its_permission(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.person(502, role=Role.OWNER)
    scene.came(bot, scene.message(ANNA, "/buy"))
    scene.came(bot, scene.tap(bot, ANNA, "shop.buy"))
    scene.came(bot, scene.message(ANNA, "/start shop-42"))
    assert shop.seen == []
    scene.came(bot, scene.message(502, "/buy"))
    scene.came(bot, scene.message(502, "/start shop-42"))
    assert shop.seen == [("menu",), ("linked", "shop-42")]


def test_somebody_switched_off_is_told_once_and_reaches_nothing(shop: Shop) -> None:
    bot, anna = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.message(ANNA, "/menu"))
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    for update in (
        scene.message(ANNA, "/menu"),
        scene.message(ANNA, "hello"),
        scene.tap(bot, ANNA, "home.menu"),
    ):
        scene.came(bot, update)
    assert shop.seen == [("menu",)]
    methods = [row.method for row in scene.sent(bot)]
    assert methods == ["sendMessage", "sendMessage", "answerCallbackQuery"]
    Person.objects.filter(pk=anna.pk).update(is_active=True)
    scene.came(bot, scene.message(ANNA, "/menu"))
    assert shop.seen == [("menu",), ("menu",)]


def test_who_owes_a_second_factor_is_led_to_the_web(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    SecondFactorDemand.objects.create(role="operator", since=scene.NOW)
    scene.came(bot, scene.message(ANNA, "/menu"))
    assert shop.seen == []
    assert "http" in texts(bot)[0]


def test_forged_stolen_and_outdated_buttons_run_nothing_and_are_answered(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.person(502)
    scene.came(bot, scene.tap(bot, ANNA, "home.menu", signed_for=502))
    scene.came(bot, scene.tap(bot, ANNA, "home.menu", data="AAAAAAAAAAAAAAhome.menu"))
    scene.came(bot, scene.tap(bot, ANNA, "home.no_longer_there"))
    scene.came(bot, scene.tap(bot, ANNA, "home.menu", data=None))
    assert shop.seen == []
    assert [row.method for row in scene.sent(bot)] == ["answerCallbackQuery"] * 4
    assert all(texts(bot))


def test_two_quick_taps_on_one_button_are_one_deed(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    first, second, later = (scene.tap(bot, ANNA, "home.menu") for _ in range(3))
    scene.came(bot, first)
    scene.came(bot, second, now=scene.NOW + timedelta(milliseconds=300))
    assert shop.seen == [("menu",)]
    assert [row.method for row in scene.sent(bot)].count("answerCallbackQuery") == 2
    scene.came(bot, later, now=scene.NOW + timedelta(seconds=3))
    assert shop.seen == [("menu",)] * 2


def test_a_tap_under_a_message_that_cannot_be_edited_gets_a_new_one(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    update = scene.tap(bot, ANNA, "home.menu")
    update["callback_query"]["message"] = {
        "message_id": 5,
        "date": 0,
        "chat": {"id": ANNA, "type": "private"},
    }
    scene.came(bot, update)
    assert [row.method for row in scene.sent(bot)] == ["answerCallbackQuery", "sendMessage"]


def test_in_a_group_the_bot_is_silent_but_a_tap_stops_turning(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    said, tapped = scene.message(ANNA, "/menu"), scene.tap(bot, ANNA, "home.menu")
    for update in (said["message"], tapped["callback_query"]["message"]):
        update["chat"] = {"id": -100200, "type": "supergroup", "title": "A group"}
    scene.came(bot, said)
    scene.came(bot, tapped)
    assert shop.seen == []
    assert [row.method for row in scene.sent(bot)] == ["answerCallbackQuery"]


def test_what_a_group_says_among_itself_is_not_kept(shop: Shop) -> None:
    """Anybody may add a bot to their group, even as its administrator: then it hears every word there."""
    bot, _ = scene.bot(), scene.person(ANNA)
    said = scene.message(ANNA, "Vera's number is +79123456789")
    said["message"]["chat"] = {"id": -100200, "type": "supergroup", "title": "A group"}
    scene.came(bot, said)
    kept = scene.last_update(bot)
    assert (kept.payload, kept.state, kept.chat_id) == ({}, "handled", -100200)
    scene.came(bot, scene.message(ANNA, "private"))
    assert scene.last_update(bot).payload["message"]["text"] == "private"


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 90001},
        {"update_id": 90002, "shipping_query": {"id": "x", "from": {"id": ANNA}}},
        {"update_id": 90003, "from_the_future": [1, 2]},
        {"update_id": 90004, "message": None},
        {"update_id": 90005, "message": {"chat": {"id": "five"}, "from": 7}},
        {"update_id": 90006, "channel_post": {"chat": {"id": -1, "type": "channel"}, "text": "news"}},
        {"update_id": 90007, "callback_query": {"id": "q", "from": {"id": ANNA}, "data": "x"}},
    ],
)
def test_an_update_that_says_nothing_to_us_is_kept_and_done_with(shop: Shop, update: dict[str, Any]) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    assert scene.came(bot, update).outcome is Outcome.HANDLED
    assert scene.last_update(bot).payload == update
    assert shop.seen == []


def test_an_empty_message_is_answered_helpfully(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.message(ANNA, ""))
    scene.came(bot, scene.message(ANNA, sticker={"emoji": "👋"}))
    assert shop.seen == [("unknown", "other")] * 2


def test_a_text_that_postgresql_would_refuse_reaches_the_room_mended(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.tap(bot, ANNA, "home.ask"))
    scene.came(bot, scene.message(ANNA, "a\0b\udc00"))
    assert shop.seen[0][1] == "a\ufffdb\ufffd"


def test_a_file_is_asked_for_before_it_is_handled_and_one_that_is_too_large_is_not(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    Conversation.objects.create(
        bot=bot, chat_id=ANNA, user_id=ANNA, expects="home.list", changed_at=scene.NOW
    )
    handled = scene.came(
        bot, scene.message(ANNA, document={"file_id": "f", "file_name": "a.csv", "file_size": 900})
    )
    assert (handled.outcome, handled.largest) == (Outcome.NEEDS_FILE, 1000)
    assert scene.last_update(bot).state == "waiting"
    scene.came(bot, scene.message(ANNA, document={"file_id": "g", "file_size": 50_000_000}))
    assert shop.seen == []
    assert texts(bot)[0]
    assert Conversation.objects.get(bot=bot).expects == "home.list"


def test_a_file_that_cannot_be_had_is_said_and_one_that_was_fetched_reaches_its_room(
    shop: Shop, tmp_path: Any
) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    Conversation.objects.create(
        bot=bot, chat_id=ANNA, user_id=ANNA, expects="home.list", changed_at=scene.NOW
    )
    said = [scene.message(ANNA, document={"file_id": "f", "file_name": "a.csv"}) for _ in range(2)]
    first, second = store_updates(bot_id=bot.pk, updates=said, now=scene.NOW)
    handle(update_pk=first, now=scene.NOW, file=Unfetched("silent"))
    assert shop.seen == []
    assert texts(bot)[0]
    handle(update_pk=second, now=scene.NOW, file=GivenFile(tmp_path / "x", "a.csv", "", 5, ""))
    assert shop.seen == [("file", "a.csv")]


def test_an_update_is_handled_once(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    update = scene.message(ANNA, "/menu")
    (pk,) = store_updates(bot_id=bot.pk, updates=[update, update], now=scene.NOW)
    assert store_updates(bot_id=bot.pk, updates=[update], now=scene.NOW) == []
    assert handle(update_pk=pk, now=scene.NOW).outcome is Outcome.HANDLED
    assert handle(update_pk=pk, now=scene.NOW).outcome is Outcome.GONE
    assert len(scene.sent(bot)) == 1


def test_a_batch_with_something_unreadable_in_it_keeps_the_rest() -> None:
    bot = scene.bot()
    mixed = ["no update", None, {"update_id": "seven"}, scene.message(ANNA, "a"), {"update_id": 2**70}, 5]
    assert len(store_updates(bot_id=bot.pk, updates=mixed, now=scene.NOW)) == 1


def test_rows_keep_the_order_in_which_updates_came() -> None:
    bot = scene.bot()
    updates = [scene.message(ANNA, str(number)) for number in range(50)]
    updates.sort(key=lambda one: one["update_id"] * 7919 % 50)
    pks = store_updates(bot_id=bot.pk, updates=updates, now=scene.NOW)
    assert pks == sorted(pks)
    kept = Update.objects.filter(bot=bot).order_by("pk").values_list("update_id", flat=True)
    assert list(kept) == [one["update_id"] for one in updates]


def test_what_was_handed_out_too_often_is_given_up_and_the_person_told(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    (stored,) = store_for_handling(bot_id=bot.pk, updates=[scene.message(ANNA, "/menu")], now=scene.NOW)
    assert left_behind(bot.pk) == [stored.pk]
    assert [hand_out(update_pk=stored.pk) for _ in range(3)] == [2, 3, 4]
    give_up(update_pk=stored.pk, now=scene.NOW)
    update = scene.last_update(bot)
    assert (update.state, update.problem) == ("failed", "HandedOutTooOften")
    assert str(update.pk) in texts(bot)[0]
    assert hand_out(update_pk=stored.pk) is None


def test_what_nobody_began_with_counts_as_never_handed_out() -> None:
    bot = scene.bot()
    pks = store_updates(
        bot_id=bot.pk, updates=[scene.message(ANNA, "a"), scene.message(502, "b")], now=scene.NOW
    )
    taken = take_waiting(bot_id=bot.pk, limit=10, besides=[pks[0]])
    assert [stored.pk for stored in taken] == [pks[1]]
    assert left_behind(bot.pk) == [pks[1]]
    give_back(update_pks=[pks[1]])
    assert left_behind(bot.pk) == []


def test_a_database_that_goes_away_leaves_the_update_waiting(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    bot, _ = scene.bot(), scene.person(ANNA)

    def gone(visit: Visit) -> Answer:
        raise OperationalError("the connection is closed")

    shop.free.action("gone")(gone)
    with pytest.raises(OperationalError):
        scene.came(bot, scene.tap(bot, ANNA, "home.gone"))
    assert scene.last_update(bot).state == "waiting"
    assert scene.sent(bot) == []


def test_a_command_asks_the_database_few_questions(shop: Shop, django_assert_max_num_queries: Any) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)
    scene.came(bot, scene.message(ANNA, "/menu"))
    (pk,) = store_updates(bot_id=bot.pk, updates=[scene.message(ANNA, "/menu")], now=scene.NOW)
    with django_assert_max_num_queries(14, connection=connection):
        handle(update_pk=pk, now=scene.NOW)


def test_somebody_who_blocks_the_bot_and_takes_it_back_is_marked_and_unmarked(shop: Shop) -> None:
    bot, _ = scene.bot(), scene.person(ANNA)

    def became(status: str) -> str:
        chat = {"id": ANNA, "type": "private"}
        change = {"chat": chat, "from": scene.user(ANNA), "date": 1, "new_chat_member": {"status": status}}
        update_id = scene.message(ANNA)["update_id"]
        scene.came(bot, {"update_id": update_id, "my_chat_member": change})
        return Chat.objects.get(bot=bot, chat_id=ANNA).unreachable

    assert [became("kicked"), became("member")] == ["blocked", ""]
    assert scene.sent(bot) == []
