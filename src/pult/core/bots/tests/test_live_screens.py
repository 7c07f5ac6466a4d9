"""Messages that change by themselves: drawn anew only when they changed, never over what somebody opened meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.html import format_html
from pytest import MonkeyPatch

from pult.core.bots import rooms
from pult.core.bots.models import Bot, Chat, LiveScreen, Outgoing
from pult.core.bots.operations.live_screens import remember
from pult.core.bots.operations.redrawing import redraw
from pult.core.bots.screens import Answer, BotRoom, Button, Refused, Screen, Visit
from pult.core.bots.tests import scene
from pult.core.bots.tests.scene import NOW, came, sent
from pult.core.people.models import Person
from pult.core.people.operations import switch_off
from pult.core.registry import Role

pytestmark = pytest.mark.django_db
OLEG, OLGA, MESSAGE = 704, 702, 77


class Kettle:
    """Something that gets warmer by itself."""

    def __init__(self) -> None:
        self.warmth, self.state = 20, "warming"
        self.room = BotRoom("kettle", permission="checks.use")
        self.room.action("open")(self.open)

    def open(self, _visit: Visit, number: str) -> Answer:
        if self.state == "gone":
            raise Refused("The kettle is gone.")
        if self.state == "broken":
            raise ZeroDivisionError
        text = format_html("{} degrees", self.warmth)
        back = ((Button("Back", "home.menu"),),)
        if self.state == "speechless":
            return Screen(
                format_html(""), follows=f"kettle:{number}", drawn_by="kettle.open", arguments=(number,)
            )
        if self.state == "boiled":
            return Screen(text, back)
        return Screen(text, back, follows=f"kettle:{number}", drawn_by="kettle.open", arguments=(number,))


@pytest.fixture
def kettle(monkeypatch: MonkeyPatch) -> Iterator[Kettle]:
    one = Kettle()
    known = {**rooms.all_rooms(), "kettle": one.room}
    monkeypatch.setattr(rooms, "all_rooms", lambda: known)
    yield one


@pytest.fixture
def oleg(db: None) -> Person:
    return scene.person(OLEG)


@pytest.fixture
def bot(kettle: Kettle, oleg: Person) -> Bot:
    """Oleg has opened the kettle, and Telegram has taken the edit."""
    made = scene.bot()
    came(made, scene.tap(made, OLEG, "kettle.open", "1"))
    Outgoing.objects.update(state=Outgoing.State.SENT)
    return made


def drawn(bot: Bot, *topics: str) -> list[str]:
    """What is to be sent after a change of these topics."""
    redraw(bot_ids={bot.pk}, topics=topics or {"kettle:1"}, now=NOW)
    waiting = [row for row in sent(bot) if row.state == Outgoing.State.WAITING]
    return [row.payload["text"] for row in waiting if row.method == "editMessageText"]


def test_edits_of_yesterday_do_not_pile_up(bot: Bot, kettle: Kettle) -> None:
    for minute in range(60):
        kettle.warmth += 1
        now = NOW + timedelta(minutes=minute)
        redraw(bot_ids={bot.pk}, topics={"kettle:1"}, now=now)
        Outgoing.objects.filter(state="waiting").update(state="sent", sent_at=now)
    assert Outgoing.objects.filter(method="editMessageText", update=None).count() <= 12
    assert Outgoing.objects.filter(update__isnull=False).exists(), "answers stay as long as all others"


def test_a_screen_that_telegram_would_not_take_keeps_no_other_from_being_drawn(
    bot: Bot, kettle: Kettle
) -> None:
    kettle.state = "speechless"
    assert drawn(bot) == []
    assert not LiveScreen.objects.exists()


def test_a_change_is_drawn_into_the_same_message_and_no_change_is_not(bot: Bot, kettle: Kettle) -> None:
    assert drawn(bot) == []
    kettle.warmth = 50
    assert drawn(bot, "kettle:2") == []
    assert drawn(bot) == ["50 degrees"]
    assert sent(bot)[-1].payload["message_id"] == MESSAGE
    assert drawn(bot) == ["50 degrees"], "drawn once"


def test_what_still_waits_is_overtaken_by_what_is_true_now(bot: Bot, kettle: Kettle) -> None:
    for kettle.warmth in (50, 60, 70):
        drawn(bot)
    assert drawn(bot) == ["70 degrees"]


def test_the_last_drawing_ends_it(bot: Bot, kettle: Kettle) -> None:
    kettle.warmth, kettle.state = 100, "boiled"
    assert drawn(bot) == ["100 degrees"]
    assert not LiveScreen.objects.exists()


def test_what_somebody_opened_in_that_message_stays(bot: Bot, kettle: Kettle) -> None:
    kettle.warmth = 50
    drawn(bot)
    came(bot, scene.tap(bot, OLEG, "home.menu"))
    kettle.warmth = 60
    waiting = drawn(bot)
    assert len(waiting) == 1, "the edit that waited is dropped: it would come after the menu"
    assert "What shall we do?" in waiting[0]


def test_an_answer_of_telegram_that_comes_late_does_not_revive_it(bot: Bot) -> None:
    shown = sent(bot)[-1]
    live = shown.when_sent["live"]
    came(bot, scene.tap(bot, OLEG, "home.menu"))
    known = {"bot_id": bot.pk, "chat_id": OLEG, "message_id": MESSAGE, "live": live, "now": NOW}
    assert not remember(**known, sent_as=shown.pk)
    assert not LiveScreen.objects.exists()


@pytest.mark.parametrize("state", ["gone", "broken"])
def test_a_screen_that_cannot_be_drawn_any_more_is_forgotten(bot: Bot, kettle: Kettle, state: str) -> None:
    kettle.state = state
    assert drawn(bot) == []
    assert not LiveScreen.objects.exists()


def test_a_message_that_was_deleted_or_whose_chat_is_closed_is_forgotten(bot: Bot, kettle: Kettle) -> None:
    kettle.warmth = 50
    drawn(bot)
    Outgoing.objects.filter(state=Outgoing.State.WAITING).update(state=Outgoing.State.FAILED)
    kettle.warmth = 60
    assert drawn(bot) == []
    assert not LiveScreen.objects.exists()

    came(bot, scene.tap(bot, OLEG, "kettle.open", "1"))
    Outgoing.objects.update(state=Outgoing.State.SENT)
    Chat.objects.update_or_create(
        bot=bot, chat_id=OLEG, defaults={"kind": "private", "unreachable": "blocked"}
    )
    kettle.warmth = 70
    assert drawn(bot) == []
    assert not LiveScreen.objects.exists()


def test_nothing_is_drawn_for_somebody_whose_access_was_closed(
    bot: Bot, kettle: Kettle, oleg: Person
) -> None:
    switch_off(actor=scene.person(OLGA, role=Role.OWNER), person=oleg, now=NOW)
    kettle.warmth = 50
    assert drawn(bot) == []


def test_another_bot_of_another_process_is_left_alone(bot: Bot, kettle: Kettle) -> None:
    kettle.warmth = 50
    assert redraw(bot_ids={scene.bot("other_bot").pk}, topics=None, now=NOW) == 0
    assert redraw(bot_ids={bot.pk}, topics=None, now=NOW) == 1
