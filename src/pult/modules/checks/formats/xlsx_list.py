"""XLSX through calamine, after a look into the package: it loads sheets whole, so their size is known
beforehand.
"""

import datetime
import zipfile
import zlib
from collections.abc import Iterator
from typing import ClassVar, Self

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ..rules.problems import Problem
from .listing import Cell, ListFile, Row, Source
from .unreadable import UnreadableFile, UnreadableReason
from .xlsx_package import SheetContents, inspect_package

# Smaller than for text: calamine needs up to 40 bytes of memory for each cell of a sheet's rectangle.
MOST_BYTES = 64 * 1024 * 1024
# A spreadsheet's numbers have 15 digits; what is longer has lost its end.
_EXACT = 1e15


# What zipfile, zlib and expat raise for damaged packages, besides their own errors.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class _WithoutValue:
    """Stands where a formula has no calculated value, or an error for one."""


_WITHOUT_VALUE = _WithoutValue()


class XlsxList(ListFile):
    """A workbook of Office Open XML; values are read as they are stored, not as a format shows them."""

    format: ClassVar[str] = "xlsx"
    suffixes = (".xlsx",)

    def __init__(self, source: Source, contents: list[SheetContents]) -> None:
        super().__init__(source)
        self._bytes_read = 0
        try:
            with CalamineWorkbook.from_path(source.path) as workbook:
                sheets = workbook.sheets_metadata
            self._contents = dict(zip((meta.name for meta in sheets), contents, strict=True))
        except (CalamineError, ValueError) as error:
            raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET) from error
        filled = [
            meta for meta in sheets if meta.typ == SheetTypeEnum.WorkSheet and self._contents[meta.name].rows
        ]
        if not filled:
            raise UnreadableFile(UnreadableReason.EMPTY)
        # Hidden sheets come last: they may hold the list, but seldom do.
        filled.sort(key=lambda meta: meta.visible != SheetVisibleEnum.Visible)
        self.sheets = tuple(meta.name for meta in filled)

    @property
    def bytes_read(self) -> int:
        return self._bytes_read

    @classmethod
    def recognise(cls, source: Source) -> Self | None:
        if not source.head.startswith(b"PK\x03\x04"):
            return None
        try:
            with zipfile.ZipFile(source.path) as package:
                names = set(package.namelist())
                if names & {"xl/workbook.bin", "content.xml"}:
                    raise UnreadableFile(UnreadableReason.OTHER_SPREADSHEET)
                if "word/document.xml" in names:
                    raise UnreadableFile(UnreadableReason.DOCUMENT)
                if "xl/workbook.xml" not in names:
                    return None
                if source.size > MOST_BYTES:
                    raise UnreadableFile(UnreadableReason.SPREADSHEET_TOO_LARGE)
                return cls(source, inspect_package(package))
        except _DAMAGE as error:
            is_workbook = b"xl/" in source.head or b"[Content_Types].xml" in source.head
            reason = UnreadableReason.BROKEN_SPREADSHEET if is_workbook else UnreadableReason.ARCHIVE
            raise UnreadableFile(reason) from error

    def rows(self, sheet: str | None) -> Iterator[Row]:
        name = sheet or self.sheets[0]
        contents = self._contents[name]
        try:
            with CalamineWorkbook.from_path(self.path) as workbook:
                values = workbook.get_sheet_by_name(name)
                left = values.start[1] if values.start else 0
                height = max(values.total_height, 1)
                merged = _MergedCells(values.merged_cell_ranges or [])
                for index, cells in enumerate(values.iter_rows()):
                    row: list[object] = [""] * left + list(cells)
                    merged.cover(index, row)
                    for column in contents.lacks_value(index):
                        row[column : column + 1] = [_WITHOUT_VALUE]
                    self._bytes_read = self.size * (index + 1) // height
                    yield index + 1, row
        except CalamineError as error:
            raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET) from error

    def read_value(self, line: int, value: object) -> Cell:
        if isinstance(value, float):
            if value.is_integer() and abs(value) < _EXACT:
                return Cell(line, str(int(value)))
            return Cell(line, repr(value), Problem.DAMAGED)
        if value is _WITHOUT_VALUE:
            return Cell(line, "", Problem.FORMULA_WITHOUT_VALUE)
        if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
            return Cell(line, str(value), Problem.DATE)
        return Cell(line, str(value))


class _MergedCells:
    """Cells that a merged one covers have no value of their own: they become None, row by row in their
    order.
    """

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._waiting = sorted(ranges, reverse=True)
        self._active: list[tuple[tuple[int, int], tuple[int, int]]] = []

    def cover(self, index: int, row: list[object]) -> None:
        while self._waiting and self._waiting[-1][0][0] <= index:
            area = self._waiting.pop()
            if area[0][1] < len(row):
                self._active.append(area)
        if not self._active:
            return
        self._active = [area for area in self._active if area[1][0] >= index]
        if len(self._active) > len(row):  # more than can lie side by side
            raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET)
        for (top, left), (_, right) in self._active:
            for column in range(left + (index == top), min(right + 1, len(row))):
                row[column] = None
