"""What the panel's templates need."""

from typing import Any

from django import template
from django.db import models

from pult.core.panel.words import row_title as title_of_row

register = template.Library()


@register.filter
def row_title(thing: Any) -> str:
    """`{{ part.title|row_title }}`: a row as people call it; words stay as they are."""
    return title_of_row(thing) if isinstance(thing, models.Model) else str(thing)
