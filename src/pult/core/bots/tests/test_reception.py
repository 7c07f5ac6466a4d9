"""What people hear in the bot before anything else: who they are, who lets them in, the menu and their settings."""

import itertools
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from pult.core.bots import rooms
from pult.core.bots.models import Bot, Conversation, Outgoing, Update
from pult.core.bots.rules.callbacks import unpack
from pult.core.bots.tests import scene
from pult.core.bots.tests.scene import NOW, came, message, sent
from pult.core.people.models import Application, Person, SignInCode, TelegramIdentity
from pult.core.people.operations import invite_colleague, switch_off
from pult.core.people.operations.applications import decide_application
from pult.core.people.operations.sign_in_codes import use_sign_in_code
from pult.core.people.operations.telegram_identities import create_telegram_link
from pult.core.registry import Role

pytestmark = pytest.mark.django_db
NEW, OLGA, ANTON, OLEG = 701, 702, 703, 704
_ids = itertools.count(9000)


@pytest.fixture
def bot() -> Bot:
    made = scene.bot()
    made.main = True
    made.save()
    return made


class Chat:
    """One Telegram user's chat with the bot: every message goes through the handling of updates."""

    def __init__(self, bot: Bot, user_id: int) -> None:
        self.bot, self.user_id, self._later = bot, user_id, NOW

    def write(self, text: str | None = None, **more: Any) -> "Chat":
        return self._came(message(self.user_id, text, **more))

    def tap(self, words: str) -> "Chat":
        """Tap a button of the screen that stands there; it is known by a part of its text."""
        data = next(data for text, data in self.buttons.items() if words in text)
        action, arguments = unpack(data, bot_id=self.bot.pk, user_id=self.user_id)
        return self._came(scene.tap(self.bot, self.user_id, action, *arguments))

    def _came(self, update: Any) -> "Chat":
        self._later += timedelta(seconds=5)
        came(self.bot, update, now=self._later)
        return self

    @property
    def rows(self) -> list[Outgoing]:
        return [row for row in sent(self.bot) if row.chat_id == self.user_id]

    @property
    def screen(self) -> Outgoing:
        return next(row for row in reversed(self.rows) if row.method in {"sendMessage", "editMessageText"})

    @property
    def text(self) -> str:
        return str(self.screen.payload["text"])

    @property
    def toast(self) -> str:
        return str(
            next(row for row in reversed(self.rows) if row.method == "answerCallbackQuery").payload["text"]
        )

    @property
    def buttons(self) -> dict[str, str]:
        rows = self.screen.payload.get("reply_markup", {}).get("inline_keyboard", [])
        return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


def arrived(chat: Chat) -> None:
    """Telegram has taken everything that waited for this chat."""
    for row in chat.rows:
        if row.state == Outgoing.State.WAITING:
            row.state, row.message_id = Outgoing.State.SENT, next(_ids)
            row.save()


# A newcomer


def test_a_newcomer_gives_a_nickname_and_waits_for_somebody_who_is_not_in_the_bot_yet(bot: Bot) -> None:
    new = Chat(bot, NEW).write("/start")
    assert "Write the nickname" in new.text
    new.write("Anna")
    assert "Thank you, Anna!" in new.text
    assert "on the web page" in new.text, "nobody who decides uses the bot: kindly said"
    assert Application.objects.get().nickname == "Anna"
    new.write("hello?")
    assert "not decided yet" in new.text
    assert Application.objects.count() == 1


def test_the_name_in_telegram_is_one_tap_away(bot: Bot) -> None:
    Chat(bot, NEW).write("/start").tap("Take “User 701”")
    assert Application.objects.get().nickname == "User 701"


@pytest.mark.parametrize(
    ("nickname", "sentence"),
    [
        ("A", "2 to 40 characters"),
        ("x" * 41, "2 to 40"),
        ("<b>Anna</b>", "letters"),
        ("Ann\u202ea", "letters"),
    ],
)
def test_an_odd_nickname_is_asked_for_again(bot: Bot, nickname: str, sentence: str) -> None:
    new = Chat(bot, NEW).write("/start").write(nickname)
    assert sentence in new.text
    assert not Application.objects.exists()
    assert "Thank you, Anna" in new.write("Anna").text


