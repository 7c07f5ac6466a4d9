"""The style sheets and scripts of every page. No build step: small files, one for each component."""

from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from pult.core.ui.tags import register

STYLES = (
    "tokens",
    "base",
    "layout",
    "shell",
    "plain",
    "brand",
    "navigation",
    "page-header",
    "button",
    "field",
    "form",
    "table",
    "badge",
    "progress",
    "stat",
    "chart",
    "card",
    "notice",
    "dialog",
    "menu",
    "theme",
    "toast",
    "tabs",
    "empty-state",
    "steps",
    "pagination",
    "log",
    "block-grid",
    "code",
    "skeleton",
)

SCRIPTS = (
    "theme",
    "dialogs",
    "menus",
    "toasts",
    "relative-time",
    "keep-form",
    "submit-once",
    "drop-file",
    "copy",
    "live",
    "search",
    "keep-focus",
    "tabs",
)


@register.simple_tag
def styles() -> SafeString:
    """The links to all style sheets; `tokens` comes first because it fixes the order of the layers."""
    return format_html_join(
        "\n  ", '<link rel="stylesheet" href="{}">', ((static(f"ui/css/{name}.css"),) for name in STYLES)
    )


@register.simple_tag
def scripts() -> SafeString:
    """The script tags of all modules; none of them is needed to use a page."""
    return format_html_join(
        "\n  ",
        '<script type="module" src="{}"></script>',
        ((static(f"ui/js/{name}.js"),) for name in SCRIPTS),
    )
