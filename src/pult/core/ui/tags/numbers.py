"""Filters for numbers and lengths of time; the tag for moments."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pult.core.ui.attributes import html_attributes
from pult.core.ui.numbers import NOTHING, briefly, exactly, from_now, grouped, in_words, share, unit_names
from pult.core.ui.tags import register


@register.filter
def number(value: float | None, decimals: int | None = None) -> str:
    """`{{ 1234567|number }}`: 1,234,567 or 1 234 567 by language."""
    return grouped(value, decimals)


@register.filter
def percent(part: float | None, whole: float = 1) -> str:
    """`{{ found|percent:total }}` or `{{ 0.42|percent }}`: 42%."""
    return share(part, whole)


@register.filter
def duration(length: timedelta | float | None) -> str:
    """`{{ seconds|duration }}`: 2 min 5 s; takes seconds or a timedelta."""
    return in_words(length)


@register.simple_tag
def moment(when: datetime | None, show: str = "relative") -> SafeString | str:
    """`{% moment check.created_at %}`: "5 minutes ago", the exact time on hover, kept fresh by a script.

    `show`: "relative", "brief" (21 November, 14:05), "clock" (14:05:09), "countdown" (2 min 5 s until then).
    """
    if not when:
        return NOTHING
    now = timezone.now()
    words = {
        "relative": lambda: from_now(when, now),
        "brief": lambda: briefly(when),
        "clock": lambda: f"{timezone.localtime(when):%H:%M:%S}",
        "countdown": lambda: in_words(max(timedelta(), when - now)),
    }[show]()
    return format_html(
        '<time datetime="{}" data-moment="{}" title="{}"{}>{}</time>',
        when.isoformat(),
        show,
        exactly(when),
        html_attributes({"data-units": " ".join(unit_names()) if show == "countdown" else None}),
        words,
    )
