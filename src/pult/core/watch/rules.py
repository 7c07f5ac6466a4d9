"""When something is worth a warning: pure decisions, shared by the status page, `/metrics` and `pult doctor`."""

import stat
from datetime import datetime, timedelta

LEAST_FREE_BYTES = 2 * 1024**3
LEAST_FREE_SHARE = 0.10
# A full disk of this size is far away at ten percent: only the absolute limit counts from here on.
AMPLE_FREE_BYTES = 50 * 1024**3
# Telegram refuses messages whose clock is off by minutes; half a minute is a machine without time synchronisation.
MOST_CLOCK_DIFFERENCE_SECONDS = 30
# Jobs start within milliseconds; a queue of minutes means too few workers, or a stuck one.
OLDEST_JOB_SECONDS = 300
BACKUP_EVERY = timedelta(days=7)
BEAT_EVERY_SECONDS = 15
# Three signs of life missed.
SILENT_AFTER = timedelta(seconds=3 * BEAT_EVERY_SECONDS)


def disk_is_short(free: int, total: int) -> bool:
    """Less than 2 GiB free, or less than a tenth of the disk (unless that tenth is ample). Both in bytes."""
    if free < LEAST_FREE_BYTES:
        return True
    return free < AMPLE_FREE_BYTES and free < total * LEAST_FREE_SHARE


def clocks_differ(one: datetime, other: datetime) -> bool:
    """Whether two clocks are too far apart for Telegram."""
    return abs((one - other).total_seconds()) > MOST_CLOCK_DIFFERENCE_SECONDS


def open_to_others(mode: int) -> bool:
    """Whether a file of this mode (`st_mode`) can be read or written by others than its owner."""
    return bool(stat.S_IMODE(mode) & 0o077)


def backup_is_due(last: datetime | None, now: datetime) -> bool:
    """Whether the last backup is a week old or there was none."""
    return last is None or now - last > BACKUP_EVERY


def is_silent(seen_at: datetime, now: datetime) -> bool:
    """Whether a process has missed its last signs of life."""
    return now - seen_at > SILENT_AFTER
