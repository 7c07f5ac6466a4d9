"""Fifty people upload 10,000 numbers each at once, through the form as a browser sends it; one worker reads them.

Each person is signed in, fetches the form, posts a file, confirms the column. Every list must be accepted and end with
exactly 10,000 numbers, ready to start.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation
from benchmarks.web_process import p95, session_of, web_process

PEOPLE, NUMBERS = 50, 10_000
GOAL_SECONDS = 60.0
UPLOAD_GOAL_SECONDS = 10.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _list_of(place: int) -> bytes:
    first = 79_000_000_000 + place * 100_000
    return ("phone\n" + "".join(f"+{first + line}\n" for line in range(NUMBERS))).encode()


def _upload(address: str, cookie: str, place: int) -> tuple[float, float]:
    """One person's whole way; returns (seconds of the upload, seconds until the column was confirmed)."""
    import httpx

    name, value = cookie.split("=", 1)
    with httpx.Client(
        base_url=address, cookies={name: value}, timeout=120, follow_redirects=False
    ) as browser:
        began = time.monotonic()
        form = browser.get("/checks/new/")
        given = {"csrfmiddlewaretoken": TOKEN.findall(form.text)[0], "purpose": "benchmark", "region": "RU"}
        sent = time.monotonic()
        answer = browser.post(
            "/checks/new/",
            data=given,
            files={"file": (f"list {place}.csv", _list_of(place), "text/csv")},
            headers={"Referer": f"{address}/checks/new/"},
        )
        uploaded = time.monotonic() - sent
        if answer.status_code != 302:
            raise RuntimeError(f"upload answered {answer.status_code}")
        page = browser.get(answer.headers["location"])
        column = browser.post(
            f"{answer.headers['location']}column/",
            data={
                "csrfmiddlewaretoken": TOKEN.findall(page.text)[0],
                "column": "0",
                "sheet": "",
                "region": "RU",
            },
            headers={"Referer": f"{address}{answer.headers['location']}"},
        )
        if column.status_code != 302:
            raise RuntimeError(f"column answered {column.status_code}")
        return uploaded, time.monotonic() - began


def uploads() -> list[dict[str, Any]]:
    """Seconds until the last list is ready; p95 of the upload request."""
    with installation() as folder:
        return _figures(folder)


def _figures(folder: Path) -> list[dict[str, Any]]:
    from pult.modules.checks.models import Check, Number
    from pult.modules.checks.tests import scenes
    from tests.installation import wait_for
    from tests.workers import workers

    cookies = [session_of(scenes.person(f"bench{place}")) for place in range(PEOPLE)]
    with workers(folder, people=200) as crew, web_process(folder) as (address, _):
        crew.start()
        began = time.monotonic()
        with ThreadPoolExecutor(PEOPLE) as people:
            ways = [people.submit(_upload, address, cookie, place) for place, cookie in enumerate(cookies)]
        refused = [str(way.exception()) for way in ways if way.exception() is not None]
        taken = [way.result() for way in ways if way.exception() is None]
        accepted = time.monotonic() - began
        reading = Check.objects.exclude(state__in=[Check.State.READY, Check.State.UNREADABLE])
        wait_for(lambda: not reading.exists(), seconds=240, what="all lists are ready")
        ready = time.monotonic() - began
        crew.stop()
    whole = Check.objects.filter(state=Check.State.READY, valid_count=NUMBERS).count()
    stored = Number.objects.count()
    complete = whole == PEOPLE and stored == PEOPLE * NUMBERS and not refused
    context = {
        "people": PEOPLE,
        "numbers_each": NUMBERS,
        "accepted": len(taken),
        "refused": refused[:3],
        "lists_complete": whole,
        "numbers_stored": stored,
        "seconds_until_all_accepted": round(accepted, 2),
    }
    slowest = p95([uploaded for uploaded, _ in taken])
    return [
        {
            "name": "uploads-ready",
            "value": round(ready, 2),
            "unit": "s",
            "goal": GOAL_SECONDS,
            "ok": ready < GOAL_SECONDS and complete,
            "context": context,
        },
        {
            "name": "uploads-request",
            "value": round(slowest, 2),
            "unit": "s",
            "goal": UPLOAD_GOAL_SECONDS,
            "ok": slowest < UPLOAD_GOAL_SECONDS and complete,
            "context": {"p95_whole_way_s": round(p95([way for _, way in taken]), 2)},
        },
    ]
