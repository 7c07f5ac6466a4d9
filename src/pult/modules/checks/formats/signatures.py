"""Files that are no lists, recognised by their first bytes whatever their name says."""

from .unreadable import UnreadableFile
from .unreadable import UnreadableReason as Reason

HEAD_SIZE = 65_536

_SIGNATURES: tuple[tuple[bytes, Reason], ...] = (
    (b"\x89PNG\r\n", Reason.PICTURE),
    (b"\xff\xd8\xff", Reason.PICTURE),
    (b"GIF8", Reason.PICTURE),
    (b"II*\x00", Reason.PICTURE),
    (b"MM\x00*", Reason.PICTURE),
    (b"\x00\x00\x01\x00", Reason.PICTURE),
    (b"<svg", Reason.PICTURE),
    (b"%PDF-", Reason.DOCUMENT),
    (b"{\\rtf", Reason.DOCUMENT),
    (b"PK\x03\x04", Reason.ARCHIVE),
    (b"PK\x05\x06", Reason.ARCHIVE),
    (b"Rar!\x1a\x07", Reason.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Reason.ARCHIVE),
    (b"\x1f\x8b\x08", Reason.ARCHIVE),
    (b"BZh", Reason.ARCHIVE),
    (b"\xfd7zXZ\x00", Reason.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Reason.ARCHIVE),
    (b"MZ", Reason.PROGRAM),
    (b"\x7fELF", Reason.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Reason.PROGRAM),
    (b"\xca\xfe\xba\xbe", Reason.PROGRAM),
    (b"ID3", Reason.MEDIA),
    (b"OggS", Reason.MEDIA),
    (b"\x1aE\xdf\xa3", Reason.MEDIA),
    (b"SQLite format 3\x00", Reason.BINARY),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuse_foreign(head: bytes) -> None:
    """Raise UnreadableFile when `head`, the first HEAD_SIZE bytes, belongs to something that is no list."""
    if head.startswith(_OLE):
        raise UnreadableFile(_kind_of_ole(head))
    if reason := _kind_of_container(head):
        raise UnreadableFile(reason)
    for signature, reason in _SIGNATURES:
        if head.startswith(signature) and not (signature.isalnum() and _is_words(head)):
            raise UnreadableFile(reason)
    start = head[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head")):
        raise UnreadableFile(Reason.WEB_PAGE)


def _is_words(head: bytes) -> bool:
    """Short signatures of letters only ("MZ", "BZh") also begin words; programs and archives go on with
    other bytes.
    """
    return not any(byte < 9 for byte in head[:64])


def _kind_of_ole(head: bytes) -> Reason:
    if "EncryptedPackage".encode("utf-16-le") in head:
        return Reason.PASSWORD
    return Reason.DOCUMENT if "WordDocument".encode("utf-16-le") in head else Reason.OLD_EXCEL


def _kind_of_container(head: bytes) -> Reason | None:
    if head[4:8] == b"ftyp":
        return Reason.PICTURE if head[8:11] in {b"hei", b"mif", b"avi"} else Reason.MEDIA
    if head.startswith(b"RIFF"):
        return Reason.PICTURE if head[8:12] == b"WEBP" else Reason.MEDIA
    if head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return Reason.PICTURE
    return None
