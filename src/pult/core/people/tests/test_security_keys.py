"""Security keys in a real browser, with Chromium's virtual authenticator, under the content security policy."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from pult.core.people.models import Person
from pult.core.people.tests.conftest import PASSWORD, PersonMaker

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def database_beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; Django would refuse the database here, until after the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def browser(database_beside_the_browser: None) -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Journeys need Chromium: apt install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def address(live_server: LiveServer, settings: Settings) -> str:
    """localhost, because browsers know security keys for names only."""
    settings.ALLOWED_HOSTS = ["localhost"]
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=address, locale="en")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    return opened


class VirtualKey:
    """A security key in the browser of a page."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        self._id: str = self._session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "usb",
                    "hasResidentKey": False,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._session.send(
            "WebAuthn.getCredentials", {"authenticatorId": self._id}
        )["credentials"]
        return found

    def pull_out(self) -> None:
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})


def sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def add_key(page: Page, name: str) -> None:
    page.goto("/sign-in/second-factor/")
    page.get_by_role("link", name="Add a security key").click()
    if "again" in page.url:
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name of the key").fill(name)
    page.get_by_role("button", name="Add the key").click()


def test_a_key_is_added_opens_the_door_and_is_renamed_and_removed(
    page: Page, make_person: PersonMaker, complaints: list[str]
) -> None:
    person = make_person(language="en")
    key = VirtualKey(page)
    sign_in(page, person)
    add_key(page, "Blue key")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a file").click()
    kept = download.value.path().read_text().split()
    assert len(kept) == 10 and all(re.fullmatch(r"\d{8}", code) for code in kept)
    assert len(key.credentials()) == 1

    page.context.clear_cookies()
    sign_in(page, person)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(lambda url: "sign-in" not in url)

    page.goto("/sign-in/second-factor/")
    expect(page.get_by_text("Blue key", exact=True)).to_be_visible()
    page.get_by_role("link", name="Rename Blue key").click()
    if "again" in page.url:
        page.get_by_role("link", name="Use a security key instead").click()
        page.get_by_role("button", name="Use the key").click()
    page.get_by_label("Name of the key").fill("Laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_text("Laptop", exact=True)).to_be_hidden()
    assert not Authenticator.objects.filter(user=person).exists(), "the recovery codes went with the last key"
    assert complaints == []


def test_a_stranger_with_the_password_and_another_key_stays_outside(
    browser: Browser, page: Page, address: str, make_person: PersonMaker
) -> None:
    person = make_person(language="en")
    VirtualKey(page)
    sign_in(page, person)
    add_key(page, "Mine")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    elsewhere = browser.new_context(base_url=address, locale="en")
    stranger = elsewhere.new_page()
    VirtualKey(stranger)
    sign_in(stranger, person)
    stranger.get_by_role("button", name="Use a security key").click()
    expect(stranger.get_by_role("alert")).to_contain_text("not one of yours")
    stranger.goto("/people/profile/")
    expect(stranger.get_by_role("heading", name="Second step")).to_be_visible()
    elsewhere.close()


def test_a_recovery_code_helps_when_the_key_is_lost(page: Page, make_person: PersonMaker) -> None:
    person = make_person(language="en")
    key = VirtualKey(page)
    sign_in(page, person)
    add_key(page, "Lost soon")
    codes = page.locator("#recovery-codes").inner_text().split()
    key.pull_out()
    page.context.clear_cookies()
    sign_in(page, person)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
