"""parse_mode MarkdownV2, with Telegram's errors. Byte offsets count UTF-8."""

import re
from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.world.recognition import utf16_length

RESERVED = "_*[]()~`>#+-=|{}.!"
MARKS = {"__": "underline", "||": "spoiler", "_": "italic", "*": "bold", "~": "strikethrough"}
# What Telegram calls them in its errors.
NAMES = {
    "underline": "Underline", "spoiler": "Spoiler", "italic": "Italic", "bold": "Bold",
    "strikethrough": "Strikethrough", "code": "Code", "pre": "Pre", "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji", "blockquote": "BlockQuote",
}  # fmt: skip


@dataclass(slots=True)
class Open:
    kind: str
    start: int  # in the plain text
    at: int  # byte offset


def _wrong(sentence: str) -> BotApiError:
    return bad_request(f"can't parse entities: {sentence}")


def _reserved(sign: str) -> BotApiError:
    return _wrong(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.plain: list[str] = []
        self.length = 0
        self.stack: list[Open] = []
        self.entities: list[dict[str, Any]] = []
        self.line_begins = True

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        while self.place < len(self.text):
            self._step()
        self._end_quote(at_end=True)
        if self.stack:
            last = self.stack[-1]
            raise _wrong(f"Can't find end of {NAMES[last.kind]} entity at byte offset {last.at}")
        return "".join(self.plain), sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def _step(self) -> None:
        text, place = self.text, self.place
        sign = text[place]
        if self.line_begins and self._quote():
            return
        self.line_begins = False
        if sign == "\\" and place + 1 < len(text) and 0 < ord(text[place + 1]) < 127:
            self._write(text[place + 1])
            self.place += 2
        elif sign == "\n":
            self._write(sign)
            self.place += 1
            self.line_begins = True
            if not text.startswith(">", self.place):
                self._end_quote(at_end=False)
        elif sign not in RESERVED:
            self._write(sign)
            self.place += 1
        elif sign == "`":
            self._code()
        elif sign == "[" or text.startswith("![", place):
            self._open("custom_emoji" if sign == "!" else "text_link", 2 if sign == "!" else 1)
        elif sign == "]" and self.stack and self.stack[-1].kind in ("text_link", "custom_emoji"):
            self._link()
        else:
            self._mark(sign)

    def _quote(self) -> bool:
        """A line that begins with > is quoted; **> begins a new, expandable quotation."""
        expandable = self.text.startswith("**>", self.place)
        if not expandable and not self.text.startswith(">", self.place):
            return False
        if expandable:
            self._end_quote(at_end=False)
        if not any(opened.kind == "blockquote" for opened in self.stack):
            self.stack.append(Open("blockquote", self.length, self._bytes(self.place)))
        self.place += 3 if expandable else 1
        self.line_begins = False
        return True

    def _end_quote(self, *, at_end: bool) -> None:
        if not any(opened.kind == "blockquote" for opened in self.stack):
            return
        last = self.stack[-1]
        if last.kind != "blockquote":
            if last.kind == "spoiler" and last.start == self.length and at_end:
                self.stack.pop()  # the || that makes a quotation expandable
                self._close_quote("expandable_blockquote")
                return
            raise _wrong(f"Can't find end of {NAMES[last.kind]} entity at byte offset {last.at}")
        self._close_quote("blockquote")

    def _close_quote(self, kind: str) -> None:
        opened = self.stack.pop()
        self._add(opened, kind)

    def _mark(self, sign: str) -> None:
        doubled = self.text[self.place : self.place + 2]
        mark = doubled if doubled in MARKS else sign
        if mark not in MARKS:
            raise _reserved(sign)
        kind = MARKS[mark]
        top = self.stack[-1] if self.stack else None
        if mark == "__" and top is not None and top.kind == "italic" and not self._opened("underline"):
            mark, kind = "_", "italic"
        if top is not None and top.kind == kind:
            self.stack.pop()
            self._add(top, kind)
            self.place += len(mark)
        elif self._opened(kind) and top is not None:
            raise _wrong(f"Can't find end of {NAMES[top.kind]} entity at byte offset {top.at}")
        else:
            self._open(kind, len(mark))

    def _opened(self, kind: str) -> bool:
        return any(opened.kind == kind for opened in self.stack)

    def _open(self, kind: str, length: int) -> None:
        self.stack.append(Open(kind, self.length, self._bytes(self.place)))
        self.place += length

    def _code(self) -> None:
        begin = self.place
        block = self.text.startswith("```", begin)
        fence = "```" if block else "`"
        place, language = begin + len(fence), ""
        if block:
            found = re.compile(r"([^\s`]*)\n").match(self.text, place)
            if found is not None:
                language, place = found[1], found.end()
        opened = Open("pre" if block else "code", self.length, self._bytes(begin))
        while not self.text.startswith(fence, place):
            if place >= len(self.text):
                name = "PreCode" if language else NAMES[opened.kind]
                raise _wrong(f"Can't find end of {name} entity at byte offset {opened.at}")
            escaped = self.text[place] == "\\" and place + 1 < len(self.text)
            place += 1 if escaped else 0
            self._write(self.text[place])
            place += 1
        self.place = place + len(fence)
        self._add(opened, opened.kind, **({"language": language} if language else {}))

    def _link(self) -> None:
        opened = self.stack.pop()
        found = re.compile(r"\]\(((?:[^\\)]|\\.)*)(\)?)", re.DOTALL).match(self.text, self.place)
        if found is None:
            if opened.kind == "custom_emoji":
                raise _wrong("Custom emoji entity must contain a tg://emoji URL")
            self.place += 1
            return
        if not found[2]:
            raise _wrong(f"Can't find end of a URL at byte offset {self._bytes(self.place + 2)}")
        url = re.sub(r"\\(.)", r"\1", found[1])
        self.place = found.end()
        if opened.kind == "text_link":
            self._add(opened, "text_link", url=url)
            return
        number = url.removeprefix("tg://emoji?id=")
        if not number.isdigit():
            raise _wrong("Custom emoji entity must contain a tg://emoji URL")
        self._add(opened, "custom_emoji", custom_emoji_id=number)

    def _add(self, opened: Open, kind: str, **more: Any) -> None:
        if self.length > opened.start:
            self.entities.append(
                {"type": kind, "offset": opened.start, "length": self.length - opened.start, **more}
            )

    def _write(self, text: str) -> None:
        self.plain.append(text)
        self.length += utf16_length(text)

    def _bytes(self, place: int) -> int:
        return len(self.text[:place].encode())


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """(plain text, entities). Raises 400 "can't parse entities: …"."""
    return _Parser(text).parse()
