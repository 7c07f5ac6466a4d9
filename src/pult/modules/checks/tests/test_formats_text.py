"""Lists as text: encodings, separators, quotation marks, and lines that a person finds again in an editor."""

import tracemalloc
from pathlib import Path

import pytest

from pult.modules.checks.formats import Cell, ListFile, UnreadableFile, UnreadableReason, open_list

TABLE = "Имя;Телефон;Город\nИван;+7 912 345-67-89;Москва\nПётр;8 (912) 345-67-80;Тверь\n\n;;\nОля;;Пермь\n"


def opened(folder: Path, content: bytes | str, name: str = "list.csv") -> ListFile:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_list(path, filename=name)


def all_cells(list_file: ListFile, column: int | None = None) -> list[tuple[int, str]]:
    if column is None:
        column = list_file.sample().suggested
    assert column is not None
    return [(cell.line, cell.text) for cells in list_file.cells(column) for cell in cells]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "utf-32"]
)
def test_usual_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    list_file = opened(tmp_path, TABLE.encode(encoding))
    sample = list_file.sample()
    assert (sample.format, sample.encoding, sample.delimiter, sample.header) == ("csv", encoding, ";", True)
    assert [column.title for column in sample.columns] == ["Имя", "Телефон", "Город"]
    assert sample.suggested == 1
    assert sample.columns[0].examples == ("Иван", "Пётр", "Оля")
    # Blank rows are passed over, an empty cell of a filled row is not.
    assert all_cells(list_file) == [(2, "+7 912 345-67-89"), (3, "8 (912) 345-67-80"), (6, "")]


def test_utf16_big_endian_with_mark(tmp_path: Path) -> None:
    assert len(all_cells(opened(tmp_path, b"\xfe\xff" + TABLE.encode("utf-16-be")))) == 3


def test_one_broken_byte_does_not_refuse_a_list_in_utf8(tmp_path: Path) -> None:
    content = "Имя Отчество;+79123456789\n".encode() * 50 + b"\xff;+79123456780\n"
    list_file = opened(tmp_path, content)
    assert list_file.sample().encoding == "utf-8"
    assert all_cells(list_file)[-1] == (51, "+79123456780")


def test_cyrillic_of_windows_far_behind_the_beginning(tmp_path: Path) -> None:
    content = b"Ivan;+79123456789\n" * 100_000 + "Пётр;+79123456780\n".encode("cp1251")
    list_file = opened(tmp_path, content)
    assert list_file.sample().encoding == "cp1251"
    assert all_cells(list_file, 0)[-1] == (100_001, "Пётр")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    list_file = opened(tmp_path, TABLE.replace(";", delimiter))
    assert list_file.sample().delimiter == delimiter
    assert list_file.sample().suggested == 1


def test_declared_delimiter_of_excel(tmp_path: Path) -> None:
    list_file = opened(tmp_path, "sep=;\nname;phone\nA, B, C;+79123456789\n")
    assert list_file.sample().delimiter == ";"
    assert all_cells(list_file) == [(3, "+79123456789")]


def test_quoted_fields_with_line_ends_keep_the_lines_of_an_editor(tmp_path: Path) -> None:
    list_file = opened(
        tmp_path, 'name,phone\r\n"two\r\nlines",+79123456789\r\n"a ""b"", c",8912\r\nlast,+79123456780\r\n'
    )
    assert all_cells(list_file) == [(2, "+79123456789"), (4, "8912"), (5, "+79123456780")]


@pytest.mark.parametrize(
    "content",
    [
        'name,phone\na,+79123456780\n"b,+79123456781\nc,+79123456782\n',
        'name,phone\na,+79123456780\n"b,+79123456781\nc,+79123456782\n"d",+79123456783\n',
        'name,phone\na,+79123456780\n"b,+79123456781\n' + "c,+79123456782\n" * 20_000,
    ],
)
def test_an_open_quotation_mark_is_named_before_it_swallows_lines(tmp_path: Path, content: str) -> None:
    list_file = opened(tmp_path, content)
    with pytest.raises(UnreadableFile) as refusal:
        all_cells(list_file, 1)
    assert (refusal.value.reason, refusal.value.line) == (UnreadableReason.UNCLOSED_QUOTE, 3)