def test_a_nickname_of_a_colleague_is_not_given_twice(bot: Bot) -> None:
    scene.person(OLEG)
    assert "nickname already" in Chat(bot, NEW).write("/start").write(f"person {OLEG}").text


def test_a_newcomer_reads_their_own_language_or_another_one(bot: Bot) -> None:
    new = Chat(bot, NEW)
    new.write("/start", **{"from": scene.user(NEW, language_code="ru")})
    assert "Напишите" in new.text
    new.tap("English")
    assert "Write the nickname" in new.text
    new.write("Anna")
    assert "Thank you" in new.text, "the choice holds, whatever the phone says"
    assert Application.objects.get().language == "en"


def test_a_newcomer_reaches_nothing_but_the_reception(bot: Bot) -> None:
    new = Chat(bot, NEW)
    for action in ("home.menu", "home.waiting", "home.settings", "checks.list", "home.sign_in"):
        came(bot, scene.tap(bot, NEW, action))
        assert "Write the nickname" in new.text
    assert "is stored about you" in new.write("/privacy").text


# Those who decide


def test_every_administrator_is_asked_the_first_decides_and_the_others_see_it(bot: Bot) -> None:
    olga, anton = scene.person(OLGA, role=Role.OWNER), scene.person(ANTON, role=Role.ADMINISTRATOR)
    scene.person(OLEG)
    new = Chat(bot, NEW).write("/start").write("Anna")
    assert "The administrators have your request" in new.text
    of_olga, of_anton = Chat(bot, OLGA), Chat(bot, ANTON)
    assert "Somebody asks to be let in" in of_olga.text
    assert "Anna" in of_anton.text
    assert not Chat(bot, OLEG).rows, "operators do not decide"
    arrived(of_olga)
    arrived(of_anton)
    asked = of_olga.screen.message_id

    of_anton.tap("Let in")
    assert of_anton.toast == "Anna is let in."
    assert "Anna is let in" in of_anton.text
    assert (of_olga.screen.method, of_olga.screen.payload["message_id"]) == ("editMessageText", asked)
    assert f"{anton} decided" in of_olga.text
    assert not any("Let in" in text for text in of_olga.buttons)
    assert "Welcome, Anna!" in new.text
    assert "⚙️ Settings" in new.buttons
    anna = Person.objects.get(name="Anna")
    assert (anna.role, TelegramIdentity.objects.get(person=anna).user_id) == ("operator", NEW)
    assert str(olga) not in of_olga.text


def test_a_colleague_who_taps_later_reads_who_was_faster(bot: Bot) -> None:
    anton = scene.person(ANTON, role=Role.ADMINISTRATOR)
    scene.person(OLGA, role=Role.OWNER)
    Chat(bot, NEW).write("/start").write("Anna")
    of_olga = Chat(bot, OLGA)
    asked = of_olga.buttons
    Chat(bot, ANTON).tap("Let in")
    data = next(data for text, data in asked.items() if "Decline" in text)
    action, arguments = unpack(data, bot_id=bot.pk, user_id=OLGA)
    came(bot, scene.tap(bot, OLGA, action, *arguments))
    assert f"{anton} has approved this already." in of_olga.toast
    assert "Anna is let in" in of_olga.text
    assert Application.objects.get().state == "approved"


def test_a_decision_on_the_web_closes_the_request_in_every_chat(bot: Bot) -> None:
    olga = scene.person(OLGA, role=Role.OWNER)
    new = Chat(bot, NEW).write("/start").write("Anna")
    of_olga = Chat(bot, OLGA)
    arrived(of_olga)
    decide_application(
        actor=olga, application_id=Application.objects.get().pk, approve=False, role=Role.OPERATOR, now=NOW
    )
    assert "Anna was declined" in of_olga.text
    assert "declined" in new.text
    assert "after a day" in new.write("/start").text


