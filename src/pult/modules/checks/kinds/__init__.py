"""Kinds of check: what is asked about, how it is read from a list, and how Telegram is asked.

A kind is a class of Kind, one object of which is named in KINDS; docs/how-to/add-a-kind.md tells how to add one.
"""

from typing import Any

from .by_phone import ByPhone
from .by_username import ByUsername
from .kind import Answers, Kind

__all__ = ["KINDS", "Answers", "Kind", "kind_named"]

KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in (ByPhone(), ByUsername())}


def kind_named(name: str) -> Kind[Any]:
    """The kind of a check's `kind`. Raises KeyError for one that this version of Pult does not know."""
    return KINDS[name]
