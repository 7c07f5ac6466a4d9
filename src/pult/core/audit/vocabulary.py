"""Words of the trail: how actions, kinds of objects and details read for people. Each part names its own when ready."""

from collections.abc import Mapping

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
    """Say how kinds of objects, names of details and their values read ({"entry_link": _("link")})."""
    _words.update(words)


def title_of(action: str) -> Text:
    """The words for an action; the action itself while nobody has named it."""
    return _titles.get(action, action)


def word_for(thing: object) -> object:
    """The word for a kind of object, a detail or its value; the thing itself while nobody has named it."""
    return _words.get(thing, thing) if isinstance(thing, str) else thing


def named_actions() -> list[tuple[str, Text]]:
    """All named actions with their words, for a filter."""
    return list(_titles.items())
