"""What is no list is recognised by its content, whatever its name says, and the answer says what it is."""

import io
import zipfile
from pathlib import Path

import pytest

from pult.modules.checks.formats import (
    UNREADABLE_TEXTS,
    UnreadableFile,
    UnreadableReason,
    open_list,
    unreadable_words,
)
from pult.modules.checks.formats.unreadable import UnreadableReason as Reason

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(name, content)
    return buffer.getvalue()


def refusal_of(folder: Path, content: bytes, most_bytes: int = 1 << 20) -> UnreadableFile:
    path = folder / "numbers.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as refusal:
        open_list(path, filename="numbers.csv", most_bytes=most_bytes).sample()
    return refusal.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\xef\xbb\xbf \r\n\t\n", Reason.EMPTY),
        (b"\xff\xfe", Reason.EMPTY),
        (b"\n" * 100_000, Reason.EMPTY),
        (b"hello\nworld\n", Reason.NO_NUMBERS),
        (b"name;phone\n", Reason.NO_NUMBERS),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, Reason.PICTURE),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500), Reason.PICTURE),
        (b"RIFF\x00\x01\x00\x00WEBPVP8 ", Reason.PICTURE),
        (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00" + bytes(99), Reason.PICTURE),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), Reason.PICTURE),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(99), Reason.MEDIA),
        (b"%PDF-1.7\n%\xe2\xe3", Reason.DOCUMENT),
        (zipped("word/document.xml", "<w/>"), Reason.DOCUMENT),
        (zipped("content.xml", "<o/>"), Reason.OTHER_SPREADSHEET),
        (zipped("xl/workbook.bin", "?"), Reason.OTHER_SPREADSHEET),
        (zipped("list.csv", "+79123456789"), Reason.ARCHIVE),
        (b"PK\x03\x04" + bytes(60), Reason.ARCHIVE),
        (b"\x1f\x8b\x08\x00" + bytes(60), Reason.ARCHIVE),
        (b"Rar!\x1a\x07\x01\x00" + bytes(60), Reason.ARCHIVE),
        (OLE + bytes(2_000), Reason.OLD_EXCEL),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), Reason.PASSWORD),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), Reason.DOCUMENT),
        (b"<html><table><tr><td>+79123456789</td></tr></table>", Reason.WEB_PAGE),
        (b"\xef\xbb\xbf<!DOCTYPE html>\n<p>+79123456789", Reason.WEB_PAGE),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(99), Reason.PROGRAM),
        (b"\x7fELF\x02\x01\x01" + bytes(99), Reason.PROGRAM),
        (bytes(5_000) + b"1", Reason.BINARY),
        (bytes(range(1, 9)) * 200, Reason.BINARY),
        ("+79123456789\n".encode("utf-16") + b"\x00", Reason.BROKEN_ENCODING),
    ],
)
def test_what_is_no_list(tmp_path: Path, content: bytes, reason: UnreadableReason) -> None:
    assert refusal_of(tmp_path, content).reason is reason


def test_too_large(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, b"+79123456789\n" * 100, most_bytes=1_000).reason is Reason.TOO_LARGE


def test_a_line_without_end_is_named(tmp_path: Path) -> None:
    content = b"+79123456789\n" + b"1" * 6_000_000
    refusal = refusal_of(tmp_path, content, most_bytes=len(content))
    assert (refusal.reason, refusal.line) == (Reason.LINE_TOO_LONG, 2)


def test_words_that_begin_like_a_program_are_words(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("MZ;+79123456789\nBZh;+79123456780\n")
    assert open_list(path, filename="list.csv").sample().suggested == 1


def test_every_reason_has_words() -> None:
    assert set(UNREADABLE_TEXTS) == set(UnreadableReason)
    assert all(str(text) for text in UNREADABLE_TEXTS.values())
    assert unreadable_words("what is that", formats="CSV") == "what is that"


def test_words_name_the_line() -> None:
    words = unreadable_words(UnreadableFile(Reason.UNCLOSED_QUOTE, line=1204).code, formats="CSV")
    assert "1204" in words
    assert str(UNREADABLE_TEXTS[Reason.UNCLOSED_QUOTE]) in words
    assert unreadable_words("web_page", formats="CSV") == str(UNREADABLE_TEXTS[Reason.WEB_PAGE])
    assert unreadable_words("picture", formats="CSV, ODS").endswith("CSV, ODS.")
