"""XLSX as Excel and its relatives write it, and as somebody with ill will would."""

import datetime
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from pult.modules.checks.formats import Cell, UnreadableFile, UnreadableReason, open_list, xlsx_package
from pult.modules.checks.rules.problems import Problem


def cells_of(path: Path, column: int | None = None, sheet: str | None = None) -> list[Cell]:
    list_file = open_list(path, filename="list.xlsx")
    if column is None:
        column = list_file.sample(sheet=sheet).suggested
    assert column is not None
    return [cell for cells in list_file.cells(column, sheet) for cell in cells]


def written(path: Path, *rows: list[Any]) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(path)
    return path


def rewritten(path: Path, part: str, change: Any) -> Path:
    """The package with one part changed."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def test_numbers_texts_and_blank_rows(tmp_path: Path) -> None:
    path = written(
        tmp_path / "list.xlsx",
        ["Имя", "Телефон"],
        ["Иван", 79123456789],
        [],
        ["Пётр", "8 (912) 345-67-80"],
        ["Оля", None],
        ["Анна", 79123456781.0],
    )
    sample = open_list(path, filename="any.csv").sample()
    assert (sample.format, sample.sheets, sample.header, sample.suggested) == ("xlsx", ("Sheet",), True, 1)
    assert cells_of(path) == [
        Cell(2, "79123456789"),
        Cell(4, "8 (912) 345-67-80"),
        Cell(5, ""),
        Cell(6, "79123456781"),
    ]


def test_the_list_may_stand_on_another_sheet_than_the_first(tmp_path: Path) -> None:
    path = written(tmp_path / "list.xlsx", ["Report of the autumn"], ["Total", 2])
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0].title = "Summary"
    for row in (["Name", "Phone"], ["Ivan", "+79123456789"], ["Anna", "+79123456780"]):
        second = workbook["Clients"] if "Clients" in workbook.sheetnames else workbook.create_sheet("Clients")
        second.append(row)
    workbook.save(path)
    opened = open_list(path, filename="list.xlsx")
    found = opened.sample()
    assert (found.sheet, found.suggested, found.sheets) == ("Clients", 1, ("Summary", "Clients"))
    looked_at = opened.sample(sheet="Summary")
    assert (looked_at.sheet, looked_at.suggested) == ("Summary", None)


def test_a_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet["D7"], sheet["D8"], sheet["D9"] = "phone", 79123456789, "+79123456780"
    workbook.save(tmp_path / "list.xlsx")
    assert cells_of(tmp_path / "list.xlsx", 3) == [Cell(8, "79123456789"), Cell(9, "+79123456780")]


def test_what_a_spreadsheet_damaged_is_marked(tmp_path: Path) -> None:
    path = written(
        tmp_path / "list.xlsx",
        ["phone"],
        [79123456789],
        [7.9123456789012345e17],
        [79123456789.5],
        ["7.9123E+10"],
        [datetime.date(2026, 1, 5)],
        [datetime.datetime(2026, 1, 5, 10, 30)],  # noqa: DTZ001 - spreadsheets know no time zones
        [True],
    )
    assert [(cell.line, cell.problem) for cell in cells_of(path, 0)] == [
        (2, None),
        (3, Problem.DAMAGED),
        (4, Problem.DAMAGED),
        (5, None),  # text: the rules for numbers recognise it
        (6, Problem.DATE),
        (7, Problem.DATE),
        (8, None),
    ]


def test_formulas_have_their_calculated_value_or_say_that_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write("A1", "phone")
        sheet.write_formula("A2", '="+7"&"9123456789"', None, "+79123456789")
        sheet.write_formula("A3", "=79123456780+0", None, 79123456780)
        sheet.write_formula("A4", "=B4", None, "")
        sheet.write_formula("A5", "=1/0", None, "#DIV/0!")
        sheet.write("A6", 79123456781)
    assert cells_of(path) == [
        Cell(2, "+79123456789"),
        Cell(3, "79123456780"),
        Cell(4, "", Problem.FORMULA_WITHOUT_VALUE),
        Cell(5, "", Problem.FORMULA_WITHOUT_VALUE),
        Cell(6, "79123456781"),
    ]
    never_calculated = written(tmp_path / "other.xlsx", ["phone"], ["=1+1"], [79123456789])
    assert cells_of(never_calculated) == [Cell(2, "", Problem.FORMULA_WITHOUT_VALUE), Cell(3, "79123456789")]


def test_merged_cells_count_once(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row("A1", ["name", "phone"])
        for line in range(2, 6):
            sheet.write(f"A{line}", "x")
        sheet.merge_range("B2:B4", 79123456789)
        sheet.write("B5", 79123456780)
        sheet.merge_range("A6:B6", 79123456781)
    assert cells_of(path, 1) == [Cell(2, "79123456789"), Cell(5, "79123456780")]


def test_sheets_to_choose_from(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "Пустой"
    for name, number in (("Скрытый", 79123456780), ("Клиенты & Ко", 79123456781), ("Ещё", 79123456782)):
        workbook.create_sheet(name).append([number])
    workbook["Скрытый"].sheet_state = "hidden"
    workbook.save(tmp_path / "list.xlsx")
    list_file = open_list(tmp_path / "list.xlsx", filename="list.xlsx")
    assert list_file.sample().sheets == ("Клиенты & Ко", "Ещё", "Скрытый")
    assert list_file.sample().sheet == "Клиенты & Ко"
    assert cells_of(tmp_path / "list.xlsx", sheet="Ещё") == [Cell(1, "79123456782")]
    with pytest.raises(UnreadableFile) as refusal:
        list_file.sample(sheet="Нет")
    assert refusal.value.reason is UnreadableReason.NO_SUCH_SHEET


def refusal_of(path: Path) -> UnreadableReason:
    with pytest.raises(UnreadableFile) as refusal:
        cells_of(path)
    return refusal.value.reason


def test_an_empty_workbook(tmp_path: Path) -> None:
    assert refusal_of(written(tmp_path / "list.xlsx")) is UnreadableReason.EMPTY


def test_a_workbook_cut_short(tmp_path: Path) -> None:
    path = written(tmp_path / "list.xlsx", *([[79123456789]] * 500))
    path.write_bytes(path.read_bytes()[:-300])
    assert refusal_of(path) is UnreadableReason.BROKEN_SPREADSHEET


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/workbook.xml", lambda _: b"<workbook"),
        ("xl/worksheets/sheet1.xml", lambda content: content[: len(content) // 2]),
        ("xl/_rels/workbook.xml.rels", lambda _: b"<Relationships/>"),
    ],
)
def test_a_workbook_with_a_broken_part(tmp_path: Path, part: str, change: Any) -> None:
    path = rewritten(written(tmp_path / "list.xlsx", *([[79123456789]] * 500)), part, change)
    assert refusal_of(path) is UnreadableReason.BROKEN_SPREADSHEET


def test_a_broken_byte_inside(tmp_path: Path) -> None:
    path = written(tmp_path / "list.xlsx", *([[79123456789 + line] for line in range(5_000)]))
    content = bytearray(path.read_bytes())
    place = content.index(b"xl/worksheets/sheet1.xml") + 2_000
    content[place : place + 4] = b"\xff\x00\xff\x00"
    path.write_bytes(content)
    assert refusal_of(path) is UnreadableReason.BROKEN_SPREADSHEET


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_package, "MOST_UNPACKED_BYTES", 1_000_000)
    path = rewritten(
        written(tmp_path / "list.xlsx", [79123456789]), "docProps/core.xml", lambda _: b" " * 2_000_000
    )
    assert refusal_of(path) is UnreadableReason.SPREADSHEET_TOO_LARGE


@pytest.mark.parametrize(
    "reference",
    [
        rb'r="XFD1048576"',
        rb"r='XFD1048576'",
        rb'r = "xfd1048576"',
        rb's=">" r="XFD1048576"',
        rb'xml:r="A2" r="XFD1048576"',
    ],
)
def test_two_cells_at_the_ends_of_a_sheet_do_not_take_all_memory(tmp_path: Path, reference: bytes) -> None:
    path = rewritten(
        written(tmp_path / "list.xlsx", [79123456789], [79123456780]),
        "xl/worksheets/sheet1.xml",
        lambda content: content.replace(b'r="A2"', reference),
    )
    assert refusal_of(path) is UnreadableReason.SPREADSHEET_TOO_LARGE


@pytest.mark.parametrize(
    "reference", [rb'r="A2599999999999"', rb'r="A9999999"', rb'r="ZZZ2"', rb'r="&#65;2"']
)
def test_references_that_no_sheet_has(tmp_path: Path, reference: bytes) -> None:
    path = rewritten(
        written(tmp_path / "list.xlsx", [79123456789], [79123456780]),
        "xl/worksheets/sheet1.xml",
        lambda content: content.replace(b'r="A2"', reference),
    )
    assert refusal_of(path) is UnreadableReason.BROKEN_SPREADSHEET


def test_cells_without_references(tmp_path: Path) -> None:
    path = rewritten(
        written(tmp_path / "list.xlsx", ["phone"], [79123456789]),
        "xl/worksheets/sheet1.xml",
        lambda content: re.sub(rb' r="[A-Z]*\d+"', b"", content),
    )
    assert cells_of(path, 0) == [Cell(2, "79123456789")]
