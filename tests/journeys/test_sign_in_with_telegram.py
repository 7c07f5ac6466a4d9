"""In a real browser: off to Telegram and back, under the content security policy, by forms and by our own module."""

import copy
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from pult.core.bots.operations.bots import provide_sample_bot
from pult.core.people.models import Person, TelegramIdentity
from pult.core.people.operations import create_sign_in_code
from telegram_simulator.testing import RunningSimulator, start_simulator

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
ANNA = 1_000_100


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; Playwright keeps an event loop in this thread, and Django would refuse the database beside it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Journeys need Chromium: apt install chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with start_simulator(tmp_path_factory.mktemp("telegram"), people=50) as simulator:
        yield simulator


@pytest.fixture
def anna(telegram: RunningSimulator, settings: Settings) -> Person:
    """Somebody with Telegram only, in a Pult whose Telegram is the simulator's."""
    settings.TELEGRAM = replace(settings.TELEGRAM, control_url=telegram.control_url)
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = settings.TELEGRAM.oauth_url
    settings.SOCIALACCOUNT_PROVIDERS = providers
    cache.clear()
    provide_sample_bot(now=timezone.now())
    person = Person.objects.create_user(email="", name="Anna", role="operator", language="en")
    TelegramIdentity.objects.create(person=person, user_id=ANNA, simulated=True, linked_at=timezone.now())
    return person


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_server.url, locale="en", viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.troubles = []  # type: ignore[attr-defined]
    page.on("console", lambda said: said.type == "error" and page.troubles.append(said.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.troubles.append(str(error)))  # type: ignore[attr-defined]
    yield page
    context.close()


def test_anna_comes_in_by_each_way(anna: Person, page: Page) -> None:
    for button in ("Go on with Telegram", "Confirm by a message in Telegram"):
        page.goto("/sign-in/?next=/people/profile/")
        page.get_by_role("link", name="Sign in with Telegram").click()
        page.get_by_role("button", name=button).click()
        page.get_by_role("button", name=re.compile("Анна")).click()
        expect(page).to_have_url(re.compile(r"/people/profile/$"))
        expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
        page.context.clear_cookies()
        page.goto("/")
        cache.clear()
    code = create_sign_in_code(person=anna, now=timezone.now())
    page.goto("/sign-in/telegram/")
    page.get_by_label("Code from the bot").fill(f"{code[:4]} {code[4:]}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/checks/$"))
    assert page.troubles == [], "nothing was stopped by the policy"  # type: ignore[attr-defined]


def test_the_signed_answer_does_not_stay_in_the_address(anna: Person, page: Page) -> None:
    page.goto("/sign-in/telegram/widget/nobody-began-this/#tgAuthResult=eyJpZCI6MX0")
    expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
    assert "tgAuthResult" not in page.url
    page.go_back()
    assert "tgAuthResult" not in page.url
    page.goto("/sign-in/telegram/widget/nobody-began-this/#tgAuthResult=%%%")
    expect(page.get_by_text("Telegram sent nothing along")).to_be_visible()


def test_who_cancels_is_told_so(anna: Person, page: Page) -> None:
    page.goto("/sign-in/telegram/")
    page.get_by_role("button", name="Confirm by a message in Telegram").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="You cancelled at Telegram")).to_be_visible()
