"""Words of the trail: how actions, kinds of objects and details read for people. Each part names its own when ready."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pult.core.registry import Text

_titles: dict[str, Text] = {}
_words: dict[str, Text] = {}


def name_actions(titles: Mapping[str, Text]) -> None:
    """Say how actions read ({"check.started": _("Started a check")}). Raises ValueError for one named already."""
    for action, title in titles.items():
        if action in _titles:
            raise ValueError(f"action {action!r} is named twice")
        _titles[action] = title


def name_words(words: Mapping[str, Text]) -> None:
    """Say how kinds of objects, names of details and their values read ({"entry_link": _("link")}).

    A value that reads otherwise with one detail is named with it: {"scope=all": _("all together")}.
    """
    _words.update(words)


def title_of(action: str) -> Text:
    """The words for an action; the action itself while nobody has named it."""
    return _titles.get(action, action)


def word_for(thing: object) -> object:
    """The word for a kind of object, a detail or its value; the thing itself while nobody has named it."""
    return _words.get(thing, thing) if isinstance(thing, str) else thing


def value_in_words(name: str, value: object) -> object:
    """A detail's value for people: the words for it, days as days are written, yes and no; a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return value
    if f"{name}={value}" in _words:
        return _words[f"{name}={value}"]
    try:
        return date_format(date.fromisoformat(value)) if len(value) == len("2026-01-31") else word_for(value)
    except ValueError:
        return word_for(value)


def named_actions() -> list[tuple[str, Text]]:
    """All named actions with their words, for a filter."""
    return list(_titles.items())
