"""Charts: what is drawn stays inside its frame, and is said in words."""

import re
from xml.etree import ElementTree

from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from pult.core.ui.tags.charts import HEIGHT, STEP, Bar, bar_chart

bars = st.lists(
    st.builds(
        lambda total, share, level, marked: Bar(total, total * share, level, marked, "one <call>"),
        st.integers(0, 10**6),
        st.floats(0, 1),
        st.none() | st.integers(0, 10**6),
        st.booleans(),
    ),
    min_size=1,
    max_size=80,
)


def drawn(rows: list[Bar]) -> str:
    return str(
        bar_chart(rows, "80 calls", done="Answered", open="Open", level="At once", mark="Wait", first="1 May")
    )


@given(bars)
def test_bars_and_line_stay_in_their_frame(rows: list[Bar]) -> None:
    svg = ElementTree.fromstring(re.search(r"<svg.*</svg>", drawn(rows), re.DOTALL)[0])  # type: ignore[index]  # noqa: S314
    width = len(rows) * STEP
    assert svg.attrib["viewBox"] == f"0 0 {width} {HEIGHT}"
    for rect in svg.iter("rect"):
        x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0 and x + wide <= width
        assert y >= -0.01 and y + high <= HEIGHT + 0.01
    for line in svg.iter("polyline"):
        for point in line.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width and -0.01 <= y <= HEIGHT + 0.01


def test_nothing_is_drawn_of_nothing() -> None:
    assert drawn([]) == ""


def test_it_is_one_picture_with_a_legend_and_its_ends() -> None:
    html = drawn([Bar(10, 4, 12, marked=False, title="4 of 10"), Bar(10, 0, 6, marked=True)])
    assert 'role="img" aria-label="80 calls"' in html
    assert "<title>4 of 10</title>" in html
    words = strip_tags(html)
    assert all(word in words for word in ("Answered", "Open", "At once", "Wait", "1 May", "12"))
    assert html.count('class="marked"') == 1 and html.count('class="open"') == 1


def test_a_chart_without_levels_has_no_line() -> None:
    assert "polyline" not in drawn([Bar(10, 4)])
