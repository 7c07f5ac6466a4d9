"""The player's page in a real browser, with a bot on an unmodified aiogram on the other side."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from telegram_simulator.testing import Player, RunningSimulator
from telegram_simulator.tests.bot_steps import NO_LIMITS, result
from telegram_simulator.tests.play_bot import DATA, HOSTILE, running_bot
from telegram_simulator.tests.world_steps import running

pytestmark = [pytest.mark.journey]
expect.set_options(timeout=20_000)  # milliseconds; a machine may be busy with other tests
BOT = "pult_sample_bot"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        started.put(f"/api/bots/{BOT}/limits", NO_LIMITS)
        with running_bot(started, started.bot_token()):
            yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1100, "height": 760}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    assert complaints == []


def opened(page: Page, simulator: RunningSimulator, player: Player, *, start: str = "") -> None:
    """The player's chat with the bot, which they have started by the link."""
    page.goto(f"{simulator.control_url}/play/?as={player.id}&open=@{BOT}&start={start}")
    page.get_by_test_id("start").click()
    expect(page.get_by_test_id("messages")).to_contain_text(f"Welcome, {start or 'nobody'}")


def write(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def test_a_newcomer_starts_the_bot_by_a_link_and_taps_its_buttons(
    page: Page, simulator: RunningSimulator
) -> None:
    player = simulator.player("Нина Новенькая")
    page.goto(f"{simulator.control_url}/play/?as={player.id}&open=@{BOT}&start=gift-7")
    expect(page.get_by_test_id("messages")).to_contain_text("Answers whatever it is told")
    page.get_by_test_id("start").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Welcome, gift-7")
    expect(page.get_by_test_id("messages").locator(".out")).to_have_count(1)
    page.get_by_role("button", name="Toast").click()
    expect(page.locator("#toasts")).to_have_text("A word in passing")
    page.get_by_role("button", name="Alert").click()
    expect(page.get_by_role("dialog")).to_contain_text("Read this")
    page.get_by_role("button", name="OK").click()
    page.get_by_role("button", name="Count 0").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Counted to 1")
    page.get_by_role("button", name="Count 1").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Counted to 2")
    expect(page.get_by_test_id("messages").locator(".in")).to_have_count(1)
    page.get_by_role("button", name="Vanish").click()
    expect(page.get_by_test_id("messages").locator(".in")).to_have_count(0)
    expect(page.get_by_test_id(f"chat-{BOT}")).to_contain_text("/start gift-7")


def test_hostile_texts_and_names_stay_texts(page: Page, simulator: RunningSimulator) -> None:
    player = simulator.player(f"Мария {HOSTILE}"[:60])
    opened(page, simulator, player)
    expect(page.get_by_test_id("switch-person")).to_contain_text("</bdi><img src=x")
    write(page, "/format")
    told = page.get_by_test_id("messages").locator(".in .text").last
    expect(told).to_contain_text(HOSTILE)
    expect(told.locator("strong em")).to_have_text("both")
    expect(told.locator("blockquote")).to_have_text("quoted")
    expect(told.get_by_role("link", name="link")).to_have_attribute("rel", "noopener noreferrer")
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == "Simulated Telegram"
    hidden = told.locator(".spoiler > span")
    expect(hidden).to_have_css("visibility", "hidden")
    told.get_by_role("button", name="Hidden text").click()
    expect(hidden).to_have_css("visibility", "visible")


def test_a_keyboard_of_the_bot_shares_the_number_once(page: Page, simulator: RunningSimulator) -> None:
    player = simulator.player("Кира Клавишная")
    opened(page, simulator, player)
    write(page, "/keys")
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_test_id("messages")).to_contain_text("You said Yes")
    expect(page.get_by_role("button", name="My number")).to_have_count(0)  # it was for one time
    page.get_by_role("button", name="Keyboard of the bot").click()
    expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "Yes?")
    page.get_by_role("button", name="My number").click()
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    expect(page.get_by_test_id("messages")).to_contain_text(f"Number +{player.phone}")
    expect(page.get_by_role("button", name="Keyboard of the bot")).to_have_count(0)


