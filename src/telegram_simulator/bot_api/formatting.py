"""Texts as bots write them: parse modes and entities, with Telegram's words for what is wrong."""

from typing import Any
from urllib.parse import urlsplit

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.html_mode import parse_html
from telegram_simulator.bot_api.markdown_mode import parse_markdown
from telegram_simulator.bot_api.register import BotCall
from telegram_simulator.bot_api.shapes import user_by_id
from telegram_simulator.world.recognition import PATTERNS, found_in, merged, utf16_length

LONGEST_TEXT = 4096  # UTF-16 units, after parsing
LONGEST_CAPTION = 1024
GIVEN = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "expandable_blockquote",
    "text_link", "text_mention", "custom_emoji",
)  # fmt: skip
# What Telegram finds itself; bots may send them, and they change nothing.
FOUND = (*(kind for kind, _ in PATTERNS), "cashtag", "phone_number")
Formatted = tuple[str, list[dict[str, Any]]]


def formatted_text(call: BotCall, text: str, parse_mode: str, entities: Any) -> Formatted:
    """The text of a message. Raises 400 for one that is empty, too long or badly formatted."""
    plain, found = _formatted(call, text, parse_mode, entities)
    if not plain:
        raise bad_request("message text is empty")
    if utf16_length(plain) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return plain, found


def formatted_caption(call: BotCall, caption: str, parse_mode: str, entities: Any) -> Formatted:
    """The text below a file; may be empty."""
    plain, found = _formatted(call, caption, parse_mode, entities)
    if utf16_length(plain) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return plain, found


def _formatted(call: BotCall, text: str, parse_mode: str, entities: Any) -> Formatted:
    text = text.replace("\r", "").replace("\0", "")
    match parse_mode.lower():
        case "html":
            plain, given = parse_html(text)
        case "markdownv2":
            plain, given = parse_markdown(text)
        case "":
            plain, given = text, _checked_entities(entities or [], utf16_length(text))
        case "markdown":
            raise bad_request("parse mode Markdown is not simulated; use HTML or MarkdownV2")
        case _:
            raise bad_request("unsupported parse_mode")
    plain, given = _trimmed(plain, given)
    return plain, merged(_with_people(call, given), found_in(plain))


def _checked_entities(entities: Any, length: int) -> list[dict[str, Any]]:
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    checked = []
    for entity in entities:
        if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
            raise bad_request("can't parse entities: expected an Object of type MessageEntity")
        offset, count = entity.get("offset"), entity.get("length")
        if not isinstance(offset, int) or not isinstance(count, int):
            raise bad_request('can\'t parse entities: field "offset" must be of type Number')
        if entity["type"] in GIVEN and 0 <= offset < length and count > 0:
            checked.append(entity | {"length": min(count, length - offset)})
        elif entity["type"] not in (*GIVEN, *FOUND):
            raise bad_request("can't parse entities: unsupported MessageEntity type")
    return checked


def _trimmed(text: str, entities: list[dict[str, Any]]) -> Formatted:
    """Telegram cuts white space off both ends."""
    kept = text.strip(" \t\n")
    if kept == text:
        return text, entities
    before, length = utf16_length(text[: len(text) - len(text.lstrip(" \t\n"))]), utf16_length(kept)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - before)
        end = min(length, entity["offset"] - before + entity["length"])
        if start < end:
            moved.append(entity | {"offset": start, "length": end - start})
    return kept, moved


def _with_people(call: BotCall, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """tg://user links become mentions of people whom the bot knows; links that lead nowhere are dropped."""
    kept = []
    for entity in entities:
        if entity["type"] == "text_link":
            entity = _link(call, entity)  # noqa: PLW2901
        elif entity["type"] == "text_mention":
            entity = _mention(call, entity, int(entity["user"]["id"]))  # noqa: PLW2901
        if entity:
            kept.append(entity)
    return kept


def _link(call: BotCall, entity: dict[str, Any]) -> dict[str, Any]:
    url = str(entity.get("url", ""))
    if url.startswith("tg://user?id="):
        number = url.removeprefix("tg://user?id=")
        return _mention(call, entity, int(number)) if number.isdigit() else {}
    correct = correct_url(url)
    return entity | {"url": correct} if correct else {}


def _mention(call: BotCall, entity: dict[str, Any], person_id: int) -> dict[str, Any]:
    if call.world.people.by_id(person_id) is None:
        return {}
    place = {name: entity[name] for name in ("offset", "length")}
    return {"type": "text_mention", **place, "user": user_by_id(call.world, person_id)}


def correct_url(url: str) -> str | None:
    """The URL as Telegram keeps it ("example.com" → "http://example.com/"), or None for what is none."""
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme in ("tg", "ton", "tonsite"):
        return whole
    if parts.scheme not in ("http", "https") or not host or "." not in host.strip(".") or " " in whole:
        return None
    return whole if parts.path or parts.query or parts.fragment else f"{whole}/"
