"""Pult's own small set of icons: strokes on a 20 × 20 grid, coloured by the text around them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "account": '<circle cx="8" cy="7" r="3"/><path d="M2.5 16.5c.4-3 2.7-4.5 5.5-4.5 1 0 1.9.2 2.7.6'
    'M12.5 15l1.8 1.8 3.2-3.6"/>',
    "activity": '<path d="M2 10h3.5l2.5-6.5 4 13 2.5-6.5H18"/>',
    "arrow-down": '<path d="M10 4v12M5 11l5 5 5-5"/>',
    "arrow-up": '<path d="M10 16V4M5 9l5-5 5 5"/>',
    "back": '<path d="M16 10H4M9 5l-5 5 5 5"/>',
    "bell": '<path d="M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13zM8.5 17.5h3"/>',
    "block": '<rect x="3" y="3" width="6" height="6" rx="1.5"/><rect x="11" y="3" width="6" height="6" rx="1.5"/>'
    '<rect x="3" y="11" width="6" height="6" rx="1.5"/><path d="M14 11.5v5M11.5 14h5"/>',
    "bug": '<path d="M6.5 8a3.5 3.5 0 0 1 7 0v4a3.5 3.5 0 0 1-7 0zM6.5 10.5H3M17 10.5h-3.5M7 6L5 4M13 6l2-2'
    'M7 13.5L4.5 16M13 13.5l2.5 2.5"/>',
    "calendar": '<rect x="3" y="4" width="14" height="13" rx="2"/><path d="M3 8.5h14M7 2.5v3M13 2.5v3"/>',
    "chart": '<path d="M3 3v14h14M7 13v-3M11 13V6M15 13V8.5"/>',
    "check": '<path d="M4 10.5l4 4 8-9"/>',
    "check-circle": '<circle cx="10" cy="10" r="7.5"/><path d="M6.5 10.3l2.5 2.5 4.5-5.3"/>',
    "chevron-down": '<path d="M5.5 8l4.5 4.5L14.5 8"/>',
    "chevron-next": '<path d="M8 5.5l4.5 4.5L8 14.5"/>',
    "chevron-previous": '<path d="M12 5.5L7.5 10l4.5 4.5"/>',
    "clock": '<circle cx="10" cy="10" r="7.5"/><path d="M10 5.5V10l3 2"/>',
    "close": '<path d="M5 5l10 10M15 5L5 15"/>',
    "code": '<path d="M7 5.5L2.5 10 7 14.5M13 5.5l4.5 4.5-4.5 4.5"/>',
    "copy": '<rect x="7" y="7" width="10" height="10" rx="2"/><path d="M13 7V5a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v6'
    'a2 2 0 0 0 2 2h2"/>',
    "dot": '<circle class="solid" cx="10" cy="10" r="3.5"/>',
    "download": '<path d="M10 3v9.5M6 9l4 4 4-4M3 16.5h14"/>',
    "edit": '<path d="M4 16l.8-3.6L13 4.2a1.7 1.7 0 0 1 2.8 2.8l-8.2 8.2zM11.5 5.7l2.8 2.8"/>',
    "error": '<path d="M6.9 2.5h6.2l4.4 4.4v6.2l-4.4 4.4H6.9l-4.4-4.4V6.9zM10 6v4.8M10 13.7v.1"/>',
    "external": '<path d="M8 4H5a2 2 0 0 0-2 2v9a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-3M11.5 3H17v5.5M17 3l-8 8"/>',
    "eye": '<path d="M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10z"/><circle cx="10" cy="10" r="2.3"/>',
    "eye-off": '<path d="M4.5 6.2C2.9 7.7 2 10 2 10s3 5.5 8 5.5c1.3 0 2.5-.4 3.5-.9M8 4.7c.6-.1 1.3-.2 2-.2 5 0 8 '
    '5.5 8 5.5s-.7 1.3-2 2.7M3 3l14 14"/>',
    "file": '<path d="M11.5 2.5H6a2 2 0 0 0-2 2v11a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2V7zM11.5 2.5V7H16"/>',
    "filter": '<path d="M3 5.5h14M5.5 10h9M8 14.5h4"/>',
    "flag": '<path d="M4.5 17.5V3.5c3-2 6 2 9.5 0 .6-.3 1.5 0 1.5.8V11c-3.5 2-7-1.8-11 .3"/>',
    "flask": '<path d="M7 2.5h6M8 2.5V8l-4.3 7a1.7 1.7 0 0 0 1.5 2.5h9.6a1.7 1.7 0 0 0 1.5-2.5L12 8V2.5'
    'M6.3 12h7.4"/>',
    "globe": '<circle cx="10" cy="10" r="7.5"/><path d="M2.5 10h15M10 2.5c2.3 2 3.3 4.6 3.3 7.5s-1 5.5-3.3 7.5'
    'c-2.3-2-3.3-4.6-3.3-7.5s1-5.5 3.3-7.5z"/>',
    "home": '<path d="M3 9.5L10 3.5l7 6V15a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM8 17v-5h4v5"/>',
    "inbox": '<path d="M3 11.5L5.3 4.8A2 2 0 0 1 7.2 3.5h5.6a2 2 0 0 1 1.9 1.3L17 11.5V15a2 2 0 0 1-2 2H5'
    'a2 2 0 0 1-2-2zM3 11.5h4l1 2h4l1-2h4"/>',
    "info": '<circle cx="10" cy="10" r="7.5"/><path d="M10 9.2v4.6M10 6.3v.1"/>',
    "key": '<circle cx="6.5" cy="13.5" r="3.5"/><path d="M9 11l7-7M13 7l2.5 2.5M11 9l1.5 1.5"/>',
    "link": '<path d="M8.5 11.5a3.2 3.2 0 0 0 4.7.3l2.6-2.6a3.3 3.3 0 0 0-4.7-4.7L9.7 5.9M11.5 8.5a3.2 3.2 0 0 0'
    '-4.7-.3l-2.6 2.6a3.3 3.3 0 0 0 4.7 4.7l1.4-1.4"/>',
    "list": '<path d="M7 5h10M7 10h10M7 15h10M3 5h.1M3 10h.1M3 15h.1"/>',
    "lock": '<rect x="4" y="9" width="12" height="8" rx="2"/><path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M10 12.5v1.5"/>',
    "log": '<path d="M4 4.5h.1M4 10h.1M4 15.5h.1M7.5 4.5H16M7.5 10h6M7.5 15.5h7.5"/>',
    "mail": '<rect x="2.5" y="4" width="15" height="12" rx="2"/><path d="M3 5.5l7 5.5 7-5.5"/>',
    "menu": '<path d="M3 6h14M3 10h14M3 14h14"/>',
    "minus": '<path d="M4 10h12"/>',
    "monitor": '<rect x="2.5" y="3.5" width="15" height="10" rx="2"/><path d="M7 17h6M10 13.5V17"/>',
    "moon": '<path d="M16.8 11.7A7 7 0 0 1 8.3 3.2a7 7 0 1 0 8.5 8.5z"/>',
    "more": '<circle class="solid" cx="4.5" cy="10" r="1.4"/><circle class="solid" cx="10" cy="10" r="1.4"/>'
    '<circle class="solid" cx="15.5" cy="10" r="1.4"/>',
    "next": '<path d="M4 10h12M11 5l5 5-5 5"/>',
    "number": '<path d="M7.5 3L6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5"/>',
    "pause": '<path d="M7 4.5v11M13 4.5v11"/>',
    "people": '<circle cx="7.5" cy="7" r="3"/><path d="M2 16.5c.3-3 2.5-4.5 5.5-4.5s5.2 1.5 5.5 4.5M13 4.2a3 3 0 0 1 0 '
    '5.6M15 12.4c1.7.6 2.8 2 3 4.1"/>',
    "person": '<circle cx="10" cy="6.5" r="3.5"/><path d="M3.5 17c.5-3.5 3-5 6.5-5s6 1.5 6.5 5"/>',
    "phone": '<rect x="5.5" y="2.5" width="9" height="15" rx="2"/><path d="M9 15h2"/>',
    "play": '<path d="M6.5 4.2v11.6a.6.6 0 0 0 .9.5l9-5.8a.6.6 0 0 0 0-1l-9-5.8a.6.6 0 0 0-.9.5z"/>',
    "plug": '<path d="M7 2.5v4M13 2.5v4M5 6.5h10v3a5 5 0 0 1-10 0zM10 14.5v3"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "qr": '<rect x="3" y="3" width="5" height="5" rx="1"/><rect x="12" y="3" width="5" height="5" rx="1"/>'
    '<rect x="3" y="12" width="5" height="5" rx="1"/><path d="M12 12h2v2M17 12v.1M12 17v-.1M15 17h2v-2"/>',
    "question": '<circle cx="10" cy="10" r="7.5"/><path d="M7.8 7.8A2.3 2.3 0 0 1 10 6c1.3 0 2.3.8 2.3 2 0 1.6-2.3 '
    '1.8-2.3 3.4M10 14v.1"/>',
    "rest": '<path d="M3.5 8.5h10V12a4.5 4.5 0 0 1-4.5 4.5h-1A4.5 4.5 0 0 1 3.5 12zM13.5 9.5H15a2 2 0 0 1 0 4h-1.8'
    'M7 3v2M10.5 3v2"/>',
    "retry": '<path d="M16.5 10a6.5 6.5 0 1 1-2-4.7M16.5 2.5v3.5H13"/>',
    "running": '<path d="M10 2.5a7.5 7.5 0 1 1-7.5 7.5"/>',
    "search": '<circle cx="9" cy="9" r="5.5"/><path d="M13 13l4 4"/>',
    "settings": '<path d="M3 5.5h6M13 5.5h4M3 14.5h3M10 14.5h7"/><circle cx="11" cy="5.5" r="2"/>'
    '<circle cx="8" cy="14.5" r="2"/>',
    "shield": '<path d="M10 2.5l6.5 2.3v4.7c0 4-2.7 6.7-6.5 8-3.8-1.3-6.5-4-6.5-8V4.8zM7 9.8l2.2 2.2L13 7.8"/>',
    "sign-out": '<path d="M8 3.5H5a2 2 0 0 0-2 2v9a2 2 0 0 0 2 2h3M8 10h9M13.5 6.5L17 10l-3.5 3.5"/>',
    "sort": '<path d="M6.5 8L10 4.5 13.5 8M6.5 12l3.5 3.5 3.5-3.5"/>',
    "stop": '<rect x="4.5" y="4.5" width="11" height="11" rx="2"/>',
    "sun": '<circle cx="10" cy="10" r="3.5"/><path d="M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1'
    'M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1"/>',
    "table": '<rect x="2.5" y="3.5" width="15" height="13" rx="2"/><path d="M2.5 8h15M2.5 12.2h15M8 8v8.5"/>',
    "telegram": '<path d="M17.5 3.5L2.5 9.3l4.8 1.9M17.5 3.5l-2.7 13-7.5-5.3M17.5 3.5L7.3 11.2v5l2.6-3"/>',
    "text": '<path d="M3 5h14M3 10h14M3 15h8"/>',
    "trash": '<path d="M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 10.2A2 2 0 0 0 7.8 17.5h4.4a2 2 0 0 0 2-1.8L15 5.5'
    'M8.5 9v5M11.5 9v5"/>',
    "upload": '<path d="M10 13V3.5M6 7l4-4 4 4M3 16.5h14"/>',
    "verified": '<path d="M10 2l2.2 1.7 2.8-.1.7 2.7 2.3 1.6-1 2.6 1 2.6-2.3 1.6-.7 2.7-2.8-.1L10 19l-2.2-1.7-2.8.1'
    '-.7-2.7L2 13.1l1-2.6-1-2.6 2.3-1.6.7-2.7 2.8.1zM7 10.5l2.2 2.2L13.2 8.5"/>',
    "warning": '<path d="M8.7 3.5L2.3 14.7A1.5 1.5 0 0 0 3.6 17h12.8a1.5 1.5 0 0 0 1.3-2.3L11.3 3.5a1.5 1.5 0 0 0'
    '-2.6 0zM10 8v3.5M10 14v.1"/>',
}

# These point along the line of reading and turn round in a right-to-left page.
TURNING = frozenset(
    {"back", "next", "chevron-next", "chevron-previous", "list", "log", "text", "sign-out", "external"}
)


def icon_svg(name: str, *, label: str = "", classes: str = "") -> SafeString:
    """The icon `name` as inline SVG; with `label` it speaks for itself, without it screen readers skip it.

    Raises KeyError for a name that is not drawn: a missing icon is a mistake of the page, never a blank.
    """
    drawing = mark_safe(ICONS[name])  # noqa: S308  (constants of this file)
    words = " ".join(part for part in ("icon", "turns" if name in TURNING else "", classes) if part)
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 20 20" role="img" aria-label="{}">{}</svg>', words, label, drawing
        )
    return format_html('<svg class="{}" viewBox="0 0 20 20" aria-hidden="true">{}</svg>', words, drawing)
