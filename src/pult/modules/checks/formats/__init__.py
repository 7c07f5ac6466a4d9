"""Reading lists from files of any usual format, and writing results.

A list format is a class of ListFile named in FORMATS: the first one that recognises the content reads it.
"""

from pathlib import Path

from ..rules.looks import PHONES, Looks
from .columns import Column
from .listing import Cell, ListFile, Sample, Source
from .signatures import HEAD_SIZE, refuse_foreign
from .text_lists import CsvList, TxtList
from .texts import UNREADABLE_TEXTS, unreadable_words
from .unreadable import UnreadableFile, UnreadableReason
from .xlsx_list import XlsxList

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "UNREADABLE_TEXTS",
    "Cell",
    "Column",
    "ListFile",
    "Sample",
    "UnreadableFile",
    "UnreadableReason",
    "accepted_files",
    "format_names",
    "open_list",
    "unreadable_words",
]

# The first one that recognises the content reads it. Those that are known by their content for sure come first; a
# text of any kind is what remains, so nothing can stand behind TxtList.
FORMATS: tuple[type[ListFile], ...] = (XlsxList, CsvList, TxtList)

MOST_BYTES = 256 * 1024 * 1024


def accepted_files() -> str:
    """What a browser offers for uploading: suffixes and media types of all formats."""
    return ",".join(
        dict.fromkeys(
            [suffix for format_ in FORMATS for suffix in format_.suffixes]
            + [media_type for format_ in FORMATS for media_type in format_.media_types]
        )
    )


def format_names() -> str:
    """All formats by name, as people write them: "CSV, TXT, XLSX"."""
    return ", ".join(sorted(format_.format.upper() for format_ in FORMATS))


def open_list(path: Path, *, filename: str, most_bytes: int = MOST_BYTES, looks: Looks = PHONES) -> ListFile:
    """The list in the file, recognised by its content; `filename` (as uploaded) is kept but decides nothing.

    `looks` says what is sought in it: it tells headings from values, and suggests a column.

    Pasted text is opened the same way, from a UTF-8 file. Raises UnreadableFile.
    """
    size = path.stat().st_size
    if size > most_bytes:
        raise UnreadableFile(UnreadableReason.TOO_LARGE)
    with path.open("rb") as file:
        head = file.read(HEAD_SIZE)
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe") and size <= HEAD_SIZE:
        raise UnreadableFile(UnreadableReason.EMPTY)
    source = Source(path, filename, size, head, looks)
    for format_ in FORMATS:
        if format_.is_text:
            refuse_foreign(head)
        if (opened := format_.recognise(source)) is not None:
            return opened
    raise UnreadableFile(UnreadableReason.BINARY)
