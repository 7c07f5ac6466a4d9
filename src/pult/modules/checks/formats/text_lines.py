"""Text files: their encoding, found by reading all of them once, and their lines in flat memory."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .unreadable import UnreadableFile, UnreadableReason

_CHUNK = 1 << 20
# A line longer than this (four million bytes) is no line of a list.
_LONGEST_LINE_CHUNKS = 4
# Bytes that no text in UTF-8 or an 8-bit encoding has.
_CONTROLS = bytes(code for code in range(1, 32) if code not in b"\t\n\r\f\v\x1a\x1b")
# High bytes of Latin, Cyrillic and punctuation in UTF-16.
_HIGH_BYTES = b"\x00\x04\x20"
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to decode a file. `forgiving`: a few broken bytes become U+FFFD instead of refusing a whole
    list.
    """

    name: str
    forgiving: bool
    has_nulls: bool


def find_encoding(path: Path, head: bytes) -> Encoding:
    """UTF-8 and UTF-16 with or without a mark, UTF-32 with one, otherwise CP1251 (the usual one of Russian
    Windows).

    Raises UnreadableFile: BINARY, BROKEN_ENCODING, LINE_TOO_LONG.
    """
    wide = next((name for mark, name in _BOMS if head.startswith(mark)), None) or _unmarked_utf16(head)
    if wide and wide != "utf-8-sig":
        _check_wide(path, wide)
        return Encoding(wide, forgiving=False, has_nulls=True)
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 100:
        raise UnreadableFile(UnreadableReason.BINARY)
    good, broken, nulls, size = _count_utf8(path)
    if nulls > max(size // 100, 16):
        raise UnreadableFile(UnreadableReason.BINARY)
    if broken <= good // 50:
        return Encoding(wide or "utf-8", forgiving=broken > 0, has_nulls=nulls > 0)
    return Encoding("cp1251", forgiving=True, has_nulls=nulls > 0)


def _unmarked_utf16(head: bytes) -> str | None:
    """In UTF-16 every second byte is a high byte: zero for digits and Latin letters, 4 for Cyrillic ones."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : pairs * 2 : 2], head[1 : pairs * 2 : 2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        usual = pairs - len(high.translate(None, _HIGH_BYTES))
        if usual > pairs * 0.9 and high.count(0) > pairs * 0.1 and low.count(0) < pairs * 0.05:
            return name
    return None


def _chunks(path: Path) -> Iterator[bytes]:
    """The file in pieces; raises UnreadableFile(LINE_TOO_LONG) when several pieces pass without a line's
    end.
    """
    unbroken = lines = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            ends = chunk.count(b"\n") or chunk.count(b"\r")
            lines += ends
            unbroken = 0 if ends else unbroken + 1
            if unbroken >= _LONGEST_LINE_CHUNKS:
                raise UnreadableFile(UnreadableReason.LINE_TOO_LONG, line=lines + 1)
            yield chunk


def _check_wide(path: Path, name: str) -> None:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableFile(UnreadableReason.BROKEN_ENCODING) from error


def _count_utf8(path: Path) -> tuple[int, int, int, int]:
    """Bytes beyond ASCII that fit UTF-8, broken places, zero bytes, and the size."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = broken = nulls = size = 0
    waiting = False
    for chunk in _chunks(path):
        size += len(chunk)
        nulls += chunk.count(0)
        if chunk.isascii() and not waiting:
            continue
        text = decoder.decode(chunk)
        waiting = bool(decoder.getstate()[0])
        replaced = text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd")
        broken += max(replaced, 0)
        good += len(chunk) - len(text)
    broken += decoder.decode(b"", final=True).count("\ufffd")
    return good, broken, nulls, size


class TextLines:
    """The lines of a text file with their ends, any of \\n, \\r\\n and \\r made \\n. `bytes_read` follows
    the reading.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._path = path
        self._encoding = encoding
        self.bytes_read = 0

    def __iter__(self) -> Iterator[str]:
        errors = "replace" if self._encoding.forgiving else "strict"
        with (
            self._path.open("rb") as file,
            io.TextIOWrapper(file, encoding=self._encoding.name, errors=errors) as text,
        ):
            try:
                while lines := text.readlines(_CHUNK // 4):
                    self.bytes_read = file.tell()
                    yield from (
                        [line.replace("\0", "") for line in lines] if self._encoding.has_nulls else lines
                    )
            except UnicodeDecodeError as error:  # the file changed since its encoding was found
                raise UnreadableFile(UnreadableReason.BROKEN_ENCODING) from error