def test_a_request_that_was_not_sent_yet_is_not_sent_any_more_once_it_is_decided(bot: Bot) -> None:
    olga = scene.person(OLGA, role=Role.OWNER)
    Chat(bot, NEW).write("/start").write("Anna")
    assert len(Chat(bot, OLGA).rows) == 1
    decide_application(actor=olga, application_id=Application.objects.get().pk, approve=True, now=NOW)
    assert Chat(bot, OLGA).rows == []


def test_somebody_is_let_in_with_another_role_but_never_above_the_own_one(bot: Bot) -> None:
    scene.person(ANTON, role=Role.ADMINISTRATOR)
    Chat(bot, NEW).write("/start").write("Anna")
    of_anton = Chat(bot, ANTON).tap("another role")
    assert "Owner" not in of_anton.buttons
    application = str(Application.objects.get().pk)
    came(bot, scene.tap(bot, ANTON, "home.approve", application, "owner"))
    assert Application.objects.get().state == "waiting"
    of_anton.tap("Administrator")
    assert Person.objects.get(name="Anna").role == "administrator"


def test_an_operator_decides_nothing_even_with_a_signed_button(bot: Bot) -> None:
    scene.person(OLEG)
    Chat(bot, NEW).write("/start").write("Anna")
    came(bot, scene.tap(bot, OLEG, "home.approve", str(Application.objects.get().pk)))
    assert "may not" in Chat(bot, OLEG).toast
    assert Application.objects.get().state == "waiting"


def test_the_menu_of_those_who_decide_leads_to_whoever_waits(bot: Bot) -> None:
    scene.person(OLGA, role=Role.OWNER)
    Chat(bot, NEW).write("/start").write("Anna")
    of_olga = Chat(bot, OLGA).write("/menu")
    of_olga.tap("1 person waits").tap("Anna")
    assert "Somebody asks to be let in" in of_olga.text
    of_olga.tap("Let in")
    assert "waits" not in " ".join(of_olga.write("/menu").buttons)


def test_a_hostile_name_stands_harmlessly_in_the_request(bot: Bot) -> None:
    scene.person(OLGA, role=Role.OWNER)
    hostile = {
        "id": NEW,
        "is_bot": False,
        "first_name": "\u202e<b>kcaJ",
        "last_name": "\n\nRole: <i>Owner</i>",
    }
    new = Chat(bot, NEW).write("/start", **{"from": hostile})
    assert "&lt;b&gt;" in new.text and "\u202e" not in new.text
    new.write("Anna", **{"from": hostile})
    line = next(line for line in Chat(bot, OLGA).text.split("\n") if "In Telegram" in line)
    assert "&lt;b&gt;kcaJ Role: &lt;i&gt;Owner" in line, "one line, no turn of direction, no markup"


# Links


def test_an_invitation_opens_the_bot_at_once_with_its_role(bot: Bot) -> None:
    issued = invite_colleague(actor=None, role=Role.ADMINISTRATOR, now=NOW)
    new = Chat(bot, NEW).write("hello 1").write("/start 1").write(f"/start join-{issued.secret}")
    assert "Welcome, User 701!" in new.text
    assert "hello 1" in json.dumps([update.payload for update in Update.objects.all()]), (
        "only links are veiled"
    )
    assert TelegramIdentity.objects.get(user_id=NEW).person.role == "administrator"
    other = Chat(bot, 799).write(f"/start join-{issued.secret}")
    assert "no longer works" in other.text


def test_an_invited_colleague_whose_name_is_taken_chooses_another_one(bot: Bot) -> None:
    Person.objects.create_user(email="", name="User 701", role="operator")
    issued = invite_colleague(actor=None, role=Role.OPERATOR, now=NOW)
    new = Chat(bot, NEW).write(f"/start {issued.secret}")
    assert "nickname already" in new.text
    kept = json.dumps([*Conversation.objects.values_list("notes", flat=True), scene.last_update(bot).payload])
    assert issued.secret not in kept, "who looks through the panel could come in with it"
    new.write("Anna")
    assert "Welcome, Anna!" in new.text
    assert not Application.objects.exists()


