"""Pictures for the documents, taken along the way of a journey."""

from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, Page

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


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
