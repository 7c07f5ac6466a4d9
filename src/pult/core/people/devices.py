"""What a browser says about itself, in words a person knows: "Firefox, Windows"."""

import re

# The order matters: most browsers also name those that they descend from.
BROWSERS = (
    ("Edge", re.compile(r"\bEdgA?(iOS)?/")),
    ("Opera", re.compile(r"\b(OPR|Opera)/")),
    ("Yandex Browser", re.compile(r"\bYaBrowser/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chromium", re.compile(r"\bChromium/")),
    ("Chrome", re.compile(r"\b(Headless)?Chrome/|\bCriOS/")),
    ("Safari", re.compile(r"\bSafari/")),
)
SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\b(Macintosh|Mac OS X)\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)


def device_words(agent: str) -> str:
    """Browser and system of a User-Agent line; "" when it names neither. A guess for people, never a proof."""
    named = (
        next((name for name, pattern in known if pattern.search(agent)), "") for known in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in named if name)
