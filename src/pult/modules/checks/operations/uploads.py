"""Taking in lists of numbers: an uploaded file or a pasted text. Reading them happens in the worker."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pult.core.audit.operations import record
from pult.core.people.models import Person
from pult.modules.checks.formats import Column, UnreadableFile
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.operations.dispatch import send_to_reading
from pult.modules.checks.operations.journal import note
from pult.modules.checks.operations.keeping import UnableToKeep, end_chosen
from pult.modules.checks.operations.removal import remove_source, source_file
from pult.modules.checks.queries.uploaded_list import sample_of, unreadable_text

PASTE_LIMIT = 10 * 1024 * 1024
MEGABYTE = 1024 * 1024


class UnableToAccept(Exception):
    """The list is not taken in; `reason` says why and what to do, for the person."""

    def __init__(self, reason: "str | Promise") -> None:
        super().__init__(str(reason))
        self.reason = reason


class IncomingFile(Protocol):
    """What is needed of Django's UploadedFile."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def chunks(self) -> Iterable[bytes]: ...


def accept_upload(
    *,
    actor: Person,
    file: IncomingFile,
    now: datetime,
    name: str = "",
    region: str = "",
    kind: str = "phone",
    purpose: str = "",
    keep_days: int | None = None,
    start_at_once: bool = False,
    bot_id: uuid.UUID | None = None,
) -> Check:
    """Keep an uploaded file and make its check, which waits for the column to be confirmed. Raises UnableToAccept.

    The file is streamed to the data folder and goes as soon as it has been read. `region` (ISO code, may be empty) is
    the country of numbers in national spelling; `name` is the check's name, else the file's. `kind` names what is asked
    (`kinds.KINDS`), `purpose` what for; after `keep_days` everything of the check is erased: None for the usual time of
    this installation, 0 for a list that a person removes, where that is allowed. With `start_at_once` it runs as soon
    as it has been read. `bot_id` is the bot in whose chat it was given: the results go there.
    """
    limit: int = settings.PULT_UPLOAD_LIMIT
    source_name = PurePath(file.name or "").name[:255]
    if file.size is not None and file.size > limit:
        raise _too_large(limit)
    path, size = _keep(file.chunks(), limit)
    try:
        return _store(
            actor=actor,
            now=now,
            name=name.strip() or PurePath(source_name).stem or source_name,
            region=region,
            kind=kind,
            purpose=purpose.strip()[:200],
            keep_days=keep_days,
            start_at_once=start_at_once,
            bot_id=bot_id,
            source_name=source_name,
            source_path=path,
            source_size=size,
        )
    except BaseException:
        remove_source(path)
        raise


def accept_paste(
    *,
    actor: Person,
    text: str,
    now: datetime,
    name: str = "",
    region: str = "",
    kind: str = "phone",
    purpose: str = "",
    keep_days: int | None = None,
    start_at_once: bool = False,
    bot_id: uuid.UUID | None = None,
) -> Check:
    """Take a pasted list and send it to be read at once; with several columns it waits for the choice of one.

    Raises UnableToAccept, also when there is nothing like a number in it.
    """
    content = text.encode("utf-8", errors="replace")
    path, size = _keep([content], PASTE_LIMIT)
    try:
        with transaction.atomic():
            check = _store(
                actor=actor,
                now=now,
                name=name.strip() or str(_("Pasted list")),
                region=region,
                kind=kind,
                purpose=purpose.strip()[:200],
                keep_days=keep_days,
                start_at_once=start_at_once,
                bot_id=bot_id,
                source_path=path,
                source_size=size,
            )
            columns = _columns_of(check)
            if len(columns) > 1:
                # Copied out of a spreadsheet: the person says which one, as with a file.
                return check
            column = columns[0].index if columns else 0
            return confirm_column(actor=actor, check_id=check.pk, column=column, region=region, now=now)
    except BaseException:
        remove_source(path)
        raise


@transaction.atomic
def confirm_column(
    *, actor: Person, check_id: int, column: int, now: datetime, sheet: str = "", region: str = ""
) -> Check:
    """Say which column (from 0) holds the numbers; the list is read next. Raises UnableToAccept, Check.DoesNotExist.

    A list that could not be read may be tried again with another column while its file is there.
    """
    check = Check.objects.select_for_update(of=("self",)).get(pk=check_id, owner=actor)
    if check.state not in {Check.State.UPLOADED, Check.State.UNREADABLE} or not check.source_path:
        raise UnableToAccept(_("This list has been read already."))
    if not source_file(check.source_path).exists():
        raise UnableToAccept(_("The uploaded file is no longer there. Upload it again."))
    check.column, check.sheet, check.region = column, sheet[:100], region
    check.state, check.unreadable_reason = Check.State.READING, ""
    check.read_bytes = check.read_lines = 0
    check.save()
    record(action="check.column_confirmed", actor=actor, now=now, object_type="check", object_id=check.pk)
    note(check.pk, LogEntry.Kind.ACCEPTED, size=check.source_size)
    send_to_reading(check.pk)
    return check


def _columns_of(check: Check) -> tuple[Column, ...]:
    try:
        return sample_of(check).columns
    except UnreadableFile as error:
        raise UnableToAccept(unreadable_text(error.code, kind=check.kind)) from error


@transaction.atomic
def _store(*, actor: Person, now: datetime, name: str, keep_days: int | None, **fields: object) -> Check:
    try:
        erase_at = end_chosen(keep_days, now=now)
    except UnableToKeep as error:
        raise UnableToAccept(error.reason) from error
    check = Check(
        owner=actor, name=name[:200], created_at=now, erase_at=erase_at, state=Check.State.UPLOADED, **fields
    )
    check.save()
    record(action="check.uploaded", actor=actor, now=now, object_type="check", object_id=check.pk)
    return check


def _keep(chunks: Iterable[bytes], limit: int) -> tuple[str, int]:
    """Write a file of our own naming; returns its name and size. Nothing stays behind when it is refused."""
    folder = settings.PULT_UPLOADS_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.list"
    size = 0
    try:
        with path.open("xb") as kept:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                kept.write(chunk)
        if not size:
            raise UnableToAccept(_("This list is empty."))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path.name, size


def _too_large(limit: int) -> UnableToAccept:
    megabytes = limit // MEGABYTE
    text = ngettext_lazy(
        "This list is too large: at most %(count)s megabyte is taken. Split it into several.",
        "This list is too large: at most %(count)s megabytes are taken. Split it into several.",
        megabytes,
    )
    return UnableToAccept(text % {"count": megabytes})
