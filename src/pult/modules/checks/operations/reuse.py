"""Taking over a person's own earlier verdicts before the first call, in portions; a kill ends in a repetition."""

from django.db import connection, transaction

from pult.core.jobs import ring_soon
from pult.core.live import publish
from pult.modules.checks.models import Block, Check, Finding, LogEntry, Number
from pult.modules.checks.operations.blocks import finish_if_over, lock_check
from pult.modules.checks.operations.journal import note, topic_of
from pult.modules.checks.queries.reuse import earlier_parameters, earlier_sql

BLOCKS_AT_ONCE = 40
FOUND_COLUMNS = ", ".join(str(field.column) for field in Finding._meta.fields if not field.primary_key)

# One reading of both lists, whatever their size; the newest verdict of a number counts.
COLLECT = """
CREATE TEMPORARY TABLE reuse_verdicts AS
SELECT DISTINCT ON (n.id) n.id AS number_id, n.block_id, e.id AS earlier_id, e.state, e.answered_at
{earlier}
ORDER BY n.id, e.answered_at DESC, e.id DESC
"""

# An earlier verdict that was erased or taken back meanwhile is not taken over.
TAKE_OVER = f"""
WITH taken AS (
    UPDATE checks_number n SET state = r.state, answered_at = r.answered_at, reused = true
    FROM pg_temp.reuse_verdicts r
    JOIN checks_number e ON e.id = r.earlier_id AND e.state = r.state
    LEFT JOIN checks_finding f ON f.number_id = e.id
    WHERE n.id = r.number_id AND n.block_id = ANY(%(blocks)s) AND r.block_id = ANY(%(blocks)s) AND n.state = 'w'
      AND (r.state = 'n' OR f.number_id IS NOT NULL)
    RETURNING n.id, r.earlier_id
)
INSERT INTO checks_finding (number_id, {FOUND_COLUMNS})
SELECT taken.id, {FOUND_COLUMNS} FROM taken JOIN checks_finding f ON f.number_id = taken.earlier_id
ON CONFLICT (number_id) DO NOTHING
"""  # noqa: S608 - made of constants

# Blocks in which nothing is left to ask are done without an account.
RECOUNT = """
UPDATE checks_block b SET
    found_count = s.found, not_found_count = s.not_found,
    state = CASE WHEN s.open = 0 AND b.state = 'waiting' THEN 'done' ELSE b.state END,
    finished_at = CASE WHEN s.open = 0 AND b.state = 'waiting' THEN now() ELSE b.finished_at END
FROM (
    SELECT block_id, count(*) FILTER (WHERE state = 'f') AS found, count(*) FILTER (WHERE state = 'n') AS not_found,
           count(*) FILTER (WHERE state NOT IN ('f', 'n')) AS open
    FROM checks_number WHERE block_id = ANY(%(blocks)s) GROUP BY block_id
) s
WHERE b.id = s.block_id
"""


def reuse_verdicts(*, check_id: int) -> int | None:
    """Take over what fits; returns how many numbers now have a verdict from before, None when nothing waits for it.

    No block of the check can be taken until this is done, so no number is asked about and taken over at once.
    """
    check = Check.objects.filter(pk=check_id, reuse_pending=True).first()
    if check is None or check.reuse_days is None:
        return None
    try:
        _collect(check, check.reuse_days)
        for portion in _portions():
            if not _take_over(check_id, portion):
                return None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.reuse_verdicts")
    return _end(check_id)


@transaction.atomic
def _collect(check: Check, days: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.reuse_verdicts")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(COLLECT.format(earlier=earlier_sql(check.kind)), earlier_parameters(check, days))
        cursor.execute("CREATE INDEX ON pg_temp.reuse_verdicts (block_id)")
        # A list stored a moment ago is not in the statistics: a plan for one waiting number must do for thousands.
        cursor.execute("CREATE INDEX ON pg_temp.reuse_verdicts (number_id)")
        cursor.execute("ANALYZE pg_temp.reuse_verdicts")


def _portions() -> list[list[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT block_id FROM pg_temp.reuse_verdicts ORDER BY block_id")
        blocks = [row[0] for row in cursor.fetchall()]
    return [blocks[start : start + BLOCKS_AT_ONCE] for start in range(0, len(blocks), BLOCKS_AT_ONCE)]


@transaction.atomic
def _take_over(check_id: int, blocks: list[int]) -> bool:
    """One portion; False when the check was cancelled or removed meanwhile."""
    if not lock_check(check_id).reuse_pending:
        return False
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OVER, {"blocks": blocks})
        cursor.execute(RECOUNT, {"blocks": blocks})
    publish(topic_of(check_id))
    return True


@transaction.atomic
def _end(check_id: int) -> int | None:
    check = lock_check(check_id)
    if not check.reuse_pending:
        return None
    blocks = Block.objects.filter(check_ref=check).values("pk")
    check.reused_count = Number.objects.filter(block__in=blocks, reused=True).count()
    check.reuse_pending = False
    check.save(update_fields=["reused_count", "reuse_pending"])
    note(check_id, LogEntry.Kind.REUSED, count=check.reused_count, days=check.reuse_days)
    finish_if_over(check)
    ring_soon()
    return check.reused_count
