"""CSV and plain text lists; pasted text is stored as a file and comes here too."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import ClassVar, Self

from ..rules.looks import Looks
from .columns import is_blank
from .listing import ListFile, Row, Source
from .text_lines import Encoding, TextLines, find_encoding
from .unreadable import UnreadableFile, UnreadableReason

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_LINES = 200
# Share of rows that must have the same number of columns for a character to be a delimiter.
_REGULAR_ROWS = 0.7
_DECLARED_DELIMITER = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)


class TextList(ListFile):
    """What CSV and TXT share: an encoding and lines."""

    is_text = True

    def __init__(self, source: Source, encoding: Encoding) -> None:
        super().__init__(source)
        self.encoding = encoding.name
        self._encoding = encoding
        self._lines = TextLines(self.path, encoding)

    @property
    def bytes_read(self) -> int:
        return self._lines.bytes_read

    def _begin(self) -> Iterator[str]:
        self._lines = TextLines(self.path, self._encoding)
        return iter(self._lines)


class CsvList(TextList):
    """Separated values (RFC 4180 and its relatives: comma, semicolon, tab or bar), Excel's `sep=` line
    understood.
    """

    format: ClassVar[str] = "csv"
    suffixes = (".csv", ".tsv")
    media_types = ("text/csv",)

    def __init__(self, source: Source, encoding: Encoding, delimiter: str, *, declared: bool) -> None:
        super().__init__(source, encoding)
        self.delimiter: str = delimiter
        self._declared = declared

    @classmethod
    def recognise(cls, source: Source) -> Self | None:
        encoding = find_encoding(source.path, source.head)
        lines = list(islice(TextLines(source.path, encoding), _SNIFFED_LINES))
        if lines and (declared := _DECLARED_DELIMITER.fullmatch(lines[0].lstrip("\ufeff"))):
            return cls(source, encoding, declared[1], declared=True)
        delimiter = _find_delimiter(lines, source.looks)
        return cls(source, encoding, delimiter, declared=False) if delimiter else None

    def rows(self, sheet: str | None) -> Iterator[Row]:
        record: list[str] = []
        reader = csv.reader(_remembering(self._begin(), record), delimiter=self.delimiter)
        end = 0
        try:
            for row in reader:
                start, end = end + 1, reader.line_num
                if end > start:
                    _check_closed(record, self.delimiter, line=start)
                record.clear()
                if not (start == 1 and self._declared):
                    yield start, row
        except csv.Error as error:
            raise UnreadableFile(UnreadableReason.UNCLOSED_QUOTE, line=end + 1) from error


class TxtList(TextList):
    """One value on a line, or several separated by commas, semicolons, bars, tabs or blanks."""

    format: ClassVar[str] = "txt"
    suffixes = (".txt",)
    media_types = ("text/plain",)

    @classmethod
    def recognise(cls, source: Source) -> Self | None:
        return cls(source, find_encoding(source.path, source.head))

    def rows(self, sheet: str | None) -> Iterator[Row]:
        for number, line in enumerate(self._begin(), start=1):
            text = line.strip("\r\n \t")
            if len(text) <= self.looks.one_alone:
                yield number, (text,)
            else:
                for part in values_of_line(text, self.looks):
                    yield number, (part,)


_SEPARATORS = re.compile(r"[,;|\t]")
_BEFORE_PLUS = re.compile(r"\s+(?=\+)")


def values_of_line(text: str, looks: Looks) -> list[str]:
    """The values of one line, when all of its parts look like values; otherwise the line as it is."""
    for separated, fits in (
        (_SEPARATORS.split(text), looks.looks_like),
        (_BEFORE_PLUS.split(text), looks.separable),
        (text.split(), looks.separable),
    ):
        parts = [part.strip() for part in separated if part.strip()]
        if len(parts) > 1:
            values = [value for part in parts for value in values_of_line(part, looks)]
            if all(map(fits, values)):
                return values
    return [text]


def _find_delimiter(lines: Sequence[str], looks: Looks) -> str | None:
    """The character that cuts most rows into equally many columns, or None for a list of lines."""
    best: tuple[float, int, str] | None = None
    # The second way, blind for quotation marks, finds the delimiter also where one is left open.
    for quoted, delimiter in product((True, False), _DELIMITERS):
        try:
            reader = csv.reader(lines, delimiter=delimiter, quotechar='"' if quoted else None)
            rows = [row for row in reader if not is_blank(row)]
        except csv.Error:
            continue
        counts = Counter(map(len, rows))
        columns, regular = max(counts.items(), key=lambda item: item[1], default=(1, 0))
        if columns < 2 or regular < len(rows) * _REGULAR_ROWS or _is_running_text(rows, columns, looks):
            continue
        if best is None or (regular / len(rows), columns) > best[:2]:
            best = (regular / len(rows), columns, delimiter)
    return best[2] if best else None


def _is_running_text(rows: list[list[str]], columns: int, looks: Looks) -> bool:
    """Whether the rows are values written one after another rather than a table."""
    irregular = len(rows) == 1 or any(len(row) != columns for row in rows)
    texts = (
        part for row in rows for text in row if text.strip() for part in values_of_line(text.strip(), looks)
    )
    return irregular and all(map(looks.looks_like, texts))


def _remembering(lines: Iterator[str], record: list[str]) -> Iterator[str]:
    """Pass the lines on and keep those of the record being read, for a look at its quotation marks."""
    for line in lines:
        record.append(line)
        yield line


def _check_closed(record: list[str], delimiter: str, *, line: int) -> None:
    """A record of several lines must be quoted without fault: otherwise it has swallowed lines of the
    list.
    """
    try:
        rows = list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableFile(UnreadableReason.UNCLOSED_QUOTE, line=line) from error
    if len(rows) != 1:
        raise UnreadableFile(UnreadableReason.UNCLOSED_QUOTE, line=line)
