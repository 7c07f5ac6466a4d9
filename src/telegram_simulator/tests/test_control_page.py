"""The control page in a real browser: a newcomer reads a code, scans a QR picture, orders a fault."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.world_steps import ANNA, BORIS, client_of, running

pytestmark = [pytest.mark.journey]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=500) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, simulator: RunningSimulator) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, color_scheme="dark")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(simulator.control_url + "/")
    page.get_by_role("heading", name="Анна Быстрова").wait_for()
    yield page
    assert complaints == []
    context.close()


def test_a_code_appears_by_itself(page: Page, simulator: RunningSimulator) -> None:
    async def ask_for_a_code() -> None:
        async with client_of(simulator) as client:
            await client.send_code_request(ANNA)

    # Playwright's synchronous calls keep this thread's event loop for themselves.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, ask_for_a_code()).result()
    expect(page.locator("#codes .code").first).to_have_text(simulator.code_for(ANNA), timeout=10_000)
    expect(page.locator("#codes")).to_contain_text("+7 900 000-00-01")


def test_the_forms_set_limits_and_order_faults(page: Page, simulator: RunningSimulator) -> None:
    card = page.locator(f'[data-phone="{BORIS}"]')
    card.get_by_label("Budget, numbers").fill("77")
    card.get_by_role("button", name="Set limits").click()
    expect(card).to_contain_text("77 of 77 numbers left")
    assert simulator.get(f"/api/accounts/{BORIS}")["limits"]["contacts"]["capacity"] == 77
    page.locator("#fault").get_by_label("Kind").select_option("flood_wait")
    page.locator("#fault").get_by_label("Seconds", exact=True).fill("45")
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.locator("#faults")).to_contain_text("flood_wait 45 on every method for everybody")
    page.get_by_role("button", name="Clear all faults").click()
    expect(page.locator("#faults")).to_contain_text("No faults ordered")


def test_a_wrong_qr_link_is_answered_beside_its_field(browser: Browser, simulator: RunningSimulator) -> None:
    page = browser.new_page()
    page.goto(simulator.control_url + "/")
    expect(page.locator("#scan option").first).to_be_attached()  # the accounts have been fetched
    page.get_by_label("Link or token").fill("tg://login?token=nothing")
    page.get_by_role("button", name="Scan").click()
    expect(page.locator("#scan + output")).to_contain_text("not a QR code")
    page.close()


def test_nothing_sticks_out_on_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_bot_is_made_and_leads_to_the_player_s_page(page: Page, simulator: RunningSimulator) -> None:
    page.locator("#bot").get_by_label("Username").fill("made_by_hand_bot")
    page.locator("#bot").get_by_label("Name", exact=True).fill("Ручная <b>работа</b>")
    page.get_by_role("button", name="Create").click()
    made = page.locator("#bots li", has_text="@made_by_hand_bot")
    expect(made).to_contain_text("Ручная <b>работа</b>")
    expect(page.locator("#bot-api")).to_have_text(simulator.bot_api_url)
    made.get_by_role("link", name="Write to it").click()
    expect(page.get_by_test_id("chat-title")).to_have_text("Ручная <b>работа</b>")
    page.get_by_test_id("back").click()
    page.locator("#controls").click()
    expect(page.get_by_role("heading", name="Bots")).to_be_visible()