def test_whoever_waits_and_then_gets_an_invitation_is_welcomed_once(bot: Bot) -> None:
    scene.person(OLGA, role=Role.OWNER)
    new = Chat(bot, NEW).write("/start").write("Anna")
    arrived(Chat(bot, OLGA))
    issued = invite_colleague(actor=None, role=Role.OPERATOR, now=NOW)
    new.write(f"/start join-{issued.secret}")
    assert [("Welcome" in row.payload["text"]) for row in new.rows] == [False, False, True]
    assert "is let in" in Chat(bot, OLGA).text, "nobody decides any more"


def test_somebody_of_the_web_links_telegram_by_a_link(bot: Bot) -> None:
    vera = Person.objects.create_user(email="vera@example.org", name="Vera", role="operator", language="ru")
    issued = create_telegram_link(person=vera, now=NOW)
    chat = Chat(bot, NEW).write(f"/start link-{issued.secret}")
    assert "теперь один человек" in chat.text, "in the language of the person, not of the phone"
    assert TelegramIdentity.objects.get(user_id=NEW).person == vera


def test_a_link_of_somebody_else_does_not_take_over_a_known_person(bot: Bot) -> None:
    oleg = scene.person(OLEG)
    vera = Person.objects.create_user(email="vera@example.org", name="Vera", role="owner")
    issued = create_telegram_link(person=vera, now=NOW)
    chat = Chat(bot, OLEG).write(f"/start link-{issued.secret}")
    assert "another person here" in chat.text
    assert TelegramIdentity.objects.get(user_id=OLEG).person == oleg
    assert issued.secret not in json.dumps(scene.last_update(bot).payload), (
        "it still works: nobody may read it"
    )


@pytest.mark.parametrize("command", ["/START", "/start@desk_bot", "/start "])
def test_however_a_link_is_written_its_secret_is_not_kept(bot: Bot, command: str) -> None:
    issued = invite_colleague(actor=None, role=Role.OPERATOR, now=NOW)
    Chat(bot, NEW).write(f"{command} invite-{issued.secret} ")
    assert TelegramIdentity.objects.filter(user_id=NEW).exists()
    assert issued.secret not in json.dumps(scene.last_update(bot).payload)


# Menu, settings, and what nobody expected


def test_the_menu_shows_the_rooms_that_one_may_enter(bot: Bot) -> None:
    scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/start")
    assert f"Hello, Person {OLEG}!" in chat.text
    assert "📱 Checks" in chat.buttons
    assert "/check" in chat.tap("Help").text
    assert "What shall we do?" in chat.tap("Menu").text


@pytest.mark.parametrize("words", ["", " 1 2 3 4 5", " ٣ ² -1 999999999999999999999", " \u202e<b>", " a:b"])
def test_whatever_stands_behind_a_command_is_no_error(bot: Bot, words: str) -> None:
    scene.person(OLEG, role=Role.OWNER)
    chat = Chat(bot, OLEG)
    for command in rooms.commands():
        chat.write(f"/{command.name}{words}")
        assert scene.last_update(bot).state == "handled", command.name
    for name in rooms.all_rooms():
        chat.write(f"/start {name}-{words.strip()}")
        assert scene.last_update(bot).state == "handled", f"t.me/bot?start={name}-…"


@pytest.mark.parametrize(
    "arguments", [(), ("",), ("x", "y", "z", "q", "r"), ("٣", "²", "-1"), ("99999999999999999999", "9")]
)
def test_a_button_of_another_time_is_no_error(bot: Bot, arguments: tuple[str, ...]) -> None:
    """Buttons stay in chats for years, and versions change what stands on them."""
    scene.person(OLEG, role=Role.OWNER)
    chat = Chat(bot, OLEG)
    for room in rooms.all_rooms().values():
        for name in room.actions:
            chat._came(scene.tap(bot, OLEG, f"{room.name}.{name}", *arguments))
            assert scene.last_update(bot).state == "handled", f"{room.name}.{name}"


def test_the_language_switches_at_once(bot: Bot) -> None:
    oleg = scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/language").tap("Русский")
    assert "Настройки" in chat.text
    assert "🌐 Язык" in chat.buttons
    oleg.refresh_from_db()
    assert oleg.language == "ru"
    assert "Что будем делать?" in chat.tap("Меню").text


