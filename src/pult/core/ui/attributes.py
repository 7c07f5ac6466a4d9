"""HTML attributes from keyword arguments of template tags."""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def html_attributes(attributes: Mapping[str, object]) -> SafeString:
    """`{"hx_get": "/a", "disabled": True, "title": None}` becomes ` hx-get="/a" disabled`; values are escaped.

    Underscores in names stand for hyphens; True gives a bare attribute; None and False leave it out.
    """
    parts = [
        format_html(" {}", name.replace("_", "-"))
        if value is True
        else format_html(' {}="{}"', name.replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None and value is not False
    ]
    return format_html_join("", "{}", ((part,) for part in parts))
