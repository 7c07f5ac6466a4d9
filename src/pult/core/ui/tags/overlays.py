"""Dialogs and menus: native <dialog> and <details>, so that they work before any script has loaded."""

from hashlib import sha256

from django.middleware.csrf import get_token
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pult.core.ui.attributes import html_attributes
from pult.core.ui.icons import icon_svg
from pult.core.ui.tags import register
from pult.core.ui.tags.elements import button, face


@register.simple_block_tag
def dialog(content: str, name: str, title: str, *, wide: bool = False) -> SafeString:
    """`{% dialog "new-key" title %}…{% enddialog %}`; opened by `{% open_dialog "new-key" label %}`."""
    return format_html(
        '<dialog class="dialog{}" id="{}" aria-labelledby="{}-title" closedby="any"><div class="dialog-head">'
        '<h2 id="{}-title">{}</h2>{}</div><div class="dialog-body">{}</div></dialog>',
        " wide" if wide else "",
        name,
        name,
        name,
        title,
        button(_("Close"), icon="close", kind="quiet", size="small", square=True, type="button",
               command="close", commandfor=name),
        content,
    )  # fmt: skip


@register.simple_tag
def open_dialog(name: str, label: str, **options: object) -> SafeString:
    """`{% open_dialog "new-key" _("Add") icon="plus" kind="primary" %}`: a button that opens that dialog."""
    return button(label, type="button", command="show-modal", commandfor=name, **options)  # type: ignore[arg-type]


@register.simple_tag
def close_dialog(name: str, label: str = "") -> SafeString:
    """`{% close_dialog "new-key" %}`: a quiet button that closes the dialog and changes nothing."""
    return button(label or _("Cancel"), kind="quiet", type="button", command="close", commandfor=name)


@register.simple_block_tag(takes_context=True)
def confirm_button(
    context: Context,
    content: str,
    label: str,
    action: str,
    *,
    title: str,
    confirm: str = "",
    name: str = "",
    value: str = "",
    **options: object,
) -> SafeString:
    """`{% confirm_button _("Delete") url title=_("Delete this?") %}what will happen{% endconfirm_button %}`.

    A button and its dialog; only the button inside the dialog posts to `action` (with `name=value` if given).
    """
    identity = "confirm-" + sha256(f"{action} {name} {value}".encode()).hexdigest()[:10]
    hidden = format_html('<input type="hidden" name="{}" value="{}">', name, value) if name else ""
    options = {"kind": "danger", **options}
    form = format_html(
        '<div>{}</div><form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<div class="form-actions">{}{}</div></form>',
        content,
        action,
        get_token(context["request"]),
        hidden,
        close_dialog(identity),
        button(confirm or label, kind="destroy"),
    )
    return format_html("{}{}", open_dialog(identity, label, **options), dialog(form, identity, title))


@register.simple_block_tag
def menu(
    content: str,
    label: str,
    *,
    icon: str = "more",
    square: bool = True,
    kind: str = "quiet",
    size: str = "",
    placement: str = "",
) -> SafeString:
    """`{% menu _("More") %}{% menu_link … %}{% endmenu %}`; `placement` "start" and "up" change where it opens."""
    shape = {"data-kind": kind or None, "data-size": size or None, "title": label if square else None}
    return format_html(
        '<details class="menu {}"><summary class="button{}"{}>{}</summary><div class="menu-panel">{}</div></details>',
        placement,
        " square" if square else "",
        html_attributes(shape),
        face(label, icon, square=square),
        content,
    )


@register.simple_tag
def menu_link(label: str, url: str, *, icon: str = "", **attributes: object) -> SafeString:
    """`{% menu_link _("Export as CSV") url icon="download" %}`."""
    picture = icon_svg(icon) if icon else ""
    return format_html(
        '<a class="menu-item" href="{}"{}>{}{}</a>', url, html_attributes(attributes), picture, label
    )


@register.simple_tag(takes_context=True)
def menu_post(
    context: Context,
    label: str,
    action: str,
    *,
    icon: str = "",
    kind: str = "",
    name: str = "",
    value: str = "",
) -> SafeString:
    """`{% menu_post _("Pause") url icon="pause" %}`: an entry that changes something (a POST form of its own)."""
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button class="menu-item"{}>{}{}</button></form>',
        action,
        get_token(context["request"]),
        html_attributes({"name": name or None, "value": value if name else None, "data-kind": kind or None}),
        icon_svg(icon) if icon else "",
        label,
    )
