"""A person at a browser in front of a running Pult, and pictures for the documents."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.installation import Installation

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# Everything a person sees comes from this machine; whoever waits longer than this gives up.
PATIENCE_MILLISECONDS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Journeys need Chromium: apt install chromium")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> list[str]:
    """What went wrong in the browser behind the person's back: script errors and answers of 500 and more."""
    return []


@pytest.fixture
def page(browser: Browser, installation: Installation, troubles: list[str]) -> Iterator[Page]:
    """A fresh browser at an installation that runs."""
    installation.start()
    context = browser.new_context(
        viewport=DESKTOP,
        reduced_motion="reduce",
        accept_downloads=True,
        base_url=installation.address,
        locale="en",
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "response", lambda answer: answer.status < 500 or troubles.append(f"{answer.status} {answer.url}")
    )
    yield page
    context.close()


class Photographer:
    """Takes pictures for docs/pictures when JOURNEY_PICTURES names a folder; else it does nothing.

    Each page is taken in English, in Russian, and on a phone in the dark.
    """

    def __init__(self, page: Page, folder: str | None) -> None:
        self._page = page
        self._folder = Path(folder) if folder else None

    @property
    def at_work(self) -> bool:
        return self._folder is not None

    def take(self, name: str, path: str = "") -> None:
        """The page that is open now, or the one at `path`, as its address shows it in each variant."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        address = urljoin(self._page.url, path)
        for variant, language, dark, viewport in (
            ("", "en", False, DESKTOP), ("-phone", "en", True, PHONE), ("-ru", "ru", False, DESKTOP),
        ):  # fmt: skip
            context = self._variant(dark=dark, viewport=viewport)
            self._speak(context, language)
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("load")
            page.screenshot(path=self._folder / f"{name}{variant}.png", animations="disabled")
            # The language is the person's, not the browser's: give English back.
            self._speak(context, "en")
            context.close()

    def _variant(self, *, dark: bool, viewport: dict[str, int]) -> BrowserContext:
        browser = self._page.context.browser
        assert browser is not None
        return browser.new_context(
            viewport={"width": viewport["width"], "height": viewport["height"]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=self._page.context.storage_state(),
            base_url=self._page.url,
        )

    def _speak(self, context: BrowserContext, language: str) -> None:
        token = next(cookie["value"] for cookie in context.cookies() if cookie.get("name") == "csrftoken")
        context.request.post("/sign-in/language/", form={"language": language, "csrfmiddlewaretoken": token})


@pytest.fixture
def photographer(page: Page) -> Photographer:
    return Photographer(page, os.environ.get("JOURNEY_PICTURES"))
