"""A person at a browser in front of a running Pult, and pictures for the documents."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.installation import Installation
from tests.journeys.photographer import DESKTOP, Photographer
from tests.journeys.steps import World

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


@pytest.fixture
def world(installation: Installation) -> World:
    return World(installation)


@pytest.fixture
def photographer(page: Page) -> Photographer:
    return Photographer(page, os.environ.get("JOURNEY_PICTURES"))
