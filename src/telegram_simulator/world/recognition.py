"""What Telegram finds in a text by itself: commands, mentions, hashtags, links, addresses."""

import re
from collections.abc import Iterator
from typing import Any

COMMAND = re.compile(r"(?<![\w/<>@#$])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/<>])")
MENTION = re.compile(r"(?<![\w@])@([A-Za-z][A-Za-z0-9_]{3,31})\b")
HASHTAG = re.compile(r"(?<![\w#])#(\w*[^\W\d]\w*)")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")
URL = re.compile(
    r"(?<![\w@.])(?:https?://[^\s<>\"]+|(?:[\w-]+\.)+(?:com|org|net|ru|me|io|рф|dev|app)\b(?:/[^\s<>\"]*)?)"
)
PATTERNS = (
    ("url", URL),
    ("email", EMAIL),
    ("bot_command", COMMAND),
    ("mention", MENTION),
    ("hashtag", HASHTAG),
)
# Inside these nothing more is found.
OPAQUE = ("code", "pre", "text_link", "text_mention")


def utf16_length(text: str) -> int:
    """Telegram counts in UTF-16 code units: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def found_in(text: str) -> list[dict[str, Any]]:
    """Entities in the order of the text, none over another."""
    if not any(sign in text for sign in "/@#."):
        return []
    found: list[dict[str, Any]] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end -= len(match[0]) - len(match[0].rstrip(".,:;!?)'\""))
            if all(end <= s or start >= e for s, e in taken):
                taken.append((start, end))
                found.append(_entity(kind, text, start, end))
    return sorted(found, key=lambda entity: int(entity["offset"]))


def _entity(kind: str, text: str, start: int, end: int) -> dict[str, Any]:
    return {"type": kind, "offset": utf16_length(text[:start]), "length": utf16_length(text[start:end])}


def merged(given: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The formatting that was given, and what was found outside of code, links and what says the same."""
    added = [one for one in found if not any(_in_the_way(one, other) for other in given)]
    return sorted([*given, *added], key=lambda entity: (entity["offset"], -entity["length"]))


def _in_the_way(found: dict[str, Any], given: dict[str, Any]) -> bool:
    apart = (
        found["offset"] + found["length"] <= given["offset"]
        or given["offset"] + given["length"] <= found["offset"]
    )
    return not apart and (given["type"] in OPAQUE or given["type"] == found["type"])


def commands_in(text: str) -> Iterator[tuple[str, str | None]]:
    """(command, the bot it is meant for)."""
    for match in COMMAND.finditer(text):
        yield match[1], match[2]
