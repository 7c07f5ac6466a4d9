"""Reports in the reader's words: records and counts of modules instead of their keys."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from pult.core.registry import Text, registry

NOT_SHOWN = {"module", "kind"}


def words_of(module: str) -> Mapping[str, Text]:
    """The words of a module's records."""
    found = next((known for known in registry if known.name == module), None)
    return found.personal_data.words if found and found.personal_data else {}


def cards(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each record with its title and its facts: (label, value, moment or None)."""
    return [_card(record) for record in records]


def _card(record: dict[str, Any]) -> dict[str, Any]:
    words = words_of(record["module"])
    facts = [
        {"label": words.get(name, name), **_value(name, value, words)}
        for name, value in record.items()
        if name not in NOT_SHOWN and value is not None and value != ""
    ]
    return {"title": words.get(record["kind"], record["kind"]), "facts": facts}


def _value(name: str, value: Any, words: Mapping[str, Text]) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"text": _("yes") if value else _("no")}
    moment = parse_datetime(value) if isinstance(value, str) and len(value) > 18 and "T" in value else None
    return {"moment": moment} if moment else {"text": words.get(f"{name}={value}", value)}


def counted(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """How many of each kind, with words."""
    lines = []
    for key, count in counts.items():
        module, _dot, kind = key.partition(".")
        lines.append({"label": words_of(module).get(kind, kind), "count": count})
    return lines