@pytest.mark.parametrize(
    ("language", "written", "city", "zone"),
    [
        ("en", "omsk", "Omsk", "Asia/Omsk"),
        ("ru", "омск", "Омск", "Asia/Omsk"),
        ("ru", "tokyo", "Токио", "Asia/Tokyo"),
        ("en", "buenos", "Buenos Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_time_zone_is_found_by_a_city(bot: Bot, language: str, written: str, city: str, zone: str) -> None:
    oleg = scene.person(OLEG, language=language)
    Chat(bot, OLEG).write("/settings").tap("🕒").write(written).tap(city)
    oleg.refresh_from_db()
    assert oleg.time_zone == zone


def test_a_common_time_zone_needs_no_typing_and_an_unknown_city_is_asked_again(bot: Bot) -> None:
    oleg = scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/settings").tap("Time zone").write("Atlantis")
    assert "do not know a city" in chat.text
    assert "Which of these?" in chat.write("UTC+3").text
    chat.tap("Back").tap("Moscow")
    oleg.refresh_from_db()
    assert oleg.time_zone == "Europe/Moscow"
    assert "15:0" in chat.text, "their time now"


def test_the_code_of_the_bot_signs_in_once_on_the_web(bot: Bot) -> None:
    oleg = scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/settings").tap("Sign in on the web")
    code = re.search(r"<code>(\d{4} \d{4})</code>", chat.text)
    assert code, chat.text
    assert use_sign_in_code(code=code.group(1), now=NOW + timedelta(minutes=1)) == oleg


def test_only_the_main_bot_gives_codes(bot: Bot) -> None:
    """The token of another one may be an administrator's: they would have an owner's code forwarded to themselves."""
    scene.person(OLEG, role=Role.OWNER)
    other = scene.bot("other_bot")
    came(other, scene.tap(other, OLEG, "home.sign_in"))
    assert not SignInCode.objects.exists()
    (answer,) = sent(other)
    assert f"@{bot.username}" in answer.payload["text"]
    Bot.objects.update(main=False)
    came(bot, scene.tap(bot, OLEG, "home.sign_in"))
    assert not SignInCode.objects.exists()


def test_a_person_changes_their_name(bot: Bot) -> None:
    oleg = scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/settings").tap("My account").tap("Change the name")
    chat.write("Oleg\u202e")
    assert "letters" in chat.text
    chat.write("Oleg the First")
    assert "Oleg the First" in chat.text
    oleg.refresh_from_db()
    assert oleg.name == "Oleg the First"


def test_whatever_nobody_expected_is_answered_with_what_can_be_done(bot: Bot) -> None:
    scene.person(OLEG)
    chat = Chat(bot, OLEG)
    assert "did not expect a text" in chat.write("hm?").text
    assert "do not know this command" in chat.write("/dance").text
    assert "what this file is for" in chat.write(document={"file_id": "x", "file_size": 10}).text
    assert "texts, files and buttons" in chat.write(location={"latitude": 1, "longitude": 2}).text
    assert "📱 Checks" in chat.buttons


def test_a_sticker_in_between_does_not_end_what_was_expected_and_cancel_does(bot: Bot) -> None:
    scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/settings").tap("Time zone")
    chat.write(location={"latitude": 1, "longitude": 2})
    assert "waiting for a text. /cancel" in chat.text
    assert Conversation.objects.get(user_id=OLEG).expects == "home.zone"
    assert "Stopped." in chat.write("/cancel").text
    assert Conversation.objects.get(user_id=OLEG).expects == ""


def test_somebody_whose_access_was_closed_is_told_once_and_gets_nothing_that_still_waited(bot: Bot) -> None:
    owner = scene.person(OLGA, role=Role.OWNER)
    oleg = scene.person(OLEG)
    chat = Chat(bot, OLEG).write("/menu")
    switch_off(actor=owner, person=oleg, now=NOW)
    assert chat.rows == []
    assert "Your access is closed" in chat.write("/menu").text
    chat.write("/menu").write("hello?")
    assert len(chat.rows) == 1
