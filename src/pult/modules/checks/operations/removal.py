"""Erasing a removed check: in portions, so that a list of a million numbers never holds a lock for long."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from pult.modules.checks.models import Block, Call, Check

BLOCKS_AT_ONCE = 40
# Longer than any upload takes: its row comes after its file.
UNKNOWN_FOR = timedelta(days=1)

# In the order of their references. Calls with traces left in a phone book outlive the check (their block is unset) and
# take along the numbers that their account still has to forget.
ERASE_BLOCKS = (
    """
    UPDATE checks_call k SET state = CASE k.state WHEN 'planned' THEN 'lost' ELSE k.state END,
        asked_phones = k.asked_phones || coalesce((
            SELECT jsonb_agg(n.phone) FROM checks_number n
            WHERE n.block_id = k.block_id AND n.call_id = k.id AND n.state IN ('n', 'a') AND n.phone IS NOT NULL
        ), '[]')
    WHERE k.block_id = ANY(%s) AND k.state IN ('planned', 'answered')
    """,
    "DELETE FROM checks_finding f USING checks_number n WHERE f.number_id = n.id AND n.block_id = ANY(%s)",
    "DELETE FROM checks_number WHERE block_id = ANY(%s)",
    "DELETE FROM checks_call WHERE block_id = ANY(%s) AND state IN ('clean', 'refused')",
    "UPDATE checks_call SET block_id = NULL WHERE block_id = ANY(%s)",
    "DELETE FROM checks_block WHERE id = ANY(%s)",
)


def erase_check(*, check_id: int) -> bool:
    """Erase a check that its owner removed; may be interrupted and repeated at any point.

    False when there is nothing to erase, or not yet: a call under way keeps its block until it is answered.
    """
    check = Check.objects.filter(pk=check_id, state=Check.State.REMOVED).first()
    if check is None:
        return False
    remove_source(check.source_path)
    while portion := _next_blocks(check_id):
        with transaction.atomic():
            _erase_blocks(portion)
    if Block.objects.filter(check_ref_id=check_id).exists():
        return False
    with transaction.atomic():
        _erase_rest(check_id)
    return True


@transaction.atomic
def erase_checks_of(*, person_id: int) -> int:
    """Erase every check of somebody who leaves, in the transaction in which the person goes; returns how many.

    A call under way is given up: its answer changes nothing any more, and its account forgets the numbers.
    """
    checks = Check.objects.select_for_update(of=("self",)).filter(owner_id=person_id).order_by("pk")
    for check in list(checks):
        blocks = list(Block.objects.filter(check_ref=check).order_by("pk").values_list("pk", flat=True))
        for first in range(0, len(blocks), BLOCKS_AT_ONCE):
            _erase_blocks(blocks[first : first + BLOCKS_AT_ONCE])
        _erase_rest(check.pk)
        transaction.on_commit(partial(remove_source, check.source_path))
    return len(checks)


def _erase_blocks(portion: list[int]) -> None:
    with connection.cursor() as cursor:
        for statement in ERASE_BLOCKS:
            cursor.execute(statement, [portion])


def _erase_rest(check_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM checks_rejected_line WHERE check_id = %s", [check_id])
        cursor.execute("DELETE FROM checks_log_entry WHERE check_id = %s", [check_id])
        cursor.execute("DELETE FROM checks_check WHERE id = %s", [check_id])


def remove_source(name: str) -> None:
    """Remove an uploaded file from the data folder; nothing happens when it is gone already."""
    if name:
        source_file(name).unlink(missing_ok=True)


def source_file(name: str) -> Path:
    """Where an uploaded file lies; the name is one that Pult made, never the person's."""
    folder: Path = settings.PULT_UPLOADS_DIR
    return folder / Path(name).name


def sweep_uploads() -> None:
    """Remove files that no check knows: an upload that a kill cut short, between the file and its row."""
    for path, written in _unknown_files():
        if written + UNKNOWN_FOR <= timezone.now():
            path.unlink(missing_ok=True)


def next_sweep() -> datetime | None:
    """When the oldest file that no check knows is to be removed; None without any."""
    return min((written + UNKNOWN_FOR for _, written in _unknown_files()), default=None)


def _unknown_files() -> list[tuple[Path, datetime]]:
    folder: Path = settings.PULT_UPLOADS_DIR
    files = list(folder.glob("*.list")) if folder.is_dir() else []
    if not files:
        return []
    known = set(Check.objects.exclude(source_path="").values_list("source_path", flat=True))
    return [(path, _written(path)) for path in files if path.name not in known]


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except FileNotFoundError:
        # Gone since the folder was listed.
        return timezone.now()


def _next_blocks(check_id: int) -> list[int]:
    under_way = Call.objects.filter(state=Call.State.PLANNED, block__isnull=False).values("block_id")
    blocks = Block.objects.filter(check_ref_id=check_id).exclude(pk__in=under_way).order_by("pk")
    return list(blocks.values_list("pk", flat=True)[:BLOCKS_AT_ONCE])
