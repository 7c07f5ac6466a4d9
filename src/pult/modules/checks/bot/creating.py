"""A new check: a file or pasted numbers, what it is for, and then its preview."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.html import format_html
from django.utils.translation import gettext as _

from pult.core.bots.screens import Answer, Button, GivenFile, Refused, Visit, below
from pult.modules.checks.bot import words
from pult.modules.checks.bot.columns import column_screen
from pult.modules.checks.bot.drawing import draw
from pult.modules.checks.bot.routing import as_refusals, own_check, room
from pult.modules.checks.formats import Sample, UnreadableFile, format_names
from pult.modules.checks.kinds import KINDS, kind_named
from pult.modules.checks.models import Check
from pult.modules.checks.operations.keeping import change_keeping
from pult.modules.checks.operations.removal import remove_source
from pult.modules.checks.operations.uploads import accept_paste, accept_upload, confirm_column
from pult.modules.checks.queries.own_checks import last_region
from pult.modules.checks.queries.uploaded_list import sample_of, unreadable_text

PIECE = 64 * 1024
# The most that the Bot API gives to bots (core.telegram.org/bots/api#getfile).
LARGEST_FILE = 20_000_000
USUAL_KIND = next(iter(KINDS))


@dataclass(frozen=True, slots=True)
class _SentFile:
    """A fetched file as uploads are taken in."""

    name: str
    size: int
    path: Path

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


@room.action("new")
def new_check(visit: Visit, kind: str = USUAL_KIND) -> Answer:
    """Ask for the list."""
    asked = kind_named(kind if kind in KINDS else USUAL_KIND)
    others = tuple(
        Button(str(other.title), "checks.new", (name,)) for name, other in KINDS.items() if other is not asked
    )
    example = format_html("<code>{}</code>", asked.words.example) if asked.words.example else ""
    return below(
        words.paragraphs(
            format_html("<b>{}</b>: {}", _("New check"), asked.title),
            _("Send me a file (%(formats)s, up to 20 MB), or paste the list here, one on a line.")
            % {"formats": format_names()},
            example,
        ),
        others,
        (Button(_("‹ All checks"), "checks.list"),),
        expects="checks.numbers",
        notes={"kind": asked.name},
    )


@room.text("numbers")
def numbers_given(visit: Visit, text: str) -> Answer:
    """Pasted into the chat. Telegram cuts long texts into several messages: each would be a list of its own."""
    with as_refusals():
        check = accept_paste(
            actor=visit.person,
            text=text,
            kind=_kind(visit),
            region=_region(visit),
            bot_id=visit.bot_id,
            now=visit.now,
        )
    return draw(visit, check) if check.state != Check.State.UPLOADED else column_screen(visit, check)


@room.file("numbers", largest=LARGEST_FILE)
def list_given(visit: Visit, file: GivenFile) -> Answer:
    """A file; one whose only column is clear is read at once, of others the column is confirmed."""
    sent = _SentFile(file.name, file.size, file.path)
    with as_refusals():
        check = accept_upload(
            actor=visit.person,
            file=sent,
            kind=_kind(visit),
            region=_region(visit),
            bot_id=visit.bot_id,
            now=visit.now,
        )
    try:
        return _understood(visit, check)
    except BaseException:
        # The row goes with the transaction; nothing half-stored stays.
        remove_source(check.source_path)
        raise


def _understood(visit: Visit, check: Check) -> Answer:
    try:
        sample = sample_of(check)
    except UnreadableFile as error:
        raise Refused(unreadable_text(error.code, kind=check.kind)) from error
    if not _is_clear(sample):
        return column_screen(visit, check)
    with as_refusals():
        check = confirm_column(
            actor=visit.person,
            check_id=check.pk,
            column=sample.columns[0].index,
            sheet=sample.sheet or "",
            region=check.region,
            now=visit.now,
        )
    return draw(visit, check)


def _is_clear(sample: Sample) -> bool:
    return len(sample.columns) == 1 and len(sample.sheets) < 2 and sample.suggested is not None


@room.text("purpose")
def purpose_given(visit: Visit, text: str) -> Answer:
    """What the list is for, typed."""
    check = own_check(visit, str(visit.notes.get("check", "")))
    return _with_purpose(visit, check, text)


@room.action("same")
def same_purpose(visit: Visit, check_id: str, other_id: str) -> Answer:
    """The purpose of an earlier check."""
    return _with_purpose(visit, own_check(visit, check_id), own_check(visit, other_id).purpose)


def _with_purpose(visit: Visit, check: Check, purpose: str) -> Answer:
    with as_refusals():
        check = change_keeping(
            actor=visit.person,
            check_id=check.pk,
            purpose=purpose,
            erase_at=check.erase_at,
            now=visit.now,
        )
    return draw(visit, check)


def _kind(visit: Visit) -> str:
    kind = str(visit.notes.get("kind", ""))
    return kind if kind in KINDS else USUAL_KIND


def _region(visit: Visit) -> str:
    return last_region(visit.person) if kind_named(_kind(visit)).national else ""
