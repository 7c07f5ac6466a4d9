"""Reading a list into blocks: file → values of the check's kind → PostgreSQL, a million lines in a quarter of a
minute, memory flat.

Lines are copied into temporary tables as they are read; PostgreSQL finds the repeated ones, and one
transaction makes blocks of what remains. Whatever ends the work before that transaction commits leaves
nothing behind, so the same list can simply be read again.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from pult.core.privacy.queries import fingerprints, refused_numbers
from pult.core.registry import Subject
from pult.modules.checks.formats import Cell, ListFile, open_list
from pult.modules.checks.kinds import Kind, kind_named
from pult.modules.checks.models import Block, Check
from pult.modules.checks.rules.blocks import BLOCK_SIZE, block_sizes
from pult.modules.checks.rules.problems import Problem

# Rejected lines kept for each check; beyond that they are counted only.
MOST_REJECTED_KEPT = 100_000
LONGEST_REJECTED_TEXT = 100
# Seconds between two calls of `progress`.
PROGRESS_EVERY = 0.4
_COPIED_AT_ONCE = 20_000
_DROP = "DROP TABLE IF EXISTS pg_temp.read_numbers, pg_temp.read_rejected, pg_temp.read_unique"

# Lines read so far, bytes of the file read, bytes of the file.
Progress = Callable[[int, int, int], None]


class UnableToReadList(Exception):
    """The check does not wait for reading: it was read, cancelled or removed meanwhile."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """What a list held. lines = valid + repeated + rejected."""

    lines: int
    valid: int
    repeated: int
    rejected: int
    blocks: int


def read_list(
    *,
    check_id: int,
    path: Path,
    column: int,
    sheet: str | None,
    region: str | None,
    progress: Progress,
) -> ReadList:
    """Read the column of the file into blocks of the check and make it ready, all or nothing.

    `progress` is called on this connection, outside the transaction, so it may write; an exception of its
    own ends the reading. Raises UnreadableFile, UnableToReadList, and ValueError for an unknown region.
    """
    check = Check.objects.filter(pk=check_id, state=Check.State.READING).first()
    if check is None:
        raise UnableToReadList
    refused = refused_numbers(uploaded_at=check.created_at)
    kind = kind_named(check.kind)
    opened = open_list(path, filename=path.name, most_bytes=settings.PULT_UPLOAD_LIMIT, looks=kind)
    stage = _Stage(kind)
    stage.open()
    try:
        for cells in _told(opened.cells(column, sheet), opened, progress):
            results = kind.parse([cell[1] for cell in cells], region or None)
            stage.add(cells, without(refused, results) if refused else results)
        stage.flush()
        with transaction.atomic():
            return _store(check_id, stage)
    finally:
        stage.close()


@dataclass(slots=True)
class _Stage:
    """Temporary tables of this connection that hold the lines of one list, and their counts."""

    kind: Kind[Any]
    numbers: int = 0
    rejected: int = 0
    _numbers: list[str] = field(default_factory=list)
    _rejected: list[tuple[int, str, str]] = field(default_factory=list)

    def open(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_DROP)
            # Sorted and compared as they are: no language has an opinion on the order of usernames.
            value = "phone bigint" if self.column == "phone" else 'subject text COLLATE "C"'
            cursor.execute(f"CREATE TEMPORARY TABLE read_numbers (line integer NOT NULL, {value} NOT NULL)")
            cursor.execute("CREATE TEMPORARY TABLE read_rejected (line integer, text text, problem text)")

    def close(self) -> None:
        if connection.connection is None or connection.connection.closed or connection.needs_rollback:
            return  # temporary tables end with their connection, or with the transaction around them
        with connection.cursor() as cursor:
            cursor.execute(_DROP)

    @property
    def column(self) -> str:
        """Where values of this kind are kept; a name from the kind's class, never from outside."""
        return self.kind.column

    def add(self, cells: Sequence[Cell], results: Sequence[Any]) -> None:
        add = self._numbers.append
        for cell, result in zip(cells, results, strict=True):
            problem = cell[2] or (result if isinstance(result, Problem) else None)
            if problem is None:
                add(f"{cell[0]}\t{result}\n")
            else:
                self._reject(cell, problem)
        if len(self._numbers) + len(self._rejected) >= _COPIED_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.numbers += len(self._numbers)
        # The wrapper: Django turns the errors of execute() into its own, but not those of copy().
        with connection.cursor() as cursor, connection.wrap_database_errors:
            if self._numbers:
                with cursor.copy(f"COPY pg_temp.read_numbers (line, {self.column}) FROM STDIN") as copy:
                    copy.write("".join(self._numbers))
            if self._rejected:
                with cursor.copy("COPY pg_temp.read_rejected (line, text, problem) FROM STDIN") as copy:
                    for row in self._rejected:
                        copy.write_row(row)
        self._numbers.clear()
        self._rejected.clear()

    def _reject(self, cell: Cell, problem: Problem) -> None:
        self.rejected += 1
        if self.rejected <= MOST_REJECTED_KEPT:
            text = "" if problem is Problem.REFUSED else _shown(cell.text)
            self._rejected.append((cell.line, text, problem.value))


