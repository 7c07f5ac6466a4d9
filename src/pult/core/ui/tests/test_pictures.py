"""Pictures of numbers: what is drawn is also said, and the drawing stays inside its frame."""

import re
from xml.etree import ElementTree

from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from pult.core.ui.tags.pictures import DENSE_FROM, block_grid, sparkline


def drawn(source: str, **values: object) -> str:
    """The template `source` drawn with `values`."""
    return Template("{% load ui %}" + source).render(Context(values))


def test_progress_tells_count_rate_and_time_left() -> None:
    html = drawn('{% progress 21480 50000 label="Checked" rate=38.2 left=747 unit="numbers" id="bar" %}')
    words = " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())
    assert words == "43% 21,480 of 50,000 numbers 38 per second about 12 min 27 s left"
    assert '<progress id="bar" aria-label="Checked" value="21480" max="50000">' in html


def test_progress_of_unknown_length_has_no_value() -> None:
    html = drawn('{% progress 120 label="Upload" %}')
    assert "value=" not in html
    assert "max=" not in html


def test_a_grid_of_blocks_counts_its_states_in_words() -> None:
    blocks = [{"tone": "good", "label": "done", "title": f"Block {n}"} for n in range(3)]
    blocks.append({"tone": "bad", "label": "failed", "title": "Block 4"})
    html = block_grid(blocks, "Blocks")
    assert html.count('class="cell"') == 4
    assert "done <b>3</b>" in html
    assert "failed <b>1</b>" in html
    assert 'title="Block 4"' in html


def test_thousands_of_blocks_get_small_cells() -> None:
    block = {"tone": "good", "label": "done"}
    assert "dense" not in block_grid([block] * DENSE_FROM, "Blocks")
    assert "dense" in block_grid([block] * (DENSE_FROM + 1), "Blocks")


def test_shares_fill_the_bar_and_speak() -> None:
    segments = [
        {"label": "Found", "count": 1, "tone": "good"},
        {"label": "Not found", "count": 3, "tone": "neutral"},
    ]
    html = drawn('{% proportion segments label="Verdicts" %}', segments=segments)
    assert 'aria-label="Verdicts. Found: 1, Not found: 3"' in html
    assert 'x="0.00" width="250.00"' in html
    assert 'x="250.00" width="750.00"' in html


def test_shares_of_nothing_are_drawn_too() -> None:
    assert 'width="0.00"' in drawn(
        '{% proportion s label="V" %}', s=[{"label": "a", "count": 0, "tone": "good"}]
    )


def test_a_spark_line_needs_two_points() -> None:
    assert sparkline([], "x") == sparkline([3], "x") == ""


@given(st.lists(st.integers(min_value=-(10**6), max_value=10**6), min_size=2, max_size=60))
def test_a_spark_line_stays_in_its_frame(series: list[int]) -> None:
    svg = ElementTree.fromstring(sparkline(series, "Calls"))  # noqa: S314  (drawn a line above)
    line = svg.find("polyline")
    assert line is not None
    for point in line.attrib["points"].split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= 88
        assert 0 <= y <= 28
    assert svg.attrib["aria-label"].startswith("Calls: lowest ")
