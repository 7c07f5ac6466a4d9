"""parse_mode HTML, with Telegram's errors. Byte offsets count UTF-8."""

import re
from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.world.recognition import utf16_length

TAGS = {
    "a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre",
    "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));?")
SPACES = " \t\n\r"


@dataclass(slots=True)
class Open:
    tag: str
    attributes: dict[str, str]
    start: int  # in the plain text
    at: int  # byte offset of the tag


def _wrong(sentence: str) -> BotApiError:
    return bad_request(f"can't parse entities: {sentence}")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.plain: list[str] = []
        self.length = 0
        self.stack: list[Open] = []
        self.entities: list[dict[str, Any]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        text = self.text
        while self.place < len(text):
            sign = text[self.place]
            if sign == "&":
                self._reference()
            elif sign != "<":
                end = min(
                    (p for p in (text.find("<", self.place), text.find("&", self.place)) if p >= 0),
                    default=len(text),
                )
                self._write(text[self.place : end])
                self.place = end
            elif text[self.place + 1 : self.place + 2] == "/":
                self._end_tag()
            else:
                self._start_tag()
        if self.stack:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.plain), sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def _bytes(self, place: int) -> int:
        return len(self.text[:place].encode())

    def _write(self, text: str) -> None:
        self.plain.append(text)
        self.length += utf16_length(text)

    def _reference(self) -> None:
        found, length = decoded(self.text, self.place)
        self._write(found)
        self.place += length

    def _start_tag(self) -> None:
        begin = self.place
        place = begin + 1
        while place < len(self.text) and self.text[place] not in (*SPACES, ">"):
            place += 1
        if place >= len(self.text):
            raise _wrong(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        tag = self.text[begin + 1 : place].lower()
        if tag not in TAGS:
            raise _wrong(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        attributes, place = self._attributes(tag, place, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        if tag == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise _wrong("Invalid custom emoji identifier specified")
        self.stack.append(Open(tag, attributes, self.length, self._bytes(begin)))
        self.place = place + 1

    def _attributes(self, tag: str, place: int, begin: int) -> tuple[dict[str, str], int]:
        attributes: dict[str, str] = {}
        text = self.text
        while True:
            while place < len(text) and text[place] in SPACES:
                place += 1
            if place >= len(text):
                raise _wrong(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            if text[place] == ">":
                return attributes, place
            name = re.compile(r"[^\s=>/\"']*").match(text, place)
            word = name[0] if name else ""
            place += len(word)
            if not word:
                raise _wrong(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
            while place < len(text) and text[place] in SPACES:
                place += 1
            if place >= len(text) or text[place] != "=":
                if tag == "blockquote" and word.lower() == "expandable":
                    attributes["expandable"] = ""
                    continue
                raise _wrong(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}"'
                    f" at byte offset {self._bytes(begin)}"
                )
            value, place = self._value(tag, place + 1, begin)
            attributes[word.lower()] = value

    def _value(self, tag: str, place: int, begin: int) -> tuple[str, int]:
        text = self.text
        while place < len(text) and text[place] in SPACES:
            place += 1
        if place >= len(text):
            raise _wrong(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
        quote = text[place]
        if quote not in "'\"":
            found = re.compile(r"[A-Za-z0-9.\-]*").match(text, place)
            word = found[0] if found else ""
            place += len(word)
            if place >= len(text) or text[place] not in (*SPACES, ">"):
                raise _wrong(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
            return word.lower(), place
        value: list[str] = []
        place += 1
        while place < len(text) and text[place] != quote:
            found_text, length = decoded(text, place) if text[place] == "&" else (text[place], 1)
            value.append(found_text)
            place += length
        if place >= len(text):
            raise _wrong(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
        return "".join(value), place + 1

    def _end_tag(self) -> None:
        begin = self.place
        at = self._bytes(begin)
        if not self.stack:
            raise _wrong(f"Unexpected end tag at byte offset {at}")
        found = re.compile(r"</([^\s>]*)[ \t\n\r]*(>?)").match(self.text, begin)
        name = found[1].lower() if found else ""
        if found is None or not found[2]:
            raise _wrong(f"Unclosed end tag at byte offset {at}")
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise _wrong(
                f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{name}>"'
            )
        self.place = found.end()
        if self.length > opened.start:
            self._close(opened)

    def _close(self, opened: Open) -> None:
        entity: dict[str, Any] = {
            "type": TAGS[opened.tag], "offset": opened.start, "length": self.length - opened.start,
        }  # fmt: skip
        match opened.tag:
            case "a":
                whole = "".join(self.plain).encode("utf-16-le")
                entity["url"] = opened.attributes.get("href") or whole[opened.start * 2 :].decode("utf-16-le")
            case "tg-emoji":
                entity["custom_emoji_id"] = opened.attributes["emoji-id"]
            case "blockquote" if "expandable" in opened.attributes:
                entity["type"] = "expandable_blockquote"
            case "code" if self.stack and self.stack[-1].tag == "pre":
                language = opened.attributes.get("class", "")
                if language.startswith("language-") and self.stack[-1].start == opened.start:
                    self.stack[-1].attributes["language"] = language.removeprefix("language-")
                    return
            case "pre" if "language" in opened.attributes:
                entity["language"] = opened.attributes["language"]
        self.entities.append(entity)


def decoded(text: str, place: int) -> tuple[str, int]:
    """(character, how many signs it took) of a reference such as &lt; – an unknown one stays as it is."""
    found = REFERENCE.match(text, place)
    if found is None:
        return "&", 1
    if found[3]:
        return (NAMED[found[3]], len(found[0])) if found[3] in NAMED else ("&", 1)
    number = int(found[1]) if found[1] else int(found[2], 16)
    if not 0 < number < 0x110000 or 0xD800 <= number < 0xE000:
        return "&", 1
    return chr(number), len(found[0])


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """(plain text, entities). Raises 400 "can't parse entities: …"."""
    return _Parser(text).parse()
