"""What every list format offers. A new format is one class with `recognise` and `rows`, named in FORMATS."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

from ..rules.looks import PHONES, Looks
from ..rules.problems import Problem
from .columns import Column, found_columns, heading_rows, is_blank, suggested_column
from .unreadable import UnreadableFile, UnreadableReason

BATCH = 2_000
# Rows that are looked at to find the header and the column of numbers.
SCANNED_ROWS = 500

# One row: its line as an editor or spreadsheet counts them (from 1), and its values. A value is None where a
# cell has none of its own (covered by a merged one).
Row = tuple[int, Sequence[object]]


class Cell(NamedTuple):
    """A cell of the chosen column. `problem` is set when the file itself shows it: a date, lost digits, no
    value.
    """

    line: int
    text: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a person confirms before the list is read."""

    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    header: bool
    columns: tuple[Column, ...]
    suggested: int | None


class Source(NamedTuple):
    """A file to be recognised: its size and first bytes are at hand, and how the values look that it should hold."""

    path: Path
    filename: str
    size: int
    head: bytes
    looks: Looks = PHONES


class ListFile(ABC):
    """An opened list. `size` and `bytes_read` (by the reading under way) are in bytes; reading may be repeated."""

    format: ClassVar[str]
    # How its files are called, for the choice of one: suffixes and media types.
    suffixes: ClassVar[tuple[str, ...]] = ()
    media_types: ClassVar[tuple[str, ...]] = ()
    # Any text at all could be one: what is known to be something else is refused before it is tried.
    is_text: ClassVar[bool] = False
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()

    def __init__(self, source: Source) -> None:
        self.path, self.filename, self.size = source.path, source.filename, source.size
        self.looks = source.looks
        self._first_rows = cache(self._scan)

    @property
    @abstractmethod
    def bytes_read(self) -> int: ...

    @classmethod
    @abstractmethod
    def recognise(cls, source: Source) -> Self | None:
        """The opened list when the content is of this format; raises UnreadableFile when it is, but
        broken.
        """

    @abstractmethod
    def rows(self, sheet: str | None) -> Iterator[Row]:
        """All rows of the file (or of one of its sheets), in order, the header included."""

    def read_value(self, line: int, value: object) -> Cell:
        """A value of `rows` as a cell."""
        return Cell(line, str(value))

    def sample(self, rows: int = 20, *, sheet: str | None = None) -> Sample:
        """What was found, with cells of the first `rows` rows; raises UnreadableFile, also when it holds
        nothing like what is sought.

        Of several sheets the first with such a column is taken; one that is asked for is shown whatever it holds.
        """
        if sheet:
            return self._seen(self._sheet(sheet), rows)
        doubtful = None
        for name in self.sheets or (None,):
            seen = self._seen(name, rows)
            if seen.suggested is not None:
                return seen
            if doubtful is None and self._may_hold_numbers(name):
                doubtful = seen
        if doubtful is None:
            raise UnreadableFile(UnreadableReason.NO_NUMBERS)
        return doubtful

    def _may_hold_numbers(self, sheet: str | None) -> bool:
        scanned = self._first_rows(sheet)
        return len(scanned) >= SCANNED_ROWS or any(map(self.looks.may_hold, chain.from_iterable(scanned)))

    def _seen(self, sheet: str | None, rows: int) -> Sample:
        scanned = self._first_rows(sheet)
        header = heading_rows(scanned, self.looks)
        columns = found_columns(scanned, self.looks, header=header, shown=rows)
        return Sample(
            format=self.format,
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=sheet,
            sheets=self.sheets,
            header=bool(header),
            columns=columns,
            suggested=suggested_column(columns),
        )

    def cells(self, column: int, sheet: str | None = None) -> Iterator[list[Cell]]:
        """The cells of one column in batches, without header and blank rows; an empty cell of a filled row
        has text "".
        """
        sheet = self._sheet(sheet)
        scanned = self._first_rows(sheet)
        if column < 0 or (len(scanned) < SCANNED_ROWS and not any(column < len(row) for row in scanned)):
            raise UnreadableFile(UnreadableReason.NO_SUCH_COLUMN)
        above = heading_rows(scanned, self.looks)
        batch: list[Cell] = []
        for line, row in self.rows(sheet):
            value = row[column] if column < len(row) else ""
            if value is None or (value == "" and is_blank(row)):
                continue
            if above and not is_blank(row):
                above -= 1
                continue
            batch.append(Cell(line, value) if type(value) is str else self.read_value(line, value))
            if len(batch) >= BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _sheet(self, sheet: str | None) -> str | None:
        if not sheet:
            return self.sheets[0] if self.sheets else None
        if sheet not in self.sheets:
            raise UnreadableFile(UnreadableReason.NO_SUCH_SHEET)
        return sheet

    def _scan(self, sheet: str | None) -> list[list[str]]:
        filled = (
            [self.read_value(line, "" if value is None else value).text for value in row]
            for line, row in self.rows(sheet)
            if not is_blank(row)
        )
        scanned = list(islice(filled, SCANNED_ROWS))
        if not scanned:
            raise UnreadableFile(UnreadableReason.EMPTY)
        return scanned
