"""What several journeys do: the first sign-in, an account connected, and the simulated Telegram behind its door."""

import json
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.installation import Installation, wait_for
from tests.journeys.photographer import Photographer

PHONE, PASSWORD = "79000000002", "pult"


class World:
    """The simulated Telegram behind its control door."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.address = installation.control_url

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return json.load(answer)

    def put(self, path: str, wish: Any) -> None:
        request = urllib.request.Request(
            self.address + path, data=json.dumps(wish).encode(), method="PUT",
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=10).close()

    def code(self) -> str:
        codes = wait_for(
            lambda: self.get(f"/api/codes?phone={PHONE}")["codes"], seconds=10, what="a sign-in code arrives"
        )
        return str(codes[0]["code"])

    def found_by_strangers(self, count: int) -> dict[str, bool]:
        """Sample numbers, and whether somebody who has the number finds an account behind it."""
        rows = self.get(f"/api/sample-numbers?count={count}&format=json")["numbers"]
        return {f"+{row['phone']}": row["registered"] and row["findable"] for row in rows}


def sign_in(page: Page, world: World, photographer: Photographer) -> None:
    """The one-time link, then a password of one's own."""
    page.goto(world.installation.link)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("E-mail").fill("anna@example.org")
    page.get_by_label("Name").fill("Anna")
    page.get_by_label("Password", exact=True).fill("a calm river in autumn")
    page.get_by_label("Password again").fill("a calm river in autumn")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", name="Three steps to your first result")).to_be_visible()
    photographer.take("first-steps")


def connect_account(page: Page, world: World, photographer: Photographer) -> None:
    """Phone, code from the simulated Telegram, password of two-step verification."""
    page.get_by_role("link", name="Connect", exact=True).click()
    page.get_by_label("Phone number", exact=False).last.fill(f"+{PHONE}")
    photographer.take("connect")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/sign-ins/**")
    page.locator("input[name=code]").fill(world.code())
    page.get_by_role("button", name="Go on").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("is ready to be used")).to_be_visible()
    page.goto("/accounts/")
    photographer.take("accounts")
