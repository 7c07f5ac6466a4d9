"""A look into an XLSX package before it is loaded: true sizes (zip bombs), extent of each sheet, formulas
without value.

Part 1 of ECMA-376 (5th edition) describes the parts: 18.2.20 sheet, 18.3.1.4 c (cell), 18.3.1.40 f (formula).
"""

import re
import zipfile
from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree

from .unreadable import UnreadableFile, UnreadableReason

# All parts unpacked; a million rows of six numbers unpack to about 220 MB.
MOST_UNPACKED_BYTES = 400 * 1024 * 1024
# The rectangle around a sheet's filled cells, which calamine holds in memory as a whole.
MOST_CELLS = 8_000_000
_MOST_PARTS = 10_000
_LARGEST_INDEX_PART = 4 * 1024 * 1024
_CHUNK = 1 << 20
# Rows and columns of a sheet, up to XFD1048576.
ROWS, COLUMNS = 1_048_576, 16_384

# A cell as all usual programs write it; and any row or cell, attributes in any order, quotes of both kinds.
_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="\d+")?(?: t="\w+")?(/?)>')
_ROW_OR_CELL_START = re.compile(rb"<(?:[\w.-]+:)?(?:row|c)(?=[\s/>])")
_ROW_OR_CELL = re.compile(rb"""<(?:[\w.-]+:)?(row|c)(?=[\s/>])((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>""")
_ANY_REFERENCE = re.compile(rb"""(?<!\S)r\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_HAS_REFERENCE = re.compile(rb"(?<!\S)r\s*=")
# A formula whose value is missing, or a cell whose value is an error.
_WITHOUT_VALUE = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*
         (?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>
       | <(?:\w+:)?c\s([^>]*\bt=["']e["'][^>]*)>""",
    re.VERBOSE,
)


@dataclass(slots=True)
class SheetContents:
    """Extent of a sheet's filled cells, and its cells without a usable value as sorted keys row * COLUMNS
    + column.
    """

    rows: int = 0
    columns: int = 0
    without_value: "array[int]" = field(default_factory=lambda: array("Q"))

    def lacks_value(self, row: int) -> Iterator[int]:
        """Columns (from 0) of the cells without a value in this row (from 0)."""
        for key in self._keys_of(row):
            yield key % COLUMNS

    def _keys_of(self, row: int) -> "array[int]":
        first = bisect_left(self.without_value, row * COLUMNS)
        return self.without_value[first : bisect_left(self.without_value, (row + 1) * COLUMNS, first)]


def inspect_package(package: zipfile.ZipFile) -> list[SheetContents]:
    """What each sheet holds, in the workbook's order.

    Reads every part that calamine will read, so that sizes and checksums are true. Raises UnreadableFile and
    zipfile.BadZipFile.
    """
    parts = package.infolist()
    if len({part.filename for part in parts}) != len(parts):
        raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET)
    markup = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in markup) > MOST_UNPACKED_BYTES:
        raise UnreadableFile(UnreadableReason.SPREADSHEET_TOO_LARGE)
    paths = _sheet_paths(package)
    contents = {path: SheetContents() for path in paths}
    for part in markup:
        with closing(_pieces(package, part)) as pieces:
            if part.filename in contents:
                _inspect_sheet(pieces, contents[part.filename])
            else:
                for _ in pieces:
                    pass
    return [contents[path] for path in paths]


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Generator[bytes, None, None]:
    with package.open(part) as file:
        while piece := file.read(_CHUNK):
            yield piece


def _sheet_paths(package: zipfile.ZipFile) -> list[str]:
    workbook = _parsed(package, "xl/workbook.xml")
    relations = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _parsed(package, "xl/_rels/workbook.xml.rels").iter()
    }
    paths = []
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            key = next((value for name, value in element.items() if name.endswith("}id")), None)
            target = relations.get(key, "")
            paths.append(target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target))
    return paths


def _parsed(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    try:
        if package.getinfo(name).file_size > _LARGEST_INDEX_PART:
            raise UnreadableFile(UnreadableReason.SPREADSHEET_TOO_LARGE)
        # The size is bounded above, and expat since 2.4.1 stops entities that multiply.
        return ElementTree.fromstring(package.read(name))  # noqa: S314
    except (KeyError, ElementTree.ParseError) as error:
        raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET) from error


def _inspect_sheet(pieces: Iterable[bytes], contents: SheetContents) -> None:
    rest = b""
    for piece in pieces:
        rest += piece
        end = rest.rfind(b"row>") + 4
        if end < 4 and len(rest) > 8 * _CHUNK:
            raise UnreadableFile(UnreadableReason.SPREADSHEET_TOO_LARGE)
        if end >= 4:
            _inspect_rows(rest[:end], contents)
            rest = rest[end:]
    _inspect_rows(rest, contents)
    contents.without_value = array("Q", sorted(contents.without_value))


def _inspect_rows(rows: bytes, contents: SheetContents) -> None:
    """Widen the extent by the cells of a piece of a sheet, and note those without a value."""
    usual = _USUAL_CELL.findall(rows)
    others = rows.count(b"<c") - rows.count(b"<col") - len(usual)
    if others == 0 and b":c" not in rows:
        filled = [(letters, row) for letters, row, closed in usual if not closed]
        contents.columns = max(contents.columns, *map(_column_number, {letters for letters, _ in filled}), 0)
        contents.rows = max(contents.rows, *map(int, {row for _, row in filled}), 0)
    else:
        _inspect_unusual_rows(rows, contents)
    if contents.rows > ROWS or contents.columns > COLUMNS:
        raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET)
    if contents.rows * contents.columns > MOST_CELLS:
        raise UnreadableFile(UnreadableReason.SPREADSHEET_TOO_LARGE)
    if b"<f" in rows or b":f" in rows or b't="e"' in rows or b"t='e'" in rows:
        for found in _WITHOUT_VALUE.finditer(rows):
            if reference := _ANY_REFERENCE.search(b" " + (found[1] or found[2])):
                key = (int(reference[2]) - 1) * COLUMNS + _column_number(reference[1]) - 1
                contents.without_value.append(key)


def _inspect_unusual_rows(rows: bytes, contents: SheetContents) -> None:
    """The same where cells have no reference (then their order counts) or are written in a way of their own.

    Whatever cannot be understood is refused: calamine would take memory for the whole rectangle of a sheet.
    """
    tags = _ROW_OR_CELL.findall(rows)
    if len(tags) != len(_ROW_OR_CELL_START.findall(rows)):
        raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET)
    row, column = contents.rows, 0
    for kind, attributes in tags:
        reference = _ANY_REFERENCE.search(attributes)
        if reference is None and _HAS_REFERENCE.search(attributes):
            raise UnreadableFile(UnreadableReason.BROKEN_SPREADSHEET)
        if kind == b"row":
            row, column = int(reference[2]) if reference else row + 1, 0
        else:
            row, column = (
                (int(reference[2]), _column_number(reference[1])) if reference else (row, column + 1)
            )
            contents.columns = max(contents.columns, column)
        contents.rows = max(contents.rows, row)


def _column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
