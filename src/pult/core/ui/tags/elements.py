"""Buttons, badges, notices, empty states: the small things of a page."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pult.core.ui.attributes import html_attributes
from pult.core.ui.icons import icon_svg
from pult.core.ui.tags import register

TONE_ICONS = {
    "neutral": "info",
    "accent": "info",
    "good": "check-circle",
    "warn": "warning",
    "bad": "error",
    "rest": "rest",
}
TONES = tuple(TONE_ICONS)
KINDS = ("", "primary", "quiet", "danger", "destroy")


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """`{% icon "check" %}`; with `label` it is read aloud; `size="large"` for pictures."""
    return icon_svg(name, label=label, classes=size)


def face(label: str, icon: str, *, square: bool) -> SafeString:
    """What stands inside a button: its icon and its words (only heard when the button is square)."""
    picture = icon_svg(icon) if icon else ""
    if square:
        return format_html('{}<span class="visually-hidden">{}</span>', picture, label)
    return format_html("{}<span>{}</span>", picture, label)


def button_attributes(
    label: str, *, kind: str, size: str, square: bool, wide: bool, extra: dict[str, object]
) -> dict[str, object]:
    """The attributes that buttons and links in the shape of buttons share. Raises ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of button: {kind!r}")
    given = extra.pop("class", "")
    classes = " ".join(part for part in ("button", "square" * square, "wide" * wide, str(given)) if part)
    return {
        "class": classes,
        "data-kind": kind or None,
        "data-size": size or None,
        "title": label if square else None,
        **extra,
    }


@register.simple_tag
def button(
    label: str,
    *,
    icon: str = "",
    kind: str = "",
    size: str = "",
    square: bool = False,
    wide: bool = False,
    type: str = "submit",  # noqa: A002  (HTML's own name)
    **attributes: object,
) -> SafeString:
    """`{% button _("Start") kind="primary" icon="play" name="action" value="start" hx_post=url %}`."""
    shared = button_attributes(label, kind=kind, size=size, square=square, wide=wide, extra=attributes)
    return format_html(
        '<button type="{}"{}>{}</button>', type, html_attributes(shared), face(label, icon, square=square)
    )


@register.simple_tag
def link_button(
    label: str,
    url: str,
    *,
    icon: str = "",
    kind: str = "",
    size: str = "",
    square: bool = False,
    wide: bool = False,
    **attributes: object,
) -> SafeString:
    """`{% link_button _("Open") url icon="next" %}`: a link that looks like a button."""
    shared = button_attributes(label, kind=kind, size=size, square=square, wide=wide, extra=attributes)
    return format_html(
        '<a href="{}"{}>{}</a>', url, html_attributes(shared), face(label, icon, square=square)
    )


@register.simple_tag
def badge(
    label: str, *, tone: str = "neutral", icon: str = "", live: bool = False, plain: bool = False
) -> SafeString:
    """`{% badge _("Running") tone="accent" live=True %}`: a state in words, with a dot or an icon.

    `live` lets the dot breathe (something is going on); `plain` leaves the ground out, for long tables.
    """
    mark = icon_svg(icon) if icon else format_html('<span class="dot{}"></span>', " live" if live else "")
    return format_html(
        '<span class="badge{}" data-tone="{}">{}{}</span>', " plain" if plain else "", tone, mark, label
    )


@register.simple_block_tag
def notice(
    content: str, tone: str = "neutral", *, title: str = "", icon: str = "", **attributes: object
) -> SafeString:
    """`{% notice "warn" title=_("…") %}…{% endnotice %}`: something to know before going on."""
    heading = format_html('<p class="title">{}</p>', title) if title else ""
    return format_html(
        '<div class="notice" data-tone="{}"{}>{}<div class="body">{}{}</div></div>',
        tone,
        html_attributes({"role": "alert" if tone == "bad" else None, **attributes}),
        icon_svg(icon or TONE_ICONS[tone]),
        heading,
        content,
    )


@register.simple_block_tag
def empty_state(
    content: str, title: str, text: str = "", *, icon: str = "inbox", level: int = 2
) -> SafeString:
    """`{% empty_state title text icon="upload" %}buttons{% endempty_state %}`: nothing here, and what to do next."""
    return format_html(
        '<div class="empty-state"><span class="picture">{}</span><h{}>{}</h{}>{}<div class="actions">{}</div></div>',
        icon_svg(icon, classes="large"),
        level,
        title,
        level,
        format_html("<p>{}</p>", text) if text else "",
        content.strip() and content,
    )


@register.simple_tag
def copyable(text: str) -> SafeString:
    """`{% copyable link %}`: a line of text with a button that copies it."""
    return format_html(
        '<div class="copyable"><code dir="ltr" tabindex="0">{}</code>'
        '<button type="button" class="button" data-copy data-copied="{}">{}<span>{}</span></button></div>',
        text,
        _("Copied"),
        icon_svg("copy"),
        _("Copy"),
    )


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """`{% skeleton 4 %}`: grey lines that hold the place of what is being fetched."""
    bars = mark_safe("<span></span>" * lines)  # noqa: S308  (a constant)
    return format_html(
        '<div class="skeleton" role="status"><span class="visually-hidden">{}</span>{}</div>',
        _("Loading…"),
        bars,
    )


@register.simple_tag
def crumb(title: str, url: str = "") -> SafeString:
    """`{% crumb _("Checks") url %}` inside `{% block breadcrumbs %}`; without an address it is the present page."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, title)
    return format_html('<li aria-current="page"><span class="truncate">{}</span></li>', title)
