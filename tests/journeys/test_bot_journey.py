"""A newcomer and an owner meet in the bot: from /start to a file of verdicts, on the player's page and the web."""

import io
import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.installation import Installation
from tests.journeys.conftest import PATIENCE_MILLISECONDS
from tests.journeys.photographer import DESKTOP, PHONE, Photographer
from tests.journeys.steps import World, connect_account, sign_in

# Pictures are taken in three variants each.
PATIENCE_SECONDS = 900 if os.environ.get("JOURNEY_PICTURES") else 240
pytestmark = [pytest.mark.journey, pytest.mark.timeout(PATIENCE_SECONDS)]

BOT = "pult_sample_bot"
NEWCOMER, ADMINISTRATOR = "sarah_miller", "pavel_adminov"
# The process of bots starts after the pages, and loads for some seconds.
UNTIL_THE_BOT_ANSWERS = 60_000


class Phone:
    """Somebody's phone, as the player's page shows it: one chat with the bot."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start(self) -> "Phone":
        self.page.get_by_role("button", name="Start", exact=True).click()
        return self

    def sees(self, words: str | re.Pattern[str], *, timeout: float = PATIENCE_MILLISECONDS) -> Locator:
        """Words in the newest message."""
        newest = self.page.locator("[data-testid=messages] [data-message-id]").last
        expect(newest).to_contain_text(words, timeout=timeout)
        return newest

    def tap(self, button: str | re.Pattern[str]) -> "Phone":
        self.page.locator("[data-testid=messages]").get_by_role("button", name=button).last.click()
        return self

    def write(self, text: str) -> "Phone":
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()
        return self

    def photographed(self, name: str) -> None:
        """A picture for the documents, when they are being made."""
        if folder := os.environ.get("JOURNEY_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


@pytest.fixture
def phones(browser: Browser, installation: Installation, troubles: list[str]) -> Iterator[Any]:
    """phones(username, viewport): the player's page of somebody, in a browser of their own."""
    contexts = []

    def open_phone(username: str, viewport: dict[str, int], *, address: str = "") -> Phone:
        context = browser.new_context(
            viewport=viewport, reduced_motion="reduce", locale="en", accept_downloads=True
        )  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "response", lambda answer: answer.status < 400 or troubles.append(f"{answer.status} {answer.url}")
        )
        with urllib.request.urlopen(f"{installation.control_url}/play/api/people", timeout=10) as answer:
            cast = json.load(answer)["people"]
        person = next(one["id"] for one in cast if one["username"] == username)
        page.goto(f"{address or f'{installation.control_url}/play/?open=@{BOT}'}&as={person}")
        return Phone(page)

    yield open_phone
    for context in contexts:
        context.close()


def link_the_owner(page: Page, phones: Any) -> Phone:
    """On the web: your Telegram, a link; in Telegram: Start."""
    page.goto("/people/profile/telegram/")
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_role("link", name="Open the bot").get_attribute("href")
    assert address is not None
    phone: Phone = phones(ADMINISTRATOR, DESKTOP, address=address)
    phone.start().sees("now one person", timeout=UNTIL_THE_BOT_ANSWERS)
    page.get_by_role("link", name="I am back").click()
    expect(page.get_by_text("@pavel_adminov")).to_be_visible()
    return phone


def register(newcomer: Phone, administrator: Phone) -> None:
    """A nickname, a request with two buttons, and the menu."""
    newcomer.start().sees("nickname")
    newcomer.photographed("bot-registration-phone")
    newcomer.write("Sarah")
    newcomer.sees("Thank you, Sarah!")
    administrator.sees("Somebody asks to be let in")
    administrator.photographed("bot-approval")
    administrator.tap(re.compile("Let in$"))
    administrator.sees("Sarah is let in")
    newcomer.sees("Welcome, Sarah!")


def share_the_account(page: Page) -> None:
    """The owner lets colleagues' checks use the connected account."""
    page.goto("/accounts/")
    page.locator("a.row-link").click()
    page.get_by_role("button", name="Share with colleagues").click()
    expect(page.get_by_role("button", name="Stop sharing")).to_be_visible()


def check_by_chat(newcomer: Phone, numbers: list[str]) -> None:
    newcomer.tap("📱 Checks").sees("Send the list")
    newcomer.tap("➕ New check").sees("Send me a file")
    newcomer.write("\n".join(numbers))
    newcomer.sees("What is this list for?")
    newcomer.write("Invitations to the autumn fair")
    newcomer.sees(re.compile(r"Valid numbers: \d"))
    newcomer.photographed("bot-preview-phone")
    newcomer.tap("▶️ Start")


def results_in(newcomer: Phone) -> dict[str, str]:
    """Number → verdict, from the workbook that the bot sent."""
    newcomer.sees(re.compile(r"\.xlsx"), timeout=90_000)
    newcomer.photographed("bot-result-phone")
    link = newcomer.page.locator("[data-testid=messages] a[download]").last
    with newcomer.page.expect_download() as saving:
        link.click()
    workbook = openpyxl.load_workbook(io.BytesIO(Path(saving.value.path()).read_bytes()))
    rows = list(workbook.worksheets[0].values)
    return {str(row[0]): str(row[1]) for row in rows[1:]}


def test_from_start_to_a_file_of_verdicts_with_an_owner_who_decides_in_the_chat(
    page: Page, world: World, phones: Any, troubles: list[str], photographer: Photographer
) -> None:
    world.put("/api/accounts/79000000002/limits", {"contacts": {"capacity": 40, "per_second": 20}})
    truth = world.found_by_strangers(120)
    sign_in(page, world, Photographer(page, None))
    connect_account(page, world, Photographer(page, None))
    share_the_account(page)

    administrator = link_the_owner(page, phones)
    newcomer = phones(NEWCOMER, PHONE)
    register(newcomer, administrator)
    check_by_chat(newcomer, list(truth))
    newcomer.sees(re.compile("Not asked: \\d"))
    newcomer.photographed("bot-progress-phone")
    verdicts = results_in(newcomer)

    assert verdicts == {number: "found" if found else "not found" for number, found in truth.items()}
    page.goto("/people/")
    expect(page.get_by_role("link", name="Sarah")).to_be_visible()
    assert troubles == []
