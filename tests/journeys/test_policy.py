"""Every page in a real browser: nothing on any of them is stopped by the content security policy, nothing fails."""

import itertools
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from pytest_django.live_server_helper import LiveServer

from pult.core.bots.models import Bot, Update
from pult.core.people.models import Person
from pult.core.people.operations import create_sign_in_link, invite_colleague
from pult.core.registry import Role
from pult.core.secrets import seal
from pult.core.telegram.models import SignIn
from pult.modules.checks.tests import scenes

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} stopped ${event.blockedURI} ${event.sample}`));
"""
# Pages with arguments that must be among those that the walk finds; a new page joins by itself.
EXPECTED = {
    "checks:check", "checks:results", "checks:log", "telegram:account", "telegram:sign_in", "people:person",
    "people:remove", "entry:enter", "bots:bot", "bots:update", "admin:bots_update_change",
}  # fmt: skip
# One ends the session of the walk, the other's key stands in a letter.
LEFT_OUT = {"account_logout", "account_reset_password_from_key"}


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


def patterns(entries: list[Any], space: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named address with the converters of its arguments."""
    for entry in entries:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            # Groups of a regular expression have no converter: such pages are left out.
            groups = getattr(entry.pattern.regex, "groupindex", {})
            yield f"{space}{entry.name}", {**dict.fromkeys(groups), **entry.pattern.converters}


def house_with_something_of_everything() -> tuple[Person, dict[str, list[Any]]]:
    """An owner, and for each kind of argument what stands in the database."""
    now = timezone.now()
    owner = scenes.person("owner", role=Role.OWNER.value, language="en", time_zone="UTC")
    colleague = scenes.person("colleague", language="en")
    account = scenes.account(owner)
    checks = [scenes.check(owner), scenes.check(owner, state=scenes.Check.State.FINISHED)]
    sign_in = SignIn(
        person=owner, key_pair=account.key_pair, method="code", state="code_wanted", problem="wrong_code",
        created_at=now, expires_at=now,
    )  # fmt: skip
    seal(sign_in, "phone", "79991234567")
    sign_in.save()
    bot = Bot.objects.create(telegram_id=7, simulated=True, name="Desk", username="desk_bot", added_at=now)
    update = Update.objects.create(
        id=checks[0].pk, bot=bot, update_id=1, kind="message", payload={"text": "hello"}, received_at=now
    )
    links = [
        create_sign_in_link(actor=owner, person=colleague, now=now),
        invite_colleague(actor=owner, email="nina@example.org", role=Role.OPERATOR, now=now),
    ]
    return owner, {
        "int": [check.pk for check in checks] + [colleague.pk],
        "uuid": [account.pk, sign_in.pk, account.key_pair_id, bot.pk],
        # Rows in the panel.
        "path": [str(owner.pk), str(bot.pk), str(update.pk)],
        "str": [link.secret for link in links],
        "slug": ["phone"],
    }


def kind_of(converter: Any) -> str:
    """ "int" for Django's IntConverter, and so on."""
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def pages(visitor: Client, known: dict[str, list[Any]]) -> Iterator[tuple[str, str]]:
    """Name and address of everything that answers a visitor's GET with a page."""
    for name, wanted in patterns(get_resolver().url_patterns):
        if name in LEFT_OUT:
            continue
        choices = [
            [(argument, value) for value in known.get(kind_of(converter), [])]
            for argument, converter in wanted.items()
        ]
        for chosen in itertools.islice(itertools.product(*choices), 12):
            address = reverse(name, kwargs=dict(chosen))
            answer = visitor.get(address)
            html = answer.headers.get("Content-Type", "").startswith("text/html")
            answer.close()
            if answer.status_code == 200 and html and b"<html" in getattr(answer, "content", b""):
                yield name, address


def walk(context: BrowserContext, visitor: Client, known: dict[str, list[Any]]) -> tuple[set[str], list[str]]:
    """Open every page; returns the names of those opened and what the browser complained about."""
    complaints: list[str] = []
    context.add_init_script(TELL_VIOLATIONS)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: (
            complaints.append(f"{page.url}: {said.text}")
            if "policy" in said.text.lower() or "content security" in said.text.lower()
            else None
        ),
    )
    seen = set()
    for name, address in pages(visitor, known):
        page.goto(address, wait_until="load")
        seen.add(name)
    return seen, complaints


def test_no_page_needs_anything_that_the_policy_stops(browser: Browser, live_server: LiveServer) -> None:
    owner, known = house_with_something_of_everything()
    signed_in = Client()
    signed_in.force_login(owner)
    # The pages about factors ask for the password first, unless that was a moment ago.
    session = signed_in.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(owner.pk)
    session.save()
    seen: set[str] = set()
    for visitor in (Client(), signed_in):
        context = browser.new_context(base_url=live_server.url, locale="en")
        key = visitor.cookies.get(settings.SESSION_COOKIE_NAME)
        if key is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": key.value, "url": live_server.url}]
            )
        opened, complaints = walk(context, visitor, known)
        context.close()
        assert complaints == []
        seen |= opened
    assert seen >= EXPECTED
    assert {"mfa_index", "mfa_add_webauthn", "mfa_activate_totp", "people:profile", "people:demands"} <= seen


def test_the_policy_stops_what_somebody_slips_into_a_page(browser: Browser, live_server: LiveServer) -> None:
    """The walk above would be worth nothing if nothing were ever stopped."""
    context = browser.new_context(base_url=live_server.url)
    said: list[str] = []
    page = context.new_page()
    page.add_init_script(TELL_VIOLATIONS)
    page.on("console", lambda message: said.append(message.text))
    page.goto("/sign-in/")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.slippedIn = true";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", '<p style="color: red">x</p>');
        }"""
    )
    assert page.evaluate("window.slippedIn") is None
    assert any("script-src" in line for line in said)
    assert any("style-src" in line for line in said)
    context.close()
