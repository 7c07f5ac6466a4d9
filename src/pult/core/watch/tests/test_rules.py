"""When something is worth a warning, and what never leaves in a report."""

from datetime import UTC, datetime, timedelta

import pytest

from pult.core.watch.masking import mask_secrets_in
from pult.core.watch.rules import backup_is_due, clocks_differ, disk_is_short, is_silent, open_to_others
from pult.core.watch.this_process import Durations, memory_bytes

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GB = 10**9


@pytest.mark.parametrize(
    ("free", "total", "short"),
    [
        (1 * GB, 5 * GB, True),
        (3 * GB, 20 * GB, False),
        (3 * GB, 100 * GB, True),
        (100 * GB, 4000 * GB, False),
    ],
)
def test_a_disk_is_short_by_share_or_by_bytes(free: int, total: int, short: bool) -> None:
    assert disk_is_short(free, total) is short


def test_a_backup_is_due_after_a_week() -> None:
    assert backup_is_due(None, NOW)
    assert not backup_is_due(NOW - timedelta(days=6), NOW)
    assert backup_is_due(NOW - timedelta(days=8), NOW)


def test_modes_clocks_and_silence() -> None:
    assert not open_to_others(0o100600)
    assert open_to_others(0o100640)
    assert clocks_differ(NOW, NOW + timedelta(minutes=1))
    assert not clocks_differ(NOW, NOW - timedelta(seconds=5))
    assert is_silent(NOW - timedelta(minutes=1), NOW)
    assert not is_silent(NOW - timedelta(seconds=20), NOW)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("could not import +7 912 345-67-89", "could not import +…89"),
        ("password='hunter2' refused", "password='…' refused"),
        ("postgresql://pult:s3cret@db/pult is gone", "postgresql://…@db/pult is gone"),
        ("session 1BVtsOK4Bu7x9zQmVf0aaabbbccc112233445566 ended", "session … ended"),
        ("relation checks_number does not exist", "relation checks_number does not exist"),
        ("list index out of range", "list index out of range"),
    ],
)
def test_numbers_and_secrets_are_masked_and_sentences_are_not(said: str, left: str) -> None:
    assert mask_secrets_in(said) == left


def test_durations_fall_into_buckets_that_add_up() -> None:
    durations = Durations()
    for seconds in (0.001, 0.03, 0.15, 99.0):
        durations.observe("checks", 200, seconds)
    durations.observe("checks", 404, 0.001)
    series = {(route, status): (dict(buckets), total) for route, status, buckets, total in durations.read()}
    buckets, total = series["checks", "2xx"]
    assert (buckets["0.01"], buckets["0.05"], buckets["0.2"], buckets["10.0"], buckets["+Inf"]) == (
        1,
        2,
        3,
        3,
        4,
    )
    assert total == pytest.approx(99.181)
    assert set(series) == {("checks", "2xx"), ("checks", "4xx")}


def test_a_process_knows_its_memory() -> None:
    assert 10_000_000 < memory_bytes() < 10**11
