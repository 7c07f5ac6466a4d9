"""Words for the actions of the trail. Each part names its own actions when it is ready."""

from collections.abc import Mapping

from pult.core.registry.module import Text

_titles: dict[str, Text] = {}


def name_actions(titles: Mapping[str, Text]) -> None:
    """Say how actions read for people. Raises ValueError for an action that is named already."""
    for action, title in titles.items():
        if action in _titles:
            raise ValueError(f"action {action!r} is named twice")
        _titles[action] = title


def title_of(action: str) -> Text:
    """The words for an action; the action itself while nobody has named it."""
    return _titles.get(action, action)


def named_actions() -> list[tuple[str, Text]]:
    """All named actions with their words, for a filter."""
    return list(_titles.items())
