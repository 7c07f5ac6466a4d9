"""The first hour of a newcomer: from the link in the terminal to a file of verdicts that are all true."""

import csv
import io
import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.photographer import Photographer
from tests.journeys.steps import PHONE, World, connect_account, sign_in

# Pictures are taken in three variants each.
PATIENCE_SECONDS = 900 if os.environ.get("JOURNEY_PICTURES") else 240
pytestmark = [pytest.mark.journey, pytest.mark.timeout(PATIENCE_SECONDS)]


def upload_list(page: Page, numbers: list[str], folder: Path, photographer: Photographer) -> None:
    """A list as people have it: a heading, names beside the numbers, the country left out, lines that are none."""
    path = folder / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Customer", "Phone", "City"])
        writer.writerows([f"Customer {place}", number, "Riga"] for place, number in enumerate(numbers, 1))
        writer.writerows(
            [["Damaged", "7.9123E+10", ""], ["Nobody", "ask the office", ""], ["Twice", numbers[0], ""]]
        )
    page.goto("/checks/")
    page.get_by_role("link", name="Upload", exact=True).click()
    page.get_by_role("textbox", name="Name").fill("Customers of the autumn fair")
    page.get_by_label("Default country").select_option("RU")
    page.get_by_label("What is it for?").fill("Invitations to the autumn fair")
    picture = folder / "renamed.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    page.set_input_files("input[type=file]", picture)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This is a picture, whatever its name says.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Customers of the autumn fair")
    page.set_input_files("input[type=file]", path)
    expect(page.get_by_text("This is a picture")).to_be_hidden()
    photographer.take("new-check")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("radio", name=re.compile("Phone.*Suggested"))).to_be_checked()
    photographer.take("column")
    # The live stream opens late, when the list has been read already: the page must notice nevertheless.
    page.route("**/live/**", lambda route: (time.sleep(1.5), route.continue_()))
    page.get_by_role("button", name="Read this column").click()
    # The page of reading turns into the preview by itself.
    expect(page.get_by_role("button", name="Start the check")).to_be_visible()
    page.unroute("**/live/**")
    stats = page.locator(".stat .value")
    assert stats.all_inner_texts() == [f"{len(numbers):,}", "1", "2"]
    rejected = page.get_by_role("region", name="Rejected lines").get_by_role("row").all_inner_texts()
    assert [row.split("\t")[:2] for row in rejected[1:]] == [
        [f"{len(numbers) + 2:,}", "7.9123E+10"],
        [f"{len(numbers) + 3:,}", "ask the office"],
    ]
    photographer.take("preview")


def pause_and_go_on(page: Page) -> None:
    page.get_by_role("button", name="Start the check").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("h1").get_by_text("Paused")).to_be_visible()
    page.get_by_role("button", name="Cancel the check").first.click()
    expect(page.get_by_text("Verdicts that have arrived are kept.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1").get_by_text("Running")).to_be_visible()


def watch_until_finished(page: Page, photographer: Photographer) -> None:
    """Everything arrives on the open page; nobody reloads it."""
    page.evaluate("window.nobodyReloaded = true")
    page.evaluate(
        "window.seen = new Set();"
        "new MutationObserver(() => seen.add(document.querySelector('#totals .share')?.textContent))"
        ".observe(document.body, {childList: true, subtree: true})"
    )
    if photographer.at_work:
        page.wait_for_timeout(12_000)
        photographer.take("check-running")
        photographer.take("queue", "/checks/queue/")
    expect(page.locator("h1").get_by_text("Finished")).to_be_visible(timeout=120_000)
    assert page.evaluate("window.nobodyReloaded") is True
    assert page.evaluate("seen.size") >= 2, "the share never moved"
    photographer.take("check-finished")


def results_of(page: Page, found: int, photographer: Photographer) -> None:
    page.get_by_role("link", name="See the results").click()
    page.get_by_role("link", name=re.compile(r"^Found")).click()
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text(f"of {found:,}")
    photographer.take("results")
    name = page.locator("#results tbody tr").nth(2).locator("td").nth(1).inner_text()
    search = page.get_by_role("searchbox")
    search.fill(name)
    expect(page.locator("#results tbody tr").first).to_contain_text(name)
    page.wait_for_url(re.compile(r"verdict=found.*q=|q=.*verdict=found"))
    page.get_by_role("link", name=re.compile(r"^All")).click()
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.get_by_text("Check finished.")).to_be_visible()
    photographer.take("log")


def what_the_account_learned(page: Page, photographer: Photographer) -> None:
    """How many numbers Telegram granted at once, drawn and as a table; then the queue, which is empty by now."""
    page.goto("/accounts/")
    page.locator("a.row-link").click()
    expect(page.get_by_role("heading", name="Phone numbers")).to_be_visible()
    photographer.take("account")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table").get_by_role("row")).not_to_have_count(1)
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()


def exported(page: Page) -> dict[str, str]:
    """Number → verdict, from the file that the browser saves."""
    page.get_by_role("link", name="Results", exact=True).click()
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="CSV").click()
    text = Path(saving.value.path()).read_text(encoding="utf-8-sig")
    return {row["Number"]: row["Verdict"] for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_from_the_one_time_link_to_a_file_of_true_verdicts(
    page: Page, world: World, troubles: list[str], photographer: Photographer, tmp_path: Path
) -> None:
    if photographer.at_work:
        # Pictures show a list of a usual size, at work for long enough to be taken.
        count, limits = 20_000, {"capacity": 6_000, "per_second": 600}
    else:
        # A part at once, then waits that the page must tell of.
        count, limits = 600, {"capacity": 100, "per_second": 70}
    world.put(f"/api/accounts/{PHONE}/limits", {"contacts": limits})
    truth = world.found_by_strangers(count)

    sign_in(page, world, photographer)
    connect_account(page, world, photographer)
    upload_list(page, list(truth), tmp_path, photographer)
    pause_and_go_on(page)
    watch_until_finished(page, photographer)
    results_of(page, sum(truth.values()), photographer)
    verdicts = exported(page)

    assert {number: verdicts[number] for number in truth} == {
        number: "found" if is_found else "not found" for number, is_found in truth.items()
    }
    assert [verdict for number, verdict in verdicts.items() if number not in truth] == ["invalid", "invalid"]
    what_the_account_learned(page, photographer)
    page.goto("/checks/")
    photographer.take("history")
    assert troubles == []
