"""The look page in a real browser under the strict content security policy: widths, keyboard, scripts, no scripts."""

import re
import threading
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, sync_playwright

pytestmark = [pytest.mark.journey]

POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


class Server(ThreadingMixIn, WSGIServer):
    """Answers several requests at once, as a page with many small files asks."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Tells nobody about each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name of the base class)
        """Nothing to say."""


def under_policy(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application with the policy that production sends."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [header for header in headers if header[0].lower() != "content-security-policy"]
            return start_response(status, [*kept, ("Content-Security-Policy", POLICY)], *rest)

        return application(environ, start)

    return guarded


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the look page is served, with its style sheets and scripts."""
    application = under_policy(get_wsgi_application())
    with make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/look/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(browser: Browser, address: str, **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A page in a context of its own, and what the console complains about."""
    context = browser.new_context(**options)
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return context, page, complaints


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize("query", ["?dir=ltr", "?dir=rtl"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_sticks_out(browser: Browser, address: str, width: int, query: str, language: str) -> None:
    context, page, complaints = opened(
        browser, address + query, viewport={"width": width, "height": 800}, locale=language
    )
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert complaints == []
    context.close()


def test_the_theme_is_kept(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address, color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.locator("[data-theme-choice=dark]").last.click()
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def test_a_dialog_opens_by_keyboard_and_gives_the_focus_back(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address)
    opener = page.locator("button[commandfor=look-dialog][command=show-modal]")
    opener.focus()
    page.keyboard.press("Enter")
    assert page.locator("#look-dialog").is_visible()
    page.keyboard.press("Escape")
    page.locator("#look-dialog").wait_for(state="hidden")
    assert opener.evaluate("element => element === document.activeElement")
    context.close()


def test_a_menu_is_walked_with_arrows_and_left_with_escape(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address, locale="en")
    summary = page.locator("#overlays details.menu summary", has_text="Export")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "XLSX"
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert summary.evaluate("element => element === document.activeElement")
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("query", ["?dir=ltr", "?dir=rtl"])
def test_a_menu_of_the_last_row_is_seen_whole(browser: Browser, address: str, width: int, query: str) -> None:
    context, page, _ = opened(browser, address + query, viewport={"width": width, "height": 800})
    menu = page.locator("#lists .table-frame details.menu").last
    menu.locator("summary").click()
    panel = menu.locator(".menu-panel[style]")
    panel.wait_for()
    seen = panel.evaluate(
        """panel => {
            const { left, right, top, bottom } = panel.getBoundingClientRect();
            const corners = [[left + 4, top + 4], [right - 4, bottom - 4]];
            return corners.map(([x, y]) => panel.contains(document.elementFromPoint(x, y)));
        }"""
    )
    assert seen == [True, True]
    context.close()


def test_what_was_typed_survives_a_reload(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address)
    page.locator("form[data-keep] textarea").fill("+49 1512 3456789")
    page.reload()
    assert page.locator("form[data-keep] textarea").input_value() == "+49 1512 3456789"
    context.close()


def test_results_appear_while_typing_and_no_letter_is_lost(browser: Browser, address: str) -> None:
    context, page, complaints = opened(browser, address)
    search = page.locator("#search-q")
    search.press_sequentially("49", delay=20)
    page.wait_for_url("**/look/?*q=49")
    search.press_sequentially("15", delay=20)
    page.wait_for_url("**/look/?*q=4915")
    assert search.input_value() == "4915"
    assert search.evaluate("element => element === document.activeElement")
    assert complaints == []
    context.close()


def test_a_live_fetch_waits_until_an_open_dialog_is_closed(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address)
    page.evaluate(
        """() => {
            const part = document.querySelector("#overlays");
            part.setAttribute("hx-get", location.pathname);
            part.setAttribute("hx-select", "#overlays");
            part.setAttribute("hx-swap", "outerHTML");
            part.setAttribute("hx-trigger", "live:news");
            htmx.process(part);
            part.dataset.old = "yes";
        }"""
    )
    page.locator("button[commandfor=look-dialog][command=show-modal]").click()
    assert page.evaluate(
        """() => new Promise((told) => {
            document.addEventListener("htmx:beforeRequest", (event) => told(event.defaultPrevented), { once: true });
            htmx.trigger("#overlays", "live:news");
        })"""
    )
    assert page.locator("#look-dialog").is_visible()
    assert page.locator("#overlays[data-old]").count() == 1
    page.evaluate("document.querySelector('#overlays').setAttribute('hx-trigger', 'live:back from:body')")
    page.evaluate("htmx.process(document.querySelector('#overlays'))")
    page.keyboard.press("Escape")
    page.locator("#overlays[data-old]").wait_for(state="detached")
    context.close()


def test_a_part_that_is_fetched_again_keeps_what_is_being_typed(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address)
    page.locator("#id_phone").first.fill("1512 345")
    page.evaluate(
        "htmx.ajax('GET', location.pathname, {target: '#forms', select: '#forms', swap: 'outerHTML'})"
    )
    page.locator("#forms.htmx-request").wait_for(state="detached")
    page.wait_for_function("!document.querySelector('.htmx-swapping, .htmx-settling, .htmx-request')")
    assert page.locator("#id_phone").first.input_value() == "1512 345"
    context.close()


def test_a_part_that_is_fetched_again_leaves_the_keyboard_where_it_was(
    browser: Browser, address: str
) -> None:
    context, page, complaints = opened(browser, address)
    page.evaluate(
        """() => {
            const part = document.createElement("div");
            part.innerHTML = '<div id="part" hx-get="/part" hx-trigger="live:back from:body" hx-swap="outerHTML">'
                + '<a href="/one">Open</a> <a href="/two">Open</a></div>';
            document.querySelector("#main").append(part);
            htmx.process(part);
        }"""
    )
    fetched = (
        '<div id="part"><a href="/new">New</a> <a href="/one">Open</a> <a href="/two">Open</a> fetched</div>'
    )
    page.route("**/part", lambda route: route.fulfill(body=fetched, content_type="text/html"))
    page.locator('#part a[href="/two"]').focus()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:back', {bubbles: true}))")
    page.locator("#part", has_text="fetched").wait_for()
    page.wait_for_function("document.activeElement.getAttribute('href') === '/two'")
    assert not complaints
    context.close()


def test_a_chosen_file_is_named(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address, locale="en")
    numbers = FilePayload(name="numbers.csv", mimeType="text/csv", buffer=b"+4915123456789\n" * 100)
    page.locator("[data-drop-file] input").set_input_files(numbers)
    assert page.locator("[data-drop-file] .chosen").inner_text() == "numbers.csv · 1.5 kB"
    context.close()


def test_a_moment_is_told_in_the_browsers_zone_and_a_countdown_counts(browser: Browser, address: str) -> None:
    context, page, _ = opened(browser, address, locale="en", timezone_id="Asia/Yerevan")
    moment = page.locator("time[data-moment=relative]").first
    assert moment.inner_text() == "1 hour ago"
    assert "GMT+4" in (moment.get_attribute("title") or "")
    countdown = page.locator("time[data-moment=countdown]")
    before = countdown.inner_text()
    page.wait_for_function(
        "before => document.querySelector('[data-moment=countdown]').innerText !== before", arg=before
    )
    context.close()


def test_without_scripts_the_page_is_whole_and_the_drawer_opens(browser: Browser, address: str) -> None:
    context, page, _ = opened(
        browser, address, java_script_enabled=False, viewport={"width": 360, "height": 700}, locale="en"
    )
    navigation = page.locator("#navigation")
    assert navigation.is_hidden()
    page.get_by_role("button", name="Menu").click()
    navigation.wait_for(state="visible")
    assert page.locator("[data-drop-file] input").is_visible()
    assert page.locator("[data-needs-script]").first.is_hidden()
    context.close()


def test_what_was_typed_before_the_scripts_came_is_searched_for(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    held: list[Route] = []
    page.route("**/htmx*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(address, wait_until="commit")
    page.locator("#search-q").fill("4915")
    while not held:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    page.wait_for_url(re.compile("q=4915"))
    context.close()
