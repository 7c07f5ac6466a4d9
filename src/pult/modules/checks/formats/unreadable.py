"""Why a file cannot be read as a list; the words stand in texts.py."""

from enum import StrEnum


class UnreadableReason(StrEnum):
    EMPTY = "empty_file"
    TOO_LARGE = "too_large"
    NO_NUMBERS = "no_numbers"
    PICTURE = "picture"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    OLD_EXCEL = "old_excel"
    OTHER_SPREADSHEET = "other_spreadsheet"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    WEB_PAGE = "web_page"
    PROGRAM = "program"
    MEDIA = "media"
    BINARY = "binary"
    BROKEN_ENCODING = "broken_encoding"
    BROKEN_SPREADSHEET = "broken_spreadsheet"
    SPREADSHEET_TOO_LARGE = "spreadsheet_too_large"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    NO_SUCH_COLUMN = "no_such_column"
    NO_SUCH_SHEET = "no_such_sheet"


class UnreadableFile(Exception):
    """This file is no list that Pult can read; `line` says where, when the reason lies in one place."""

    def __init__(self, reason: UnreadableReason, *, line: int | None = None) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """Reason and line in one short text, to be stored; `unreadable_words` turns it into words."""
        return self.reason.value if self.line is None else f"{self.reason.value}:{self.line}"
