"""Fields of Django forms."""

from django.conf import settings
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pult.core.ui.tags import register


@register.simple_tag
def field(bound: BoundField, *, prefix: str = "") -> SafeString:
    """`{% field form.phone %}`: label, control, help and errors, tied together; `prefix` stands before the control."""
    return render_to_string("ui/form/field.html", {"field": bound, "prefix": prefix})


@register.inclusion_tag("ui/form/drop_file.html")
def drop_file(bound: BoundField, *, text: str, accept: str = "") -> dict[str, object]:
    """`{% drop_file form.file text=_("CSV, TXT or XLSX") accept=".csv,.txt,.xlsx" %}`: an upload zone.

    A native file input in a label: works by click, keyboard and drop, and without scripts.
    """
    limit = getattr(settings, "PULT_UPLOAD_LIMIT", None)
    return {
        "field": bound,
        "text": text,
        "accept": accept,
        "megabytes": limit // 2**20 if limit else None,
    }
