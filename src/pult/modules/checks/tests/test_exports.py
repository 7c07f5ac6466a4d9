"""Exports open everywhere as they were, and never start a formula."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.formats import exports
from pult.modules.checks.formats.exports import (
    ExportColumn,
    Value,
    csv_export,
    json_export,
    neutral_text,
    xlsx_export,
)

COLUMNS = [ExportColumn("phone", "Номер"), ExportColumn("name", "Имя"), ExportColumn("id", "Id")]
ROWS: list[list[Value]] = [
    ["+79123456789", 'Иван "Ваня"; Петров,\nмладший', 42],
    ["+380671234567", '=HYPERLINK("http://evil.example","tap")', None],
    ["+12025550123", "@SUM(1+1)*cmd|' /C calc'!A0", 5_000_000_000],
]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def read_csv(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_csv_keeps_numbers_usable_and_formulas_harmless() -> None:
    content = b"".join(csv_export(COLUMNS, ROWS))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 4
    assert read_csv(content) == [
        ["Номер", "Имя", "Id"],
        ["+79123456789", 'Иван "Ваня"; Петров,\nмладший', "42"],
        ["+380671234567", '\'=HYPERLINK("http://evil.example","tap")', ""],
        ["+12025550123", "'@SUM(1+1)*cmd|' /C calc'!A0", "5000000000"],
    ]
    assert not b"".join(csv_export(COLUMNS, ROWS, byte_order_mark=False)).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("start", DANGEROUS)
def test_each_dangerous_beginning_is_neutralised(start: str) -> None:
    assert neutral_text(f"{start}1+cmd()").startswith("'")
    assert neutral_text(f"  {start}1+cmd()").startswith("'")


@pytest.mark.parametrize("text", ["+79123456789", "Иван-Пётр", "a+b=c", "O'Neil", "user@example.org", ""])
def test_harmless_texts_stay(text: str) -> None:
    assert neutral_text(text) == text


@given(st.text(alphabet=st.sampled_from("=+-@;,|\t\r\n\"' a1＝"), max_size=12))
def test_no_cell_starts_a_formula_whatever_separator_the_reader_expects(text: str) -> None:
    content = b"".join(csv_export(COLUMNS[:1], [[text]]))
    for delimiter in ",;\t|":
        for row in read_csv(content, delimiter)[1:]:
            for cell in row:
                stripped = cell.lstrip(" ")
                assert not stripped.startswith(DANGEROUS) or exports._PHONE.fullmatch(cell), (text, delimiter)


def test_json_keeps_types() -> None:
    assert json.loads(b"".join(json_export(COLUMNS, ROWS))) == [
        {"phone": row[0], "name": row[1], "id": row[2]} for row in ROWS
    ]
    assert json.loads(b"".join(json_export(COLUMNS, []))) == []


@pytest.mark.parametrize("count", [999, 1_000, 1_001, 2_500])
def test_streams_come_in_pieces_and_whole(count: int) -> None:
    rows: list[list[Value]] = [[f"+7912{number:07}", "", number] for number in range(count)]
    pieces = list(csv_export(COLUMNS, iter(rows)))
    assert len(pieces) == count // 1_000 + 1
    assert len(read_csv(b"".join(pieces))) == count + 1
    assert len(json.loads(b"".join(json_export(COLUMNS, iter(rows))))) == count


def test_xlsx_has_text_cells(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    odd: list[Value] = ["+79123456780", "bad\x01\x00sign" + "x" * 40_000, 10**16]
    xlsx_export(path, COLUMNS, iter([*ROWS, odd]))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    found = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert [value for value, _ in found[0]] == ["Номер", "Имя", "Id"]
    assert found[1][0] == ("+79123456789", "s")
    assert found[2][1] == ('=HYPERLINK("http://evil.example","tap")', "s")
    assert found[3] == [("+12025550123", "s"), ("@SUM(1+1)*cmd|' /C calc'!A0", "s"), (5_000_000_000, "n")]
    assert str(found[4][1][0]).startswith("badsign")
    assert len(str(found[4][1][0])) == 32_767
    assert found[4][2] == ("10000000000000000", "s")


def test_xlsx_goes_on_with_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_ROWS_OF_SHEET", 2)
    xlsx_export(tmp_path / "out.xlsx", COLUMNS, ROWS)
    workbook = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert [sheet.max_row for sheet in workbook] == [3, 2]
    assert workbook.worksheets[1]["A1"].value == "Номер"
    assert workbook.worksheets[1]["A2"].value == "+12025550123"
