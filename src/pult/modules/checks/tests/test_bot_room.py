"""What somebody reads and taps in a bot on the way from a list to its results."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from pult.core.bots.models import Bot
from pult.core.bots.screens import Answer, Button, GivenFile, Refused, Screen, Toast, Visit
from pult.core.people.models import Person, TelegramIdentity
from pult.modules.checks.bot import room
from pult.modules.checks.models import Check, Number
from pult.modules.checks.operations.blocks import finish_if_over
from pult.modules.checks.operations.bot_results import send_results
from pult.modules.checks.operations.lists import read_check
from pult.modules.checks.tests.scenes import check as stored_check
from pult.modules.checks.tests.scenes import person

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NUMBERS = "+7 912 345-67-89\n8 (912) 345-67-90\n+49 1512 3456789\nnothing\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.PULT_UPLOADS_DIR = tmp_path / "uploads"
    settings.PULT_DATA_DIR = tmp_path


@pytest.fixture
def anna() -> Person:
    return person("anna")


@pytest.fixture
def bot() -> Bot:
    return Bot.objects.create(telegram_id=1, simulated=True, name="Desk", username="desk_bot", added_at=NOW)


class Chat:
    """Somebody's chat with the bot, without a Telegram around it: taps and texts go straight to the room."""

    def __init__(self, someone: Person, bot: Bot) -> None:
        self.person, self.bot = someone, bot
        self.screen: Screen | None = None
        self.toast: Toast | None = None

    def run(self, action: str, *arguments: str) -> "Chat":
        return self._shown(room.actions[action](self._visit(), *arguments))

    def write(self, text: str) -> "Chat":
        return self._shown(room.texts[self._expected()](self._visit(), text))

    def send(self, path: Path, name: str) -> "Chat":
        file = GivenFile(path, name, "application/octet-stream", path.stat().st_size, "")
        return self._shown(room.files[self._expected()].handler(self._visit(), file))

    def tap(self, words: str) -> "Chat":
        button = next(button for button in self.buttons if words in str(button.text))
        return self.run(button.action.removeprefix("checks."), *button.arguments)

    @property
    def buttons(self) -> list[Button]:
        assert self.screen is not None
        return [button for row in self.screen.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [str(button.text) for button in self.buttons]

    @property
    def text(self) -> str:
        assert self.screen is not None
        return str(self.screen.text)

    def _expected(self) -> str:
        assert self.screen is not None
        return self.screen.expects.removeprefix("checks.")

    def _visit(self) -> Visit:
        notes: Any = self.screen.notes if self.screen else {}
        return Visit(self.person, self.bot.pk, 77, 77, NOW, notes)

    def _shown(self, answer: Answer) -> "Chat":
        for part in answer if isinstance(answer, tuple) else (answer,):
            if isinstance(part, Screen):
                self.screen = part
            elif isinstance(part, Toast):
                self.toast = part
        return self


@pytest.fixture
def chat(anna: Person, bot: Bot) -> Chat:
    return Chat(anna, bot)


def test_from_pasted_numbers_to_a_running_check(chat: Chat, anna: Person, bot: Bot) -> None:
    chat.run("list").tap("New check").write(NUMBERS)
    assert "What is this list for?" in chat.text
    check = Check.objects.get(owner=anna)
    assert check.bot == bot
    assert check.state == Check.State.READING

    chat.write("autumn newsletter")
    assert "Reading the list" in chat.text
    assert chat.screen is not None
    assert chat.screen.follows == f"check:{check.pk}"

    read_check(check_id=check.pk)
    chat.run("open", str(check.pk))
    assert re.search(r"Valid numbers: <b>2</b>", chat.text)
    assert "For: autumn newsletter" in chat.text
    chat.tap("Start")
    check.refresh_from_db()
    assert check.state == Check.State.RUNNING
    assert "Not asked: <b>2</b>" in chat.text
    assert chat.labels[:2] == ["⏸ Pause", "⏹ Stop"]


def test_a_check_is_not_started_without_a_purpose(chat: Chat, anna: Person) -> None:
    made = stored_check(anna, state=Check.State.READY)
    chat.run("start", str(made.pk))
    assert "What is this list for?" in chat.text
    made.refresh_from_db()
    assert made.state == Check.State.READY


def test_the_purpose_of_an_earlier_list_is_one_tap(chat: Chat, anna: Person) -> None:
    Check.objects.filter(pk=stored_check(anna).pk).update(purpose="winter coats")
    made = stored_check(anna, state=Check.State.READY)
    chat.run("open", str(made.pk)).tap("winter coats")
    made.refresh_from_db()
    assert made.purpose == "winter coats"
    assert "▶️ Start" in chat.labels


def test_a_file_of_one_clear_column_is_read_at_once(chat: Chat, tmp_path: Path, anna: Person) -> None:
    path = tmp_path / "list.txt"
    path.write_text("+79123456789\n+79123456790\n")
    chat.run("new").send(path, "list.txt")
    assert Check.objects.get(owner=anna).state == Check.State.READING
    assert "What is this list for?" in chat.text


def test_the_column_of_a_workbook_is_confirmed_or_changed(chat: Chat, tmp_path: Path, anna: Person) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Name", "Office", "Mobile"])
    for place in range(12):
        sheet.append([f"Person {place}", f"+4930123456{place:02}", f"+791234567{place:02}"])
    path = tmp_path / "people.xlsx"
    workbook.save(path)

    chat.run("new").send(path, "people.xlsx")
    assert "Is this the column with the phone numbers?" in chat.text
    chat.tap("Another column").tap("Mobile")
    assert "<code>+79123456700</code> → +79123456700" in chat.text
    chat.tap("Yes, read it").write("test")

    check = Check.objects.get(owner=anna)
    assert check.column == 2
    read_check(check_id=check.pk)
    assert set(Number.objects.values_list("phone", flat=True)) == {79123456700 + place for place in range(12)}


def test_national_spellings_ask_for_their_country(chat: Chat, tmp_path: Path, anna: Person) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name;phone\n" + "".join(f"P{place};8912345{place:04}\n" for place in range(9)))
    chat.run("new").send(path, "list.csv").tap("Another country")
    with pytest.raises(Refused, match="I do not know this country"):
        chat.write("Atlantis")
    chat.write("russia")
    assert "Russia" in chat.text
    chat.tap("Yes, read it").write("test")
    check = Check.objects.get(owner=anna)
    assert check.region == "RU"
    read_check(check_id=check.pk)
    assert Number.objects.count() == 9


def test_a_picture_is_refused_and_nothing_of_it_stays(chat: Chat, tmp_path: Path, anna: Person) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    chat.run("new")
    with pytest.raises(Refused, match="This is a picture"):
        chat.send(path, "photo.csv")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_pasted_words_without_a_number_are_refused_in_words(chat: Chat) -> None:
    chat.run("new")
    with pytest.raises(Refused):
        chat.write("hello there")


def test_pause_go_on_stop(chat: Chat, anna: Person) -> None:
    made = stored_check(anna)
    chat.run("open", str(made.pk)).tap("Pause")
    made.refresh_from_db()
    assert made.state == Check.State.PAUSED
    chat.tap("Go on").tap("Stop")
    made.refresh_from_db()
    assert made.state == Check.State.RUNNING, "stopping is asked first"
    chat.tap("Yes, stop")
    made.refresh_from_db()
    assert made.state == Check.State.CANCELLED
    chat.tap("Remove").tap("Yes, remove")
    made.refresh_from_db()
    assert made.state == Check.State.REMOVED
    assert chat.toast is not None


def test_nobody_opens_or_steers_somebody_elses_check(chat: Chat) -> None:
    foreign = stored_check(person("boris"))
    for action in ("open", "start", "pause", "resume", "stop", "remove", "again", "stopping", "removing"):
        with pytest.raises(Refused, match="not there any more"):
            chat.run(action, str(foreign.pk))
    with pytest.raises(Refused):
        chat.run("file", str(foreign.pk), "csv")
    foreign.refresh_from_db()
    assert foreign.state == Check.State.RUNNING


@pytest.mark.parametrize("odd", ["", "x", "-1", "99999999999999999999", "1; DROP TABLE", "²"])
def test_odd_arguments_are_refused(chat: Chat, odd: str) -> None:
    with pytest.raises(Refused):
        chat.run("open", odd)


def test_names_cannot_smuggle_markup_into_a_message(chat: Chat, anna: Person) -> None:
    made = stored_check(anna)
    Check.objects.filter(pk=made.pk).update(
        name="<a href='https://evil.example'>free</a> & \u202egpj.exe", purpose="<b>"
    )
    chat.run("open", str(made.pk))
    assert "<a href" not in chat.text
    assert "&lt;a href" in chat.text


def test_the_history_turns_its_pages(chat: Chat, anna: Person) -> None:
    for _place in range(8):
        stored_check(anna)
    chat.run("list")
    assert "1 / 2" in chat.labels
    chat.tap("›")
    assert "2 / 2" in chat.labels
    assert len([label for label in chat.labels if "list" in label]) == 2


@pytest.mark.parametrize("state", [state for state in Check.State if state is not Check.State.REMOVED])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_state_has_a_screen_that_telegram_takes(
    chat: Chat, anna: Person, state: Check.State, language: str
) -> None:
    made = stored_check(anna, state=state)
    Check.objects.filter(pk=made.pk).update(name="н" * 200, purpose="п" * 200)
    with translation.override(language):
        chat.run("open", str(made.pk)) if state != Check.State.UPLOADED else chat.run("list")
    assert 0 < len(chat.text) < 4096
    assert all(0 < len(label) <= 64 for label in chat.labels)


def test_a_check_begun_in_the_bot_sends_its_results_there_once(
    chat: Chat, anna: Person, bot: Bot, settings: Settings
) -> None:
    from pult.core.bots.models import Outgoing

    TelegramIdentity.objects.create(person=anna, user_id=4242, simulated=True, linked_at=NOW)
    made = stored_check(anna, numbers=3)
    Check.objects.filter(pk=made.pk).update(bot=bot)
    made.refresh_from_db()
    made.blocks.update(state="done")
    assert finish_if_over(made)

    asked: dict[str, Any] = {
        "check_id": made.pk,
        "bot_id": bot.pk,
        "chat_id": 4242,
        "file_format": "xlsx",
        "language": "en",
        "key": "once",
    }
    assert send_results(**asked)
    assert not send_results(**asked), "a repeated job sends nothing more"
    sent = Outgoing.objects.get(method="sendDocument")
    assert sent.chat_id == 4242
    assert sent.file_name.endswith(f"-{made.pk}.xlsx")
    rows = list(openpyxl.load_workbook(settings.PULT_DATA_DIR / sent.file).worksheets[0].values)
    assert len(rows) == 4
    assert len(list((settings.PULT_DATA_DIR / "outgoing").iterdir())) == 1, "the second file is gone again"


@pytest.mark.parametrize(
    "change", ["shut out", "right taken", "unlinked", "another Telegram", "bot gone", "simulated bot"]
)
def test_results_come_to_nobody_who_may_not_have_them_any_more(
    anna: Person, bot: Bot, settings: Settings, change: str
) -> None:
    """A check may end days after it was begun: what was true then is asked again before numbers leave the house."""
    from pult.core.bots.models import Outgoing
    from pult.core.people.models import PermissionChoice

    TelegramIdentity.objects.create(person=anna, user_id=4242, simulated=True, linked_at=NOW)
    made = stored_check(anna, numbers=3)
    if change == "shut out":
        Person.objects.update(is_active=False)
    elif change == "right taken":
        PermissionChoice.objects.create(
            role=anna.role, permission="checks.use", allowed=False, changed_at=NOW
        )
    elif change == "unlinked":
        TelegramIdentity.objects.all().delete()
    elif change == "another Telegram":
        TelegramIdentity.objects.update(user_id=4343)
    elif change == "bot gone":
        bot.delete()
    else:
        Bot.objects.update(simulated=False)
    asked: dict[str, Any] = {
        "bot_id": bot.pk or uuid4(),
        "chat_id": 4242,
        "file_format": "csv",
        "language": "en",
    }
    assert not send_results(check_id=made.pk, key="once", **asked)
    assert not Outgoing.objects.exists()
    assert not list(settings.PULT_DATA_DIR.glob("outgoing/*")), "no file of numbers stays either"