def test_zero_bytes_vanish(tmp_path: Path) -> None:
    assert all_cells(opened(tmp_path, b"+7912\x003456789\n+79123456780\n")) == [
        (1, "+79123456789"),
        (2, "+79123456780"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_plain_lines(tmp_path: Path, end: str) -> None:
    list_file = opened(tmp_path, end.join(["+79123456789", "", "8 912 345 67 80", "nonsense"]), "list.txt")
    assert list_file.sample().format == "txt"
    assert all_cells(list_file) == [(1, "+79123456789"), (3, "8 912 345 67 80"), (4, "nonsense")]


@pytest.mark.parametrize(
    "line",
    [
        "+79123456789, +79123456780",
        "+79123456789;+79123456780",
        "89123456789 89123456780",
        "+7 912 345 67 89 +7 912 345 67 80",
        "+7 912 345 67 89 | 8 (912) 345-67-80",
    ],
)
def test_several_numbers_on_a_pasted_line(tmp_path: Path, line: str) -> None:
    found = all_cells(opened(tmp_path, f"{line}\n+79991112233"))
    assert [number for number, _ in found] == [1, 1, 2]


def test_one_pasted_line_of_all(tmp_path: Path) -> None:
    assert len(all_cells(opened(tmp_path, "+79123456789,+79123456780; +79123456781 89123456782"))) == 4


def test_a_line_that_is_not_all_numbers_stays_whole(tmp_path: Path) -> None:
    found = all_cells(opened(tmp_path, "+79123456780\n+7 912 345 67 89, 12\n+79123456781 Иван\n"), 0)
    assert found == [(1, "+79123456780"), (2, "+7 912 345 67 89, 12"), (3, "+79123456781 Иван")]


def test_the_column_of_numbers_is_told_from_those_that_look_like_it(tmp_path: Path) -> None:
    rows = "".join(f"77012345{i:02};{4600000000000 + i};8 912 345-67-{i:02}\n" for i in range(50))
    sample = opened(tmp_path, rows).sample()
    assert (sample.suggested, sample.header) == (2, False)
    headed = opened(
        tmp_path, "ИНН;Штрихкод;Моб. телефон\n" + rows.replace("8 912 345-67-", "891234567")
    ).sample()
    assert headed.suggested == 2


def test_rows_of_different_length(tmp_path: Path) -> None:
    list_file = opened(
        tmp_path, "a,b,phone\n1,2,+79123456789\n1\n1,2,+79123456780,4,5\n1,2,3\n1,2,3\n1,2,3\n"
    )
    assert all_cells(list_file, 2)[:3] == [(2, "+79123456789"), (3, ""), (4, "+79123456780")]


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        all_cells(opened(tmp_path, TABLE), 7)
    assert refusal.value.reason is UnreadableReason.NO_SUCH_COLUMN


def test_large_lists_are_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.writelines(f"{line},+7912{line:07}\n" for line in range(400_000))
    tracemalloc.start()
    list_file = open_list(path, filename="large.csv")
    count = sum(map(len, list_file.cells(1)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 400_000
    assert list_file.bytes_read == list_file.size
    assert peak < 12_000_000


def test_cells_come_as_they_are(tmp_path: Path) -> None:
    assert next(opened(tmp_path, TABLE).cells(1))[0] == Cell(2, "+7 912 345-67-89", None)


def test_a_title_above_the_heading_is_no_line_of_the_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Our customers;;\nname;phone;city\nAnna;+79123456789;Perm\nBoris;call me;Omsk\n")
    opened = open_list(path, filename="list.csv")
    columns = opened.sample().columns
    assert [column.title for column in columns] == ["name", "phone", "city"]
    assert [(cell.line, cell.text) for batch in opened.cells(1) for cell in batch] == [
        (3, "+79123456789"),
        (4, "call me"),
    ]


def test_words_above_numbers_in_one_column_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("phone\ncall me\n+79123456789\n")
    cells = [cell.text for batch in open_list(path, filename="list.txt").cells(0) for cell in batch]
    assert cells == ["call me", "+79123456789"]
