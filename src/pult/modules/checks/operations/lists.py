"""Reading a check's list in the worker, with progress for its page; a kill at any point ends in a repetition."""

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from pult.core.live import publish
from pult.modules.checks.formats import UnreadableFile, UnreadableReason
from pult.modules.checks.models import Check, LogEntry
from pult.modules.checks.operations.control import UnableToChangeCheck, start_check
from pult.modules.checks.operations.journal import note, topic_of
from pult.modules.checks.operations.reading import UnableToReadList, read_list
from pult.modules.checks.operations.removal import remove_source, source_file

# The file is worth another try with another column or sheet; whatever else is wrong, it goes.
FILE_GONE = "file_gone"
FAILED = "failed"
WORTH_ANOTHER_TRY = frozenset(
    {UnreadableReason.NO_SUCH_COLUMN.value, UnreadableReason.NO_SUCH_SHEET.value, FAILED}
)

NOT_READ = frozenset({Check.State.READING, Check.State.UPLOADED, Check.State.UNREADABLE, Check.State.REMOVED})

log = structlog.get_logger(__name__)


def read_check(*, check_id: int) -> Check.State | None:
    """Read the list of a check that waits for it; returns the state reached, None when there was nothing to do."""
    check = Check.objects.filter(pk=check_id).exclude(source_path="").first()
    if check is None:
        return None
    if check.state == Check.State.READING:
        reason = _read(check)
        if reason is not None:
            return _refuse(check, reason)
    return _close(check)


def _read(check: Check) -> str | None:
    """Read it; returns why it cannot be read, None when it was read or is wanted no more."""
    try:
        read_list(
            check_id=check.pk,
            path=source_file(check.source_path),
            column=check.column or 0,
            sheet=check.sheet or None,
            region=check.region or None,
            progress=lambda lines, done, size: _tell(check.pk, lines, done),
        )
    except UnreadableFile as error:
        return error.code
    except UnableToReadList:
        return None
    except FileNotFoundError:
        return FILE_GONE
    except DatabaseError:
        # The list is as good as before: the job is given to another worker, or again to this one.
        raise
    except Exception as error:
        # A fault of ours must not be repeated for ever; the file stays for another try.
        log.exception("list.failed", check=check.pk, error=type(error).__name__)
        return FAILED
    return None


@transaction.atomic
def _tell(check_id: int, lines: int, done: int) -> None:
    waits = Check.objects.filter(pk=check_id, state=Check.State.READING)
    if not waits.update(read_lines=lines, read_bytes=done):
        raise UnableToReadList
    publish(topic_of(check_id))


@transaction.atomic
def _refuse(check: Check, reason: str) -> Check.State | None:
    keep = reason.partition(":")[0] in WORTH_ANOTHER_TRY
    refused = Check.objects.filter(pk=check.pk, state=Check.State.READING).update(
        state=Check.State.UNREADABLE,
        unreadable_reason=reason,
        source_path=check.source_path if keep else "",
    )
    if not refused:
        return None
    if not keep:
        remove_source(check.source_path)
    note(check.pk, LogEntry.Kind.UNREADABLE, reason=reason, about=check.kind)
    publish(f"person:{check.owner_id}")
    return Check.State.UNREADABLE


@transaction.atomic
def _close(check: Check) -> Check.State | None:
    """The file has done its service. Removed before the row forgets it, so a kill in between leaves no file behind."""
    after = Check.objects.select_for_update(of=("self",)).filter(pk=check.pk).first()
    if after is None or after.state in NOT_READ:
        return None
    remove_source(check.source_path)
    if after.source_path:
        Check.objects.filter(pk=check.pk).update(source_path="", read_bytes=after.source_size)
        note(
            check.pk,
            LogEntry.Kind.READ,
            valid=after.valid_count,
            rejected=after.rejected_count,
            repeated=after.repeated_count,
        )
        publish(f"person:{check.owner_id}")
    if after.start_at_once and after.state == Check.State.READY:
        return _start(after)
    return Check.State(after.state)


def _start(check: Check) -> Check.State:
    """As its owner wished at the upload, in the transaction that ends the reading: a kill forgets neither."""
    try:
        started = start_check(actor=check.owner, check_id=check.pk, now=timezone.now())
    except UnableToChangeCheck:
        # Nothing in it to ask about: its page says so.
        return Check.State.READY
    return Check.State(started.state)