def without(refused: frozenset[bytes], results: Sequence[Subject | Problem]) -> list[Subject | Problem]:
    """The results with REFUSED in the place of whom lists must not bring in (fingerprints of `core.privacy`)."""
    numbers = [result for result in results if not isinstance(result, Problem)]
    objected = {
        number for number, known in zip(numbers, fingerprints(numbers), strict=True) if known in refused
    }
    return (
        [
            Problem.REFUSED if not isinstance(result, Problem) and result in objected else result
            for result in results
        ]
        if objected
        else list(results)
    )


def _shown(text: str) -> str:
    """The beginning of a refused text, without what PostgreSQL cannot hold."""
    return text[:LONGEST_REJECTED_TEXT].replace("\0", "").encode("utf-8", "replace").decode()


def _told(batches: Iterator[list[Cell]], opened: ListFile, progress: Progress) -> Iterator[list[Cell]]:
    """The batches, with word to `progress` now and then."""
    told, line, began = time.monotonic(), 0, False
    for cells in batches:
        yield cells
        line = cells[-1].line
        if time.monotonic() - told >= PROGRESS_EVERY:
            progress(line, opened.bytes_read, opened.size)
            told, began = time.monotonic(), True
    if began:
        # Who follows a long reading learns that all is read: storing follows.
        progress(line, opened.size, opened.size)


def _store(check_id: int, stage: _Stage) -> ReadList:
    """The one transaction: repeated numbers fall out, blocks come to be, the check becomes ready.

    The check is locked from its beginning, so that of two readers of one list the second finds it read.
    """
    waiting = Check.objects.select_for_update(of=("self",), no_key=True).filter(
        pk=check_id, state=Check.State.READING
    )
    if waiting.first() is None:
        raise UnableToReadList
    value = stage.column
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE read_unique AS
            SELECT {value}, line, ((row_number() OVER (ORDER BY line, {value}) - 1) / %s)::integer AS ordinal
            FROM (SELECT {value}, min(line) AS line FROM pg_temp.read_numbers GROUP BY {value}) AS first_lines
            """,  # noqa: S608 - the name of a column
            [BLOCK_SIZE],
        )
        valid = cursor.rowcount
        sizes = block_sizes(valid)
        Block.objects.bulk_create(
            (Block(check_ref_id=check_id, ordinal=ordinal, size=size) for ordinal, size in enumerate(sizes)),
            batch_size=1_000,
        )
        cursor.execute(
            f"""
            INSERT INTO checks_number (block_id, {value}, line)
            SELECT block.id, number.{value}, number.line
            FROM pg_temp.read_unique AS number
            JOIN checks_block AS block ON block.check_id = %s AND block.ordinal = number.ordinal
            ORDER BY number.ordinal, number.line, number.{value}
            """,  # noqa: S608 - the name of a column
            [check_id],
        )
        cursor.execute(
            """
            INSERT INTO checks_rejected_line (check_id, line, text, problem)
            SELECT %s, line, text, problem FROM pg_temp.read_rejected ORDER BY line
            """,
            [check_id],
        )
    read = ReadList(
        lines=stage.numbers + stage.rejected,
        valid=valid,
        repeated=stage.numbers - valid,
        rejected=stage.rejected,
        blocks=len(sizes),
    )
    Check.objects.filter(pk=check_id).update(
        state=Check.State.READY,
        read_lines=read.lines,
        valid_count=read.valid,
        rejected_count=read.rejected,
        repeated_count=read.repeated,
    )
    return read
