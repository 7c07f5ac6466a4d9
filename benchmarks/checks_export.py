"""The CSV of a check of 1,000,000 numbers, as the web process streams it: seconds, and memory against a tenth of it.

Each list is exported in a process of its own, from the same database as the figure of the pages. The bare limit is
PostgreSQL writing the same columns by COPY, without words and without care for spreadsheets.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

import psycopg

from benchmarks.pages import NUMBERS, SORTED

GOAL_SECONDS = 10.0
# Ten times as many rows may need this much more memory (MB).
FLAT_WITHIN_MB = 24
BARE = """
COPY (SELECT n.phone, n.line, n.state, n.answered_at, f.telegram_id, f.first_name, f.last_name, f.usernames, f.premium,
             f.verified, f.last_seen, f.last_seen_at
        FROM checks_number n LEFT JOIN checks_finding f ON f.number_id = n.id
       WHERE n.block_id IN (SELECT id FROM checks_block WHERE check_id = %s) ORDER BY n.id)
TO STDOUT (FORMAT csv)
"""


def export_here(check_id: int) -> None:
    """In a process of its own: make the file's bytes and throw them away; print what it took as JSON."""
    import resource

    import django

    django.setup()
    from pult.modules.checks.formats.exports import csv_export
    from pult.modules.checks.models import Check
    from pult.modules.checks.queries.export_rows import export_columns, export_rows
    from pult.modules.checks.queries.results import Wanted

    check = Check.objects.get(pk=check_id)
    began, cpu_began = time.perf_counter(), time.process_time()
    lines = size = 0
    first = None
    for chunk in csv_export(export_columns(check), export_rows(check, Wanted())):
        first = first or time.perf_counter() - began
        lines += chunk.count(b"\r\n")
        size += len(chunk)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "seconds_to_first_byte": first,
                "cpu_seconds_python": time.process_time() - cpu_began,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "lines": lines,
                "megabytes": size / 1e6,
            }
        )
    )


def _export_apart(check_id: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.checks_export", str(check_id)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _bare(url: str, check_id: int) -> float:
    began = time.perf_counter()
    statement = BARE.replace("%s", str(int(check_id)))
    with psycopg.connect(url) as connection, connection.cursor().copy(statement.encode()) as copy:  # type: ignore[call-overload]
        for _ in copy:
            pass
    return time.perf_counter() - began


def checks_export(url: str, check: int) -> dict[str, Any]:
    """Seconds for the whole file; the better of two, since whatever else runs can only slow it down."""
    bare = _bare(url, check)
    brief = _export_apart(check + 1)
    full = min(_export_apart(check), _export_apart(check), key=lambda result: result["seconds"])
    flat = full["peak_mb"] - brief["peak_mb"] <= FLAT_WITHIN_MB
    complete = full["lines"] > NUMBERS and brief["lines"] == SORTED + 1
    return {
        "name": "checks-export",
        "value": round(full["seconds"], 2),
        "unit": "s",
        "goal": GOAL_SECONDS,
        "ok": full["seconds"] < GOAL_SECONDS and flat and complete,
        "context": {
            "numbers": NUMBERS,
            "bare_copy_seconds": round(bare, 2),
            "seconds_to_first_byte": round(full["seconds_to_first_byte"], 3),
            "cpu_seconds_python": round(full["cpu_seconds_python"], 2),
            "peak_mb": round(full["peak_mb"], 1),
            "peak_mb_tenth": round(brief["peak_mb"], 1),
            "megabytes": round(full["megabytes"], 1),
            "load_average": round(os.getloadavg()[0], 2),
        },
    }


if __name__ == "__main__":
    export_here(int(sys.argv[1]))
