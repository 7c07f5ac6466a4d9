"""Columns of the panel's lists, under names that people read."""

from datetime import date, datetime
from typing import Any

from django.contrib.admin import FieldListFilter
from django.db import models
from django.utils.html import format_html

from pult.core.panel.words import column_word
from pult.core.ui.numbers import briefly, exactly

IDENTIFIERS = frozenset({"id", "pid", "api_id", "telegram_id"})


def is_identifier(name: str) -> bool:
    """Whether a number names something: then its digits stand together, as one would search for them."""
    return name in IDENTIFIERS or name.endswith("_id")


class Column:
    """One column of rows: its word above, its value as Django's lists show it."""

    def __init__(self, model: type[models.Model], name: str) -> None:
        self.field = model._meta.get_field(name)
        self.__name__ = name
        self.short_description = column_word(self.field)
        self.admin_order_field = name
        self.boolean = isinstance(self.field, models.BooleanField)

    def __call__(self, row: models.Model) -> Any:
        """Choices in words, numbers that name something as they are, nothing as nothing."""
        value = getattr(row, self.__name__)
        if getattr(self.field, "flatchoices", None):
            return getattr(row, f"get_{self.__name__}_display")() or None
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            words = '<time class="panel-moment" datetime="{}" title="{}">{}</time>'
            return format_html(words, value.isoformat(), exactly(value), briefly(value))
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if is_identifier(self.__name__) or not isinstance(value, (bool, int, float, date)):
            return str(value)
        return value


def worded(model: type[models.Model], name: Any) -> Any:
    """A column for the name of a field; what is no field stays as it is."""
    fields = {field.name for field in model._meta.concrete_fields}
    return Column(model, name) if name in fields else name


def worded_filter(name: str) -> tuple[str, Any]:
    """Django's filter for a field, under the column's word."""

    def made(field: Any, *arguments: Any, **named: Any) -> FieldListFilter:
        spec = FieldListFilter.create(field, *arguments, **named)
        spec.title = column_word(field)  # type: ignore[assignment] # Django takes lazy texts
        return spec

    return name, made
