"""`{% load ui %}`: every component of the design system."""

from pult.core.ui.tags import (
    assets,
    charts,
    elements,
    example,
    fields,
    lists,
    numbers,
    overlays,
    pictures,
    register,
)

__all__ = [
    "assets",
    "charts",
    "elements",
    "example",
    "fields",
    "lists",
    "numbers",
    "overlays",
    "pictures",
    "register",
]
