"""Results as a file of any of the formats: for the page, the API, the terminal and the bot."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.utils.text import slugify
from django.utils.translation import get_language, override

from pult.modules.checks.formats.exports import csv_export, json_export, xlsx_export
from pult.modules.checks.models import Check
from pult.modules.checks.queries.export_rows import export_columns, export_rows
from pult.modules.checks.queries.results import Wanted

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""The formats, with what a browser is told of each."""

PIECE = 64 * 1024


def result_file_name(check: Check, file_format: str) -> str:
    """How a person finds the file again: the check's name and number."""
    return f"{slugify(check.name, allow_unicode=True)[:60] or 'check'}-{check.pk}.{file_format}"


def result_chunks(check: Check, wanted: Wanted, file_format: str) -> Iterator[bytes]:
    """The file as a stream, in the language that is active now. JSON has codes, the others have words."""
    if file_format == "xlsx":
        # Open files stay readable after their folder was removed.
        with tempfile.TemporaryDirectory(prefix="pult-export-") as folder:
            path = Path(folder) / "results.xlsx"
            write_results(check, path, wanted, file_format)
            return _Pieces(path.open("rb"))
    return in_language(get_language(), _text_chunks(check, wanted, file_format))


def write_results(check: Check, path: Path, wanted: Wanted, file_format: str) -> None:
    """Write the file at `path`; the caller cares for what an interruption leaves."""
    if file_format == "xlsx":
        xlsx_export(path, export_columns(check), export_rows(check, wanted))
        return
    with path.open("wb") as file:
        file.writelines(_text_chunks(check, wanted, file_format))


def in_language(language: str | None, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A stream is made after the request's language has been put back: each piece in its own."""
    while True:
        with override(language):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _text_chunks(check: Check, wanted: Wanted, file_format: str) -> Iterator[bytes]:
    if file_format == "json":
        return json_export(export_columns(check), export_rows(check, wanted, codes=True))
    return csv_export(export_columns(check), export_rows(check, wanted))


class _Pieces(Iterator[bytes]):
    """A file in pieces. Unlike a generator's, its `close` also ends what was never begun to be read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __next__(self) -> bytes:
        piece = b"" if self._file.closed else self._file.read(PIECE)
        if not piece:
            self.close()
            raise StopIteration
        return piece

    def close(self) -> None:
        self._file.close()
