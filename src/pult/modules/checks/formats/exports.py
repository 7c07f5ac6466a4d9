"""Writing results: CSV and JSON as streams of bytes, XLSX into a file; memory stays flat however many rows
come.

No cell may start a formula when a spreadsheet opens the file (CSV injection; OWASP, "CSV Injection",
https://owasp.org/www-community/attacks/CSV_Injection). In XLSX every text is a string cell, which is never
calculated. In CSV the rule is OWASP's: a text that begins with = + - @, tab or carriage return (or a
full-width twin of these), also after blanks, gets a leading apostrophe; and because a field can be torn
apart by a program that expects another separator, the same holds behind every separator and quotation mark
inside it. One exception keeps numbers usable: a plus and digits, nothing else, is a constant that cannot
call anything, so `+79123456789` stays as it is.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

_BATCH = 1_000
_PHONE = re.compile(r"\+\d{5,15}", re.ASCII)
_FORMULA_SIGN = re.compile(r"[\0=+\-@\t\r＝＋－﹣−＠]")
_FORMULA_START = re.compile(r"(^|[,;|\t\r\n\"'])(\s*)(?=[=+\-@\t\r＝＋－﹣−＠])")
# A sheet has 1,048,576 rows; the first one is the heading.
_ROWS_OF_SHEET = 1_048_575
_LONGEST_CELL = 32_767
# A spreadsheet's numbers are exact up to here; longer ones are written as text.
_EXACT = 10**15
# Characters that XML 1.0 does not have.
_CONTROLS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")

Value = str | int | float | bool | None


class ExportColumn(NamedTuple):
    """`key` names the value in JSON, `title` heads the column elsewhere (in the reader's language)."""

    key: str
    title: str


def neutral_text(text: str) -> str:
    """The text so that no spreadsheet takes any part of it for a formula (see the module's docstring)."""
    if _PHONE.fullmatch(text):
        return text
    return _FORMULA_START.sub(r"\1'\2", text)


def csv_export(
    columns: Sequence[ExportColumn], rows: Iterable[Sequence[Value]], *, byte_order_mark: bool = True
) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, every field quoted. The mark lets Excel see the encoding; other programs may not
    want it.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([neutral_text(column.title) for column in columns])
    remaining = iter(rows)
    start = "\ufeff" if byte_order_mark else ""
    while True:
        batch = list(islice(remaining, _BATCH))
        writer.writerows(zip(*map(_neutral_column, zip(*batch, strict=True)), strict=True))
        yield (start + buffer.getvalue()).encode()
        if len(batch) < _BATCH:
            return
        start = ""
        buffer.seek(0)
        buffer.truncate()


def json_export(columns: Sequence[ExportColumn], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """An array of objects in UTF-8, one object on a line, values with their own types."""
    keys = [column.key for column in columns]
    remaining = iter(rows)
    before = "[\n"
    while batch := list(islice(remaining, _BATCH)):
        objects = (json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in batch)
        yield (before + ",\n".join(objects)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def xlsx_export(path: Path, columns: Sequence[ExportColumn], rows: Iterable[Sequence[Value]]) -> None:
    """A workbook at `path`; after 1,048,575 rows it goes on with a further sheet. Phone numbers come as
    text.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    remaining = iter(rows)
    with xlsxwriter.Workbook(str(path), options) as workbook:
        heading = workbook.add_format({"bold": True})
        row = next(remaining, None)
        while True:
            sheet = workbook.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(columns) - 1, 0), 20)
            for index, column in enumerate(columns):
                sheet.write_string(0, index, column.title, heading)
            line = 0
            while row is not None and line < _ROWS_OF_SHEET:
                line += 1
                for index, value in enumerate(row):
                    _write_cell(sheet, line, index, value)
                row = next(remaining, None)
            if row is None:
                return


def _write_cell(sheet: Any, line: int, index: int, value: Value) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, index, value)
    elif isinstance(value, int | float) and abs(value) < _EXACT:
        sheet.write_number(line, index, value)
    else:
        sheet.write_string(line, index, str(value).translate(_CONTROLS)[:_LONGEST_CELL])


def _neutral_column(values: Sequence[Value]) -> Sequence[Value]:
    """A column of a batch: one look tells for most of them that no cell could start anything."""
    if not _FORMULA_SIGN.search("\n".join([value for value in values if isinstance(value, str)])):
        return values
    return [_neutral_cell(value) if isinstance(value, str) and value else value for value in values]


def _neutral_cell(text: str) -> str:
    # Before the memory for repeated texts: numbers do not come again.
    return text if text[0] == "+" and _PHONE.fullmatch(text) else _remembered(text)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    """Moments come again and again."""
    return neutral_text(text.replace("\0", ""))
