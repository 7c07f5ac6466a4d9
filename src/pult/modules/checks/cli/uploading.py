"""From a file on this machine to a check whose list has been confirmed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from pult.core.people.models import Person
from pult.modules.checks.cli.speaking import give_up, terminal
from pult.modules.checks.formats import Sample, UnreadableFile
from pult.modules.checks.kinds import KINDS, Kind
from pult.modules.checks.models import Check
from pult.modules.checks.operations.control import remove_check
from pult.modules.checks.operations.uploads import UnableToAccept, accept_upload, confirm_column
from pult.modules.checks.queries.column_choice import column_named
from pult.modules.checks.queries.uploaded_list import sample_of, unreadable_text
from pult.modules.checks.rules.numbers import REGIONS

CHUNK = 1024 * 1024


class FileOnDisk:
    """A file of this machine, in the shape of an uploaded one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name: str | None = path.name
        self.size: int | None = path.stat().st_size

    def chunks(self) -> Iterable[bytes]:
        """The content, a megabyte at a time."""
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def upload(
    person: Person,
    path: Path,
    *,
    kind: str,
    region: str,
    column: str | None,
    sheet: str,
    purpose: str,
    keep_days: int | None,
) -> Check:
    """Take the file in and send its column to be read; ends the command when it is no list or has no such column."""
    if kind not in KINDS:
        raise give_up(
            _("There is no kind %(kind)s; there are: %(known)s.") % {"kind": kind, "known": ", ".join(KINDS)}
        )
    if not KINDS[kind].national:
        region = ""
    if region and region not in REGIONS:
        raise give_up(f"There is no country {region}; write two letters such as RU or DE.")
    try:
        check = accept_upload(
            actor=person,
            file=FileOnDisk(path),
            kind=kind,
            region=region,
            purpose=purpose,
            keep_days=keep_days,
            now=timezone.now(),
        )
    except (UnableToAccept, OSError) as refusal:
        raise give_up(f"{path.name}: {refusal}") from refusal
    try:
        sample = sample_of(check, sheet=sheet)
        chosen = _chosen(sample, column, KINDS[kind])
    except UnreadableFile as error:
        line = f" (line {error.line})" if error.line else ""
        reason = f"{path.name}: {unreadable_text(error.reason, kind=check.kind)}{line}"
    except LookupError as error:
        reason = f"{path.name}: {error.args[0]}"
    else:
        _tell(sample, chosen)
        return confirm_column(
            actor=person,
            check_id=check.pk,
            column=chosen,
            sheet=sample.sheet or "",
            region=region,
            now=timezone.now(),
        )
    # Nothing half-stored stays.
    remove_check(actor=person, check_id=check.pk, now=timezone.now())
    raise give_up(reason)


def _chosen(sample: Sample, wanted: str | None, kind: Kind[Any]) -> int:
    """The column by its heading or its number from 1, else the suggested one. Raises LookupError with a sentence."""
    if wanted is None:
        if sample.suggested is None:
            raise LookupError(f"{kind.words.no_column} {_columns(sample)}")
        return sample.suggested
    found = column_named(sample, wanted)
    if found is not None:
        return found
    words = _("There is no column %(column)s.") % {"column": wanted}
    raise LookupError(f"{words} {_columns(sample)}")


def _columns(sample: Sample) -> str:
    named = [f"{column.index + 1} {column.title}".strip() for column in sample.columns]
    return _("Its columns: %(columns)s.") % {"columns": ", ".join(named)}


def _tell(sample: Sample, chosen: int) -> None:
    column = next(column for column in sample.columns if column.index == chosen)
    parts = [sample.format.upper(), (sample.encoding or "").upper(), sample.sheet or ""]
    words = {
        "found": ", ".join(part for part in parts if part),
        "column": f"{chosen + 1} {column.title}".strip(),
    }
    terminal().print(_("%(found)s: column %(column)s") % words, markup=False)
