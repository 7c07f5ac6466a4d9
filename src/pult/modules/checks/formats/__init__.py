"""Reading lists of numbers from files of any usual format, and writing results.

A list format is a class of ListFile named in FORMATS: the first one that recognises the content reads it.
"""

from pathlib import Path

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
    "open_list",
    "unreadable_words",
]

# Containers first: they are known by their content for sure, text is what remains.
CONTAINERS: tuple[type[ListFile], ...] = (XlsxList,)
TEXTS: tuple[type[ListFile], ...] = (CsvList, TxtList)
FORMATS = CONTAINERS + TEXTS

MOST_BYTES = 256 * 1024 * 1024


def open_list(path: Path, *, filename: str, most_bytes: int = MOST_BYTES) -> ListFile:
    """The list in the file, recognised by its content; `filename` (as uploaded) is kept but decides nothing.

    Pasted text is opened the same way, from a UTF-8 file. Raises UnreadableFile.
    """
    size = path.stat().st_size
    if size > most_bytes:
        raise UnreadableFile(UnreadableReason.TOO_LARGE)
    with path.open("rb") as file:
        head = file.read(HEAD_SIZE)
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe") and size <= HEAD_SIZE:
        raise UnreadableFile(UnreadableReason.EMPTY)
    source = Source(path, filename, size, head)
    for kind in CONTAINERS:
        if (opened := kind.recognise(source)) is not None:
            return opened
    refuse_foreign(head)
    for kind in TEXTS:
        if (opened := kind.recognise(source)) is not None:
            return opened
    raise UnreadableFile(UnreadableReason.BINARY)
