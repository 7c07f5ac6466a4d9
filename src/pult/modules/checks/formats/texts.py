"""What a person reads when a file cannot be read."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .unreadable import UnreadableReason as Reason

UNREADABLE_TEXTS: dict[Reason, Promise] = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TOO_LARGE: _("The file is too large. Split it into smaller lists."),
    Reason.NO_NUMBERS: _("There are no phone numbers in it. They should stand one on a line or in a column."),
    Reason.PICTURE: _("This is a picture, whatever its name says. Upload a list: %(formats)s."),
    Reason.DOCUMENT: _("This is a document (PDF, Word or the like). Copy the list out of it and paste it."),
    Reason.ARCHIVE: _("This is an archive. Unpack it and upload the list inside."),
    Reason.OLD_EXCEL: _("This is an old Excel file (.xls). Open it and save it as .xlsx or CSV."),
    Reason.OTHER_SPREADSHEET: _("This kind of spreadsheet cannot be read. Save it as .xlsx or CSV."),
    Reason.PASSWORD: _("The spreadsheet is protected by a password. Save it without one."),
    Reason.WEB_PAGE: _(
        "This is a web page under another name. Open it in a spreadsheet and save it as .xlsx or CSV."
    ),
    Reason.PROGRAM: _("This is a program, not a list."),
    Reason.MEDIA: _("This is a sound or video file, not a list."),
    Reason.BINARY: _("This is not text. Upload a list: %(formats)s."),
    Reason.BROKEN_ENCODING: _("The text of the file is damaged. Save it again as UTF-8."),
    Reason.BROKEN_SPREADSHEET: _(
        "The spreadsheet is damaged. Open it in a spreadsheet program and save it again."
    ),
    Reason.SPREADSHEET_TOO_LARGE: _(
        "The spreadsheet is too large to open. Save its sheet as CSV: that may be larger."
    ),
    Reason.LINE_TOO_LONG: _("A line is longer than any list needs. Put each number on its own line."),
    Reason.UNCLOSED_QUOTE: _(
        "A quotation mark is opened here and not closed as it should be; lines would be lost."
    ),
    Reason.NO_SUCH_COLUMN: _("The chosen column is not in the file."),
    Reason.NO_SUCH_SHEET: _("The chosen sheet is not in the file."),
}


def unreadable_words(code: str, *, formats: str) -> str:
    """Words for the code of an UnreadableFile, the line named where it is known; other codes come back as
    they are. `formats` names what could be read.
    """
    reason, _separator, line = code.partition(":")
    if reason not in set(Reason):
        return code
    words = str(UNREADABLE_TEXTS[Reason(reason)]).replace("%(formats)s", formats)
    return gettext("Line %(line)s: %(words)s") % {"line": line, "words": words} if line else words
