"""Charts: bars with a line over them, drawn by the server, coloured by the theme, told in words to screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pult.core.ui.numbers import grouped
from pult.core.ui.tags import register
from pult.core.ui.tags.pictures import part

STEP, GAP, HEIGHT, MARK = 10, 2, 100, 4
"""Units of the drawing: it is stretched to the width of its place, so only heights are seen as they are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `done` of `total`, where the line stands above it, whether it is marked, and what is said on hover."""

    total: float
    done: float
    level: float | None = None
    marked: bool = False
    title: str = ""


@register.simple_tag
def bar_chart(
    bars: Sequence[Any],
    label: str,
    *,
    done: str,
    open: str,  # noqa: A002  (the word of the legend)
    level: str = "",
    mark: str = "",
    first: SafeString | str = "",
    last: SafeString | str = "",
) -> SafeString | str:
    """`{% bar_chart bars label done=_("Answered") open=_("Unanswered") level=_("At once") mark=_("Wait") %}`.

    A bar has `total`, `done` and perhaps `level`, `marked`, `title` (keys or attributes), oldest first; `first` and
    `last` stand under the ends. The picture is one image to a screen reader: give its numbers in a table, too.
    """
    rows = [Bar(*(part(bar, name, default) for name, default in _PARTS)) for bar in bars]
    if not rows:
        return ""
    top = max([1.0, *(row.total for row in rows), *(row.level or 0 for row in rows)])
    legend = [(name, words) for name, words in
              (("done", done), ("open", open), ("mark", mark), ("level", level)) if words]  # fmt: skip
    return format_html(
        '<figure class="chart"><div class="plot">'
        '<div class="scale" aria-hidden="true"><span>{}</span><span>0</span></div>'
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg></div>'
        '<div class="ends" aria-hidden="true"><span>{}</span><span>{}</span></div>'
        '<ul class="legend" aria-hidden="true">{}</ul></figure>',
        *(grouped(top, 0), len(rows) * STEP, HEIGHT, label),
        format_html_join("", "{}", ((_drawn(row, place, top),) for place, row in enumerate(rows))),
        _line(rows, top),
        *(first, last),
        format_html_join("", '<li><span class="swatch" data-part="{}"></span>{}</li>', legend),
    )


_PARTS = (("total", 0), ("done", 0), ("level", None), ("marked", False), ("title", ""))


def _drawn(row: Bar, place: int, top: float) -> SafeString:
    x, width = place * STEP + GAP / 2, STEP - GAP
    whole, answered = (HEIGHT * share / top for share in (row.total, row.done))
    parts = [("open", HEIGHT - whole, whole - answered), ("done", HEIGHT - answered, answered)]
    if row.marked:
        parts = [("marked", HEIGHT - max(whole, MARK), max(whole, MARK)), parts[1]]
    return format_html(
        "<g><title>{}</title>{}</g>",
        row.title,
        format_html_join(
            "",
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
            ((name, x, f"{y:.2f}", width, f"{high:.2f}") for name, y, high in parts if high > 0),
        ),
    )


def _line(rows: Sequence[Bar], top: float) -> SafeString | str:
    """Steps, not slopes: the level changes from one bar to the next."""
    if all(row.level is None for row in rows):
        return ""
    points = []
    for place, row in enumerate(rows):
        y = HEIGHT - HEIGHT * (row.level or 0) / top
        points += [f"{place * STEP},{y:.2f}", f"{(place + 1) * STEP},{y:.2f}"]
    return format_html('<polyline class="level" points="{}"/>', mark_safe(" ".join(points)))  # noqa: S308  (numbers)
