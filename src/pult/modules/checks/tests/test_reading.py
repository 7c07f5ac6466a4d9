"""A list becomes blocks: nothing lost, nothing twice, nothing half-stored."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from pult.modules.checks.formats import UnreadableFile, UnreadableReason
from pult.modules.checks.models import Block, Check, Number, RejectedLine
from pult.modules.checks.operations import reading
from pult.modules.checks.operations.reading import ReadList, UnableToReadList, read_list
from pult.modules.checks.rules.blocks import BLOCK_SIZE, block_sizes
from pult.modules.checks.rules.problems import Problem

from .scenes import NOW, person

pytestmark = pytest.mark.django_db


def waiting_check() -> Check:
    return Check.objects.create(owner=person(), name="list", state=Check.State.READING, created_at=NOW)


def read(
    check: Check, path: Path, *, progress: Callable[[int, int, int], None] = lambda *_: None, **options: Any
) -> ReadList:
    return read_list(
        check_id=check.pk,
        path=path,
        column=options.get("column", 0),
        sheet=None,
        region=options.get("region", "RU"),
        progress=progress,
    )


def listed(folder: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def stored(check: Check) -> list[tuple[int, int, int | None]]:
    """Block, line and number of everything stored, in the order of the list."""
    numbers = Number.objects.filter(block__check_ref=check).order_by("block__ordinal", "line", "phone")
    return list(numbers.values_list("block__ordinal", "line", "phone"))


def nothing_is_stored(check: Check) -> bool:
    check.refresh_from_db()
    return (
        check.state == Check.State.READING
        and not Block.objects.filter(check_ref=check).exists()
        and not RejectedLine.objects.filter(check_ref=check).exists()
    )


@given(st.integers(0, 100_000))
def test_blocks_are_full_but_the_last(count: int) -> None:
    sizes = block_sizes(count)
    assert sum(sizes) == count
    assert all(size == BLOCK_SIZE for size in sizes[:-1])
    assert all(1 <= size <= BLOCK_SIZE for size in sizes)


def test_valid_repeated_and_rejected_lines(tmp_path: Path) -> None:
    check = waiting_check()
    path = listed(
        tmp_path,
        [
            "name;phone",
            "a;+7 912 345-67-89",
            "b;8 912 345 67 80",
            "c;8(912)345-67-89",
            "d;7.9123E+10",
            "e;",
            "f;79123456780",
            "g;Иванов " + "x" * 200,
        ],
        encoding="cp1251",
    )
    result = read(check, path, column=1)
    assert result == ReadList(lines=7, valid=2, repeated=2, rejected=3, blocks=1)
    assert stored(check) == [(0, 2, 79123456789), (0, 3, 79123456780)]
    rejected = RejectedLine.objects.filter(check_ref=check).order_by("line")
    assert [(line.line, line.problem) for line in rejected] == [
        (5, Problem.DAMAGED),
        (6, Problem.EMPTY),
        (8, Problem.LETTERS),
    ]
    assert rejected[0].text == "7.9123E+10"
    assert len(rejected[2].text) == 100
    check.refresh_from_db()
    assert check.state == Check.State.READY
    assert (check.valid_count, check.repeated_count, check.rejected_count, check.read_lines) == (2, 2, 3, 7)


def test_the_same_number_in_ten_spellings_is_asked_once(tmp_path: Path) -> None:
    spellings = [
        "+79123456789", "79123456789", "89123456789", "8 (912) 345-67-89", "+7-912-345-67-89", "007 912 345 67 89",
        "tel:+79123456789", "wa.me/79123456789", "+٧٩١٢٣٤٥٦٧٨٩", "'9123456789",
    ]  # fmt: skip
    check = waiting_check()
    result = read(check, listed(tmp_path, spellings))
    assert (result.valid, result.repeated, result.rejected) == (1, 9, 0)
    assert stored(check) == [(0, 1, 79123456789)]


def test_a_long_list_is_cut_into_blocks_in_its_own_order(tmp_path: Path) -> None:
    order = list(range(1_201))
    random.Random(1).shuffle(order)
    check = waiting_check()
    result = read(check, listed(tmp_path, [f"+7912{number:07}" for number in order]))
    assert (result.valid, result.blocks) == (1_201, 3)
    assert stored(check) == [
        (place // 500, place + 1, 79120000000 + number) for place, number in enumerate(order)
    ]
    blocks = Block.objects.filter(check_ref=check).order_by("ordinal")
    assert [(block.size, block.numbers.count(), block.state) for block in blocks] == [
        (500, 500, Block.State.WAITING),
        (500, 500, Block.State.WAITING),
        (201, 201, Block.State.WAITING),
    ]


def test_ten_thousand_bad_lines_are_each_named(tmp_path: Path) -> None:
    check = waiting_check()
    result = read(check, listed(tmp_path, [*(f"12345 bad {line}" for line in range(10_000)), "+79123456789"]))
    assert (result.valid, result.rejected) == (1, 10_000)
    lines = RejectedLine.objects.filter(check_ref=check).order_by("line")
    assert list(lines.values_list("line", flat=True)) == list(range(1, 10_001))


def test_rejected_lines_beyond_the_limit_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_REJECTED_KEPT", 5)
    check = waiting_check()
    result = read(check, listed(tmp_path, ["12345 bad"] * 20))
    assert result.rejected == 20
    assert RejectedLine.objects.filter(check_ref=check).count() == 5


def test_texts_that_postgresql_cannot_hold(tmp_path: Path) -> None:
    check = waiting_check()
    read(check, listed(tmp_path, ["+79123456789", 'a\x00b\t\\N\\."12345'] * 3))
    assert {line.text for line in RejectedLine.objects.filter(check_ref=check)} == {'ab\t\\N\\."12345'}


def test_a_fault_in_the_middle_leaves_nothing_and_the_next_try_works(tmp_path: Path) -> None:
    check = waiting_check()
    good = [f"a,+7912{number:07}" for number in range(60_000)]
    path = listed(tmp_path, [*good, '"open,+79990000000', "b,+79990000001"])
    with pytest.raises(UnreadableFile) as refusal:
        read(check, path, column=1)
    assert (refusal.value.reason, refusal.value.line) == (UnreadableReason.UNCLOSED_QUOTE, 60_001)
    assert nothing_is_stored(check)
    assert read(check, listed(tmp_path, good), column=1).valid == 60_000


def test_a_fault_while_storing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = waiting_check()
    path = listed(tmp_path, ["+79123456789", "12345 bad"])
    with monkeypatch.context() as broken:
        broken.setattr(reading, "ReadList", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read(check, path)
    assert nothing_is_stored(check)
    assert read(check, path).valid == 1


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_leaves_nothing_and_the_next_try_works(tmp_path: Path) -> None:
    check = waiting_check()
    path = listed(tmp_path, [f"+7912{number:07}" for number in range(30_000)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    where = connection.get_connection_params()
    address = {name: where[name] for name in ("dbname", "user", "password", "host", "port") if name in where}
    stage_flush = reading._Stage.flush

    def cut(stage: reading._Stage) -> None:
        stage_flush(stage)
        with psycopg.connect(**address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading._Stage, "flush", cut)
        with pytest.raises(OperationalError):
            read(check, path)
    connection.close()
    assert nothing_is_stored(check)
    assert read(check, path).valid == 30_000


@pytest.mark.django_db(transaction=True)
def test_two_readers_of_one_list_store_it_once(tmp_path: Path) -> None:
    check = waiting_check()
    path = listed(tmp_path, [f"+7912{number:07}" for number in range(3_000)])
    outcomes: list[str] = []
    both_read = threading.Barrier(2, timeout=30)
    store = reading._store

    def store_together(*given: Any) -> ReadList:
        both_read.wait()
        return store(*given)

    def reader() -> None:
        try:
            read(check, path)
            outcomes.append("stored")
        except Exception as error:  # noqa: BLE001 - the kind of failure is looked at below
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_store", store_together)
        threads = [threading.Thread(target=reader) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["UnableToReadList", "stored"]
    assert len(stored(check)) == 3_000


def test_a_check_that_does_not_wait_is_left_alone(tmp_path: Path) -> None:
    check = waiting_check()
    path = listed(tmp_path, ["+79123456789"])
    read(check, path)
    with pytest.raises(UnableToReadList):
        read(check, path)
    assert len(stored(check)) == 1


def test_a_check_cancelled_while_its_list_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PROGRESS_EVERY", 0)
    check = waiting_check()

    def cancel(lines: int, done: int, size: int) -> None:
        Check.objects.filter(pk=check.pk).update(state=Check.State.CANCELLED)

    with pytest.raises(UnableToReadList):
        read(check, listed(tmp_path, ["+79123456789"]), progress=cancel)
    assert not Block.objects.filter(check_ref=check).exists()
    check.refresh_from_db()
    assert check.state == Check.State.CANCELLED


def test_progress_is_told_but_not_for_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = listed(tmp_path, [f"+7912{number:07}" for number in range(50_000)])
    told: list[tuple[int, int, int]] = []
    monkeypatch.setattr(reading, "PROGRESS_EVERY", 0)
    read(waiting_check(), path, progress=lambda *seen: told.append(seen))
    assert told == sorted(told)
    assert told[-1][1:] == (path.stat().st_size, path.stat().st_size)
    assert told[-1][0] == 50_000
    assert len(told) <= 50_000 / 1_000
    told.clear()
    monkeypatch.setattr(reading, "PROGRESS_EVERY", 60)
    read(waiting_check(), path, progress=lambda *seen: told.append(seen))
    assert told == []
