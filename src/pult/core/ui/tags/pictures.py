"""Numbers with a picture: progress, shares, totals with a spark line, grids of blocks. All drawn by the server."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.ui.attributes import html_attributes
from pult.core.ui.numbers import grouped, in_words, share
from pult.core.ui.tags import register

DENSE_FROM = 400
"""From this many blocks on the cells of a grid get smaller."""


def part(item: Any, name: str, default: Any = "") -> Any:
    """A value of a mapping or an object: callers hand over whichever they have."""
    if isinstance(item, Mapping):
        return item.get(name, default)
    return getattr(item, name, default)


@register.inclusion_tag("ui/progress.html")
def progress(
    done: int,
    total: int | None = None,
    *,
    label: str,
    rate: float | None = None,
    left: timedelta | float | None = None,
    unit: str = "",
    tone: str = "",
    note: str = "",
    id: str = "",  # noqa: A002  (HTML's own name)
) -> dict[str, object]:
    """`{% progress done total label=_("Checked") rate=12.5 left=seconds unit=_("numbers") %}`.

    `rate` is units per second, `left` seconds or a timedelta; without `total` the bar only says that something moves.
    """
    if total is None:
        words = grouped(done)
    else:
        words = _("%(done)s of %(total)s") % {"done": grouped(done), "total": grouped(total)}
    return {
        "done": done,
        "total": total,
        "label": label,
        "share": share(done, total) if total else "",
        "words": f"{words} {unit}".strip(),
        "rate": None if rate is None else grouped(rate, 0 if rate >= 10 else 1),
        "left": None if left is None else in_words(left),
        "tone": tone,
        "note": note,
        "id": id,
    }


@register.inclusion_tag("ui/proportion.html")
def proportion(segments: Iterable[Any], *, label: str) -> dict[str, object]:
    """`{% proportion segments label=_("Verdicts") %}`: one bar of several shares with its legend.

    A segment has `label`, `count`, `tone` and perhaps `url` (keys or attributes).
    """
    rows = [{name: part(segment, name) for name in ("label", "count", "tone", "url")} for segment in segments]
    total = sum(row["count"] for row in rows)
    start = 0.0
    for row in rows:
        row["width"] = 1000 * row["count"] / total if total else 0
        row["start"], start = start, start + row["width"]
        row["share"] = share(row["count"], total)
    said = ", ".join(f"{row['label']}: {grouped(row['count'])}" for row in rows)
    return {"rows": rows, "said": f"{label}. {said}"}


@register.simple_tag
def sparkline(series: Sequence[float], label: str = "", tone: str = "") -> SafeString | str:
    """`{% sparkline series _("Numbers per minute") %}`: a line of at most some hundred values, oldest first."""
    if len(series) < 2:
        return ""
    width, height, edge = 88, 28, 3
    lowest, highest = min(0, *series), max(series)
    spread = (highest - lowest) or 1
    steps = len(series) - 1
    points = [
        (
            edge + (width - 2 * edge) * place / steps,
            height - edge - (height - 2 * edge) * (value - lowest) / spread,
        )
        for place, value in enumerate(series)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{height} {line} {points[-1][0]:.1f},{height}"
    last_x, last_y = (f"{place:.1f}" for place in points[-1])
    said = _("%(label)s: lowest %(lowest)s, highest %(highest)s, latest %(latest)s") % {
        "label": label,
        "lowest": grouped(min(series)),
        "highest": grouped(highest),
        "latest": grouped(series[-1]),
    }
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" role="img" aria-label="{}"{}>'
        '<polygon class="area" points="{}"/><polyline class="line" points="{}"/>'
        '<circle class="last" cx="{}" cy="{}" r="2.2"/></svg>',
        *(width, height, said, html_attributes({"data-tone": tone or None}), area, line, last_x, last_y),
    )


@register.inclusion_tag("ui/stat.html")
def stat(
    label: str,
    value: object,
    *,
    unit: str = "",
    series: Sequence[float] = (),
    note: str = "",
    url: str = "",
    tone: str = "",
) -> dict[str, object]:
    """`{% stat _("Found") 1234 unit=_("numbers") series=per_minute note=… url=… tone="good" %}` inside `.stats`."""
    shown = grouped(value) if isinstance(value, int | float) else value
    return {
        "label": label,
        "value": shown,
        "unit": unit,
        "series": series,
        "note": note,
        "url": url,
        "tone": tone,
    }


@register.simple_tag
def block_grid(blocks: Iterable[Any], label: str) -> SafeString:
    """`{% block_grid blocks _("Blocks") %}`: a cell for each block; thousands are fine.

    A block has `tone`, `label` (its state in words, counted in the legend), `title` (shown on hover) and perhaps
    `url` and `live` (keys or attributes).
    """
    counts: Counter[tuple[str, str]] = Counter()
    cells = []
    for block in blocks:
        tone, words, url = part(block, "tone"), str(part(block, "label")), part(block, "url")
        title = part(block, "title") or words
        live = " live" if part(block, "live", default=False) else ""
        counts[tone, words] += 1
        if url:
            cells.append(
                format_html('<a class="cell{}" href="{}" data-tone="{}" title="{}" aria-label="{}"></a>',
                            live, url, tone, title, title)
            )  # fmt: skip
        else:
            cells.append(
                format_html('<span class="cell{}" data-tone="{}" title="{}"></span>', live, tone, title)
            )
    legend = format_html_join(
        "",
        '<li data-tone="{}"><span class="swatch"></span>{} <b>{}</b></li>',
        ((tone, words, grouped(count)) for (tone, words), count in counts.items()),
    )
    return format_html(
        '<div class="block-grid"><div class="block-cells{}" role="group" aria-label="{}">{}</div>'
        '<ul class="legend">{}</ul></div>',
        " dense" if len(cells) > DENSE_FROM else "",
        label,
        format_html_join("", "{}", ((cell,) for cell in cells)),
        legend,
    )
