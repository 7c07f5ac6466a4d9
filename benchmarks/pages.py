# ruff: noqa: E501, S608 - SQL made of constants
"""List pages with 1,000,000 checked numbers behind them: how long the slowest twentieth of the answers takes.

One finished check of a million numbers, one of a hundred thousand and two hundred small ones, stored by set-based SQL
in a fresh embedded PostgreSQL with Pult's own settings. Pages are asked for as a signed-in person does, through Django's whole stack.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.fresh_database import fresh_database

NUMBERS = 1_000_000
OTHER_CHECKS = 200
# The longest list that is sorted (MOST_SORTED of the results).
SORTED = 100_000
REJECTED = 20_000
LOG_ENTRIES = 40_000
GOAL_MILLISECONDS = 200.0
# Each page is asked for so often; those that take longer than this are asked for less often.
TIMES, ENOUGH_SECONDS = 10, 1.0

# Two of five numbers are found, one of fifty stays unanswered.
STATE = "CASE WHEN i % 5 < 2 THEN 'f' WHEN i % 50 = 49 THEN 'u' ELSE 'n' END"
SEED = (
    f"""
    INSERT INTO checks_check (owner_id, name, state, source_name, source_path, source_format, source_size, sheet,
        region, unreadable_reason, read_bytes, read_lines, valid_count, rejected_count, repeated_count, created_at,
        started_at, finished_at)
    SELECT %(owner)s, 'List ' || c, CASE WHEN c = 0 THEN 'finished' ELSE (ARRAY['finished', 'cancelled', 'paused'])[1 + c %% 3] END,
        'list.csv', '', 'csv', 1000, '', 'RU', '', 1000, 1000, CASE WHEN c = 0 THEN {NUMBERS} WHEN c = 1 THEN {SORTED} ELSE 1000 END,
        CASE WHEN c = 0 THEN {REJECTED} ELSE 0 END, 0, now() - c * interval '1 hour', now() - interval '1 day', now()
    FROM generate_series(0, {OTHER_CHECKS}) c
    """,
    f"""
    INSERT INTO checks_block (check_id, ordinal, size, state, account_label, attempt, failures, wait_reason,
        found_count, not_found_count, unanswered_count)
    SELECT (SELECT min(id) FROM checks_check), b, 500, 'done', 'Anna', 1, 0, '', 200, 290, 10
    FROM generate_series(0, {NUMBERS // 500 - 1}) b
    """,
    """
    INSERT INTO checks_block (check_id, ordinal, size, state, account_label, attempt, failures, wait_reason,
        found_count, not_found_count, unanswered_count)
    SELECT c.id, b, 500, 'done', 'Anna', 1, 0, '', 200, 290, 10
    FROM checks_check c, generate_series(0, 1) b WHERE c.id > (SELECT min(id) + 1 FROM checks_check)
    """,
    f"""
    INSERT INTO checks_block (check_id, ordinal, size, state, account_label, attempt, failures, wait_reason,
        found_count, not_found_count, unanswered_count)
    SELECT (SELECT min(id) + 1 FROM checks_check), b, 500, 'done', 'Anna', 1, 0, '', 200, 290, 10
    FROM generate_series(0, {SORTED // 500 - 1}) b
    """,
    f"""
    INSERT INTO checks_number (block_id, phone, line, state, tries, unanswered_reason, call_id, answered_at)
    SELECT b.id, 79000000000 + (hashint8(i) + 2147483648) %% 999999999, i + 1, {STATE.replace("%", "%%")}, 0, '', 1, now()
    FROM (SELECT min(id) AS id FROM checks_check) first, (VALUES (0, {NUMBERS}), (1, {SORTED})) AS list (place, size),
        generate_series(0, size - 1) i, checks_block b
    WHERE b.check_id = first.id + list.place AND b.ordinal = i / 500
    ORDER BY b.check_id, i
    """,
    """
    INSERT INTO checks_finding (number_id, telegram_id, first_name, last_name, usernames, premium, verified, last_seen,
        last_seen_at)
    SELECT n.id, 1000000 + (hashint8(n.id) + 2147483648), (ARRAY['Анна', 'Boris', 'Вера', 'Günter', 'Иван'])[1 + n.id %% 5],
        'Name ' || n.id, jsonb_build_array('user' || n.id), n.id %% 11 = 0, n.id %% 500 = 0, 'recently',
        CASE WHEN n.id %% 3 = 0 THEN now() - (n.id %% 100000) * interval '1 minute' END
    FROM checks_number n WHERE n.state = 'f' ORDER BY n.id
    """,
    f"""
    INSERT INTO checks_rejected_line (check_id, line, text, problem)
    SELECT (SELECT min(id) FROM checks_check), i, 'call me ' || i, 'no_digits' FROM generate_series(1, {REJECTED}) i
    """,
    f"""
    INSERT INTO checks_log_entry (check_id, at, kind, block_ordinal, account_label, details)
    SELECT (SELECT min(id) FROM checks_check), now(), (ARRAY['block_started', 'call_answered', 'block_done'])[1 + i %% 3],
        i / 20, 'Anna', '{{"found": 1, "not_found": 2, "unanswered": 0, "call": 1, "attempt": 1}}'
    FROM generate_series(1, {LOG_ENTRIES}) i
    """,
    "ANALYZE",
)

# Below "/checks/". The big check has 20,000 pages of results and cannot be sorted; the smaller one can.
PAGES = {
    "history": "",
    "history, searched": "?q=list+19",
    "history, by name": "?sort=name",
    "check": "{check}/",
    "check, deep": "{check}/?page=80",
    "results": "{check}/results/",
    "results, deep": "{check}/results/?page=15000",
    "results, found": "{check}/results/?verdict=found",
    "results, unanswered, deep": "{check}/results/?verdict=unanswered&page=390",
    "results of 100,000, by number": "{sorted}/results/?sort=phone",
    "results of 100,000, by number, deep": "{sorted}/results/?sort=-phone&page=1500",
    "results of 100,000, by name": "{sorted}/results/?sort=name",
    "results of 100,000, by id": "{sorted}/results/?sort=-id",
    "results of 100,000, by last seen": "{sorted}/results/?sort=-seen",
    "results of 100,000, found by name": "{sorted}/results/?verdict=found&sort=-name",
    "results, number searched": "{check}/results/?q=%2B7900123",
    "results, name searched": "{check}/results/?q=Name+4242",
    "results, id searched": "{check}/results/?q=1123456789",
    "results, name of many searched": "{check}/results/?q=Boris",
    "results, name of many searched, by name": "{check}/results/?q=Boris&sort=-name",
    "results, nothing found": "{check}/results/?q=nobody-at-all",
    "results, invalid": "{check}/results/?verdict=invalid",
    "log": "{check}/log/",
    "log, deep": "{check}/log/?kind=requests&page=100",
}


def pages() -> list[dict[str, Any]]:
    """p95 over all list pages in milliseconds; each page's own in the context. One client, one request at a time.

    Then the export of the same million rows, so that they are stored only once.
    """
    from benchmarks.checks_export import checks_export

    with fresh_database() as (_, postgres):
        client, check = _signed_in()
        times = {
            name: _times(partial(client, address.format(check=check, sorted=check + 1)))
            for name, address in PAGES.items()
        }
        everything = sorted(one for taken in times.values() for one in taken)
        worst = _p95(everything)
        return [
            {
                "name": "pages",
                "value": round(worst, 1),
                "unit": "ms",
                "goal": GOAL_MILLISECONDS,
                "ok": worst < GOAL_MILLISECONDS,
                "context": {
                    "numbers": NUMBERS,
                    "requests": len(everything),
                    "load_average": round(os.getloadavg()[0], 2),
                    "p95_ms": {name: round(_p95(taken), 1) for name, taken in times.items()},
                },
            },
            checks_export(postgres.url(), check),
        ]


def seed() -> tuple[Any, int]:
    """Set Django up on the fresh database and store everything: the owner, and the id of the big check."""
    import logging

    import django

    django.setup()
    # The log of requests goes to a terminal here, which would be measured too.
    logging.disable(logging.INFO)
    from django.db import connection

    from pult.core.people.models import Person
    from pult.modules.checks.models import Check

    owner = Person.objects.create_user(email="bench@example.org", name="Bench")
    with connection.cursor() as cursor:
        for statement in SEED:
            cursor.execute(statement, {"owner": owner.pk} if "%" in statement else None)
        cursor.execute("VACUUM (ANALYZE) checks_number, checks_finding")
    return owner, Check.objects.order_by("pk").values_list("pk", flat=True)[0]


def _signed_in() -> tuple[Callable[[str], None], int]:
    """A person who looks at pages, and the big check's id."""
    owner, check = seed()
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(owner)

    def look(address: str) -> None:
        answer = client.get(f"/checks/{address}")
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return look, check


def _times(look: Callable[[], None]) -> list[float]:
    """Milliseconds of each request; the first one, which reads templates and pages from disk, does not count."""
    look()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < TIMES and (len(taken) < 3 or time.perf_counter() - began < ENOUGH_SECONDS):
        start = time.perf_counter()
        look()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def _p95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
