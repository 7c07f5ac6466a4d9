"""What is wrong with a value, in the reader's language; pydantic names faults by type."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TYPES: dict[str, Promise] = {
    "missing": gettext_lazy("This value is needed."),
    "extra_forbidden": gettext_lazy("There is no value of this name here."),
    "string_type": gettext_lazy("This must be a text."),
    "string_unicode": gettext_lazy("This text is not valid Unicode."),
    "string_pattern_mismatch": gettext_lazy("This text does not have the right form."),
    "int_type": gettext_lazy("This must be a whole number."),
    "int_parsing": gettext_lazy("This must be a whole number."),
    "int_parsing_size": gettext_lazy("This number is too large."),
    "int_from_float": gettext_lazy("This must be a whole number."),
    "bool_type": gettext_lazy("This must be true or false."),
    "bool_parsing": gettext_lazy("This must be true or false."),
    "list_type": gettext_lazy("This must be a list."),
    "dict_type": gettext_lazy("This must be an object."),
    "model_type": gettext_lazy("This must be an object."),
    "model_attributes_type": gettext_lazy("This must be an object."),
    "none_required": gettext_lazy("This must be null or left out."),
}
WITH_LIMIT: dict[str, tuple[str, Callable[[], str]]] = {
    "string_too_short": ("min_length", lambda: _("At least %(limit)s characters are needed.")),
    "string_too_long": ("max_length", lambda: _("At most %(limit)s characters are allowed.")),
    "too_short": ("min_length", lambda: _("At least %(limit)s items are needed.")),
    "too_long": ("max_length", lambda: _("At most %(limit)s items are allowed.")),
    "greater_than_equal": ("ge", lambda: _("This must be %(limit)s or more.")),
    "less_than_equal": ("le", lambda: _("This must be %(limit)s or less.")),
    "literal_error": ("expected", lambda: _("This must be one of: %(limit)s.")),
    "enum": ("expected", lambda: _("This must be one of: %(limit)s.")),
}


def fault_in_words(fault: dict[str, Any]) -> str:
    """A sentence for one of pydantic's errors."""
    name = fault["type"]
    if name in WITH_LIMIT:
        limit, words = WITH_LIMIT[name]
        return words() % {"limit": fault.get("ctx", {}).get(limit, "")}
    return str(TYPES.get(name, _("This value cannot be used.")))