def picture(width: int, height: int) -> bytes:
    """A black PNG."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    rows = zlib.compress((b"\0" + b"\0" * 3 * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_files_go_out_and_come_in(page: Page, simulator: RunningSimulator, tmp_path: Path) -> None:
    (tmp_path / "view.png").write_bytes(picture(320, 200))
    (tmp_path / "список.txt").write_text("одна строка")
    opened(page, simulator, simulator.player("Фаина Файлова"))
    page.get_by_test_id("attach").click()
    with page.expect_file_chooser() as choosing:
        page.get_by_role("menuitem", name="File").click()
    choosing.value.set_files([tmp_path / "view.png", tmp_path / "список.txt"])
    page.get_by_label("Caption").fill("two of them")
    page.get_by_test_id("send-files").click()
    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("320 wide")
    expect(messages).to_contain_text("Got список.txt")
    expect(messages.locator(".out img")).to_have_count(1)
    came_back = messages.locator(".in img")
    expect(came_back).to_have_js_property("naturalWidth", 320)
    write(page, "/file")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download result.csv").click()
    assert Path(downloading.value.path()).read_bytes() == DATA


def test_everyone_keeps_their_drafts_and_news_of_others_are_counted(
    page: Page, simulator: RunningSimulator
) -> None:
    first, second = simulator.player("Аглая Первая"), simulator.player("Белла Вторая")
    second.start(BOT)
    opened(page, simulator, first)
    page.get_by_test_id("composer").fill("begun by the first")
    second.write(BOT, "from elsewhere")
    second.wait_for(BOT, "You said from elsewhere")
    expect(page.get_by_test_id("switch-person").locator(".badge")).to_be_visible()
    page.get_by_test_id("switch-person").click()
    page.get_by_test_id("person-name").fill("Белла")
    page.get_by_test_id(f"person-{second.id}").click()
    page.get_by_test_id(f"chat-{BOT}").click()
    expect(page.get_by_test_id("messages")).to_contain_text("You said from elsewhere")
    expect(page.get_by_test_id("composer")).to_have_value("")
    page.go_back()
    page.goto(f"{simulator.control_url}/play/?as={first.id}&open=@{BOT}")
    expect(page.get_by_test_id("composer")).to_have_value("begun by the first")
    page.get_by_test_id("switch-person").click()
    expect(page.get_by_test_id(f"person-{second.id}").locator(".badge")).to_have_count(0)


def test_somebody_new_is_made_by_typing_a_name(page: Page, simulator: RunningSimulator) -> None:
    page.goto(f"{simulator.control_url}/play/")
    page.get_by_test_id("switch-person").click()
    page.get_by_test_id("person-name").fill("Заря Рассветова")
    page.get_by_test_id("create-person").click()
    expect(page.get_by_test_id("switch-person")).to_contain_text("Заря Рассветова")
    page.get_by_test_id(f"found-{BOT}").click()
    page.get_by_test_id("start").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Welcome")


def test_an_invoice_is_paid_with_made_up_stars(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator, simulator.player("Роза Платёжная"))
    write(page, "/pay")
    page.get_by_role("button", name=re.compile("^Pay")).click()
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("Not enough Stars")
    window.get_by_role("button", name="Add 1000 Stars").click()
    expect(window).to_contain_text("Your balance is 1,000")
    window.get_by_test_id("pay").click()
    expect(page.get_by_test_id("messages").locator(".service")).to_contain_text("250 ⭐ paid")


def test_polls_are_answered_and_messages_reacted_to(page: Page, simulator: RunningSimulator) -> None:
    opened(page, simulator, simulator.player("Полина Голосова"))
    write(page, "/poll")
    page.get_by_role("button", name="That").click()
    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("✓ That")
    expect(messages).to_contain_text("voted: 1")
    messages.locator(".in .bubble").first.click(button="right", position={"x": 5, "y": 5})
    page.get_by_role("menuitem", name="🔥").click()
    mine = messages.get_by_role("button", name="🔥 1")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(mine).to_have_count(0)


def test_a_private_channel_is_asked_for_and_opens_when_the_bot_agrees(
    page: Page, simulator: RunningSimulator
) -> None:
    player = simulator.player("Ия Желающая")
    bot = simulator.create_bot("doorkeeper_bot")
    owner = simulator.player("Олег Канальный")
    channel = simulator.post("/api/chats", {"kind": "channel", "title": "Тихий канал", "creator": owner.id})
    simulator.post(
        f"/api/chats/{channel['id']}/members", {"person": "@doorkeeper_bot", "role": "administrator"}
    )

    def call(method: str, **parameters: object) -> dict[str, object]:
        answer: dict[str, object] = {"it": result(simulator, bot["token"], method, **parameters)}
        return answer

    link = call("createChatInviteLink", chat_id=channel["bot_api_id"], creates_join_request=True)["it"]
    assert isinstance(link, dict)
    page.goto(f"{simulator.control_url}/play/?as={player.id}")
    page.get_by_test_id("search").fill(link["invite_link"])
    page.get_by_test_id("search").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Ask to join").click()
    expect(page.locator("#toasts")).to_contain_text("waits for an administrator")
    call("approveChatJoinRequest", chat_id=channel["bot_api_id"], user_id=player.id)
    page.get_by_test_id(f"chat-{channel['bot_api_id']}").click()
    call("sendMessage", chat_id=channel["bot_api_id"], text="A word for the subscribers")
    expect(page.get_by_test_id("messages")).to_contain_text("A word for the subscribers")
    page.get_by_test_id("chat-menu").click()
    page.get_by_role("menuitem", name="Leave").click()
    expect(page.get_by_test_id(f"chat-{channel['bot_api_id']}")).to_have_count(0)


def test_a_blocked_bot_is_silent_until_it_is_started_again(page: Page, simulator: RunningSimulator) -> None:
    player = simulator.player("Бэлла Блокова")
    opened(page, simulator, player)
    page.get_by_test_id("chat-menu").click()
    page.get_by_role("menuitem", name="Block bot").click()
    expect(page.get_by_test_id("composer")).to_have_count(0)
    page.get_by_test_id("restart").click()
    expect(page.get_by_test_id("messages").locator(".in")).to_have_count(2)
    expect(page.get_by_test_id("composer")).to_be_visible()


def test_ones_own_messages_are_answered_edited_and_deleted(page: Page, simulator: RunningSimulator) -> None:
    player = simulator.player("Ева Правкина")
    opened(page, simulator, player)
    write(page, "a mistale")
    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("You said a mistale")
    page.get_by_test_id("composer").press("ArrowUp")
    expect(page.get_by_test_id("composer")).to_have_value("a mistale")
    write(page, "a mistake")
    own = messages.locator(".out", has_text="a mistake")
    expect(own).to_contain_text("edited")
    own.locator(".bubble").click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(messages.locator(".out", has_text="a mistake")).to_have_count(0)
    assert [m.text for m in player.chat(BOT) if m.out] == ["/start"]


def test_on_a_phone_there_is_one_column_and_nothing_sticks_out(
    browser: Browser, simulator: RunningSimulator
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 700},
        locale="ru-RU",
        color_scheme="dark",
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    page.goto(f"{simulator.control_url}/play/?as={simulator.player('Тоня Телефонная').id}")
    page.get_by_test_id(f"found-{BOT}").tap()
    page.get_by_test_id("start").tap()
    expect(page.get_by_test_id("messages")).to_contain_text("Welcome")
    expect(page.get_by_test_id("search")).to_be_hidden()
    write(page, "слово " * 60 + "x" * 300)
    expect(page.get_by_test_id("messages")).to_contain_text("You said")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(
        "document.getElementById('scroller').scrollWidth <= document.getElementById('scroller').clientWidth"
    )
    page.get_by_test_id("back").tap()
    expect(page.get_by_test_id("search")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    context.close()


def test_commands_are_suggested_and_everything_goes_by_keyboard(
    page: Page, simulator: RunningSimulator
) -> None:
    page.goto(f"{simulator.control_url}/play/?as={simulator.player('Клара Клавина').id}")
    expect(page.get_by_test_id("search")).to_be_visible()  # a hidden field takes no keys
    page.get_by_test_id("search").press_sequentially("pult_sam")
    page.get_by_test_id("search").press("Enter")
    page.get_by_test_id("start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("messages")).to_contain_text("Welcome")
    composer = page.get_by_test_id("composer")
    composer.fill("")
    composer.press_sequentially("/fi")
    expect(page.get_by_role("option")).to_have_count(1)
    composer.press("ArrowDown")
    composer.press("Enter")
    expect(page.get_by_test_id("messages")).to_contain_text("Ready")
    composer.press_sequentially("one")
    composer.press("Shift+Enter")
    composer.press_sequentially("two")
    composer.press("Enter")
    expect(page.get_by_test_id("messages").locator(".out").last).to_contain_text("one\ntwo")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("messages")).to_be_hidden()
    expect(page.get_by_test_id(f"chat-{BOT}")).to_be_focused()


def test_what_could_not_be_sent_is_kept_and_what_was_missed_is_caught_up(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(tmp_path_factory.mktemp("other"), people=50) as simulator:
        player, friend = simulator.player("Ася Стойкая"), simulator.player("Лев Дальний")
        page = browser.new_page(locale="en-GB")
        page.goto(f"{simulator.control_url}/play/?as={player.id}&open={friend.id}")
        write(page, "before")
        expect(page.get_by_test_id("messages").locator(".out")).to_have_count(1)
        simulator.kill()
        expect(page.locator("#offline")).to_be_visible()
        write(page, "while it is away")
        failed = page.get_by_test_id("messages").locator(".failed")
        expect(failed).to_contain_text("while it is away")
        simulator.restart()
        friend.write(str(player.id), "missed?")
        expect(page.get_by_test_id("messages")).to_contain_text("missed?", timeout=15_000)
        expect(page.locator("#offline")).to_be_hidden()
        failed.get_by_role("button", name="Tap to try again").click()
        expect(failed).to_have_count(0)
        assert [m.text for m in friend.chat(str(player.id)) if not m.out] == ["before", "while it is away"]
        with suppress(Exception):
            page.close()
