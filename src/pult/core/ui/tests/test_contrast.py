"""WCAG 2.2 contrast of the tokens in light and dark: 4.5 for words, 3 for marks and for the edges of controls.

OKLCH to linear sRGB after Björn Ottosson (https://bottosson.github.io/posts/oklab/); relative luminance and the ratio
after WCAG 2.2, "contrast ratio".
"""

import re
from math import cos, radians, sin
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[1] / "static" / "ui" / "css" / "tokens.css").read_text()
TOKEN = re.compile(r"--([\w-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)")
GROUNDS = ("paper", "surface", "raised", "sunken")
TONES = ("neutral", "good", "warn", "bad", "rest")

WORDS = [(ink, ground) for ink in ("ink", "ink-soft", "ink-faint", "accent-ink") for ground in GROUNDS]
WORDS += [
    (f"{tone}-ink", ground) for tone in TONES for ground in (f"{tone}-soft", "raised", "surface", "paper")
]
WORDS += [("accent-ink", "accent-soft"), ("on-accent", "accent"), ("on-accent", "accent-strong")]
WORDS += [("ink", f"{tone}-soft") for tone in TONES] + [("ink-faint", "neutral-soft")]
MARKS = [("line-strong", "raised"), ("line-strong", "surface"), ("focus", "surface"), ("focus", "paper")]
MARKS += [(tone, "raised") for tone in ("neutral", "good", "bad", "rest", "accent")]


def luminance(oklch: str) -> float:
    """Relative luminance of `L C h`, clipped to what a screen can show."""
    lightness, chroma, hue = map(float, oklch.split())
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(name: str, ground: str, theme: int) -> float:
    """Contrast of two tokens; theme 0 is light, 1 is dark."""
    colours = {found[0]: found[1:] for found in TOKEN.findall(TOKENS)}
    lighter, darker = sorted(
        (luminance(colours[name][theme]), luminance(colours[ground][theme])), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("name", "ground"), WORDS)
def test_words_can_be_read(name: str, ground: str, theme: int) -> None:
    assert ratio(name, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("name", "ground"), MARKS)
def test_marks_and_edges_can_be_seen(name: str, ground: str, theme: int) -> None:
    assert ratio(name, ground, theme) >= 3
