"""200 open pages of running checks at one web process: how late they show what has been committed.

Forty checks, five pages each. Every two seconds each check commits an answered call, as a worker does: counts of a
block change and the topic is said. A page waits for its event on a stream of server-sent events and then fetches itself
again, as htmx does (a signed-in GET of the check's page). The delay runs from the commit to the last byte of the page.
Lost is a commit after which a page got no event, or did not fetch itself within half a minute.
"""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fresh_database import installation
from benchmarks.web_process import cpu_seconds, p95, resident_mb, session_of, web_process

CHECKS, PAGES_OF_CHECK = 40, 5
EVERY_SECONDS = 2.0
SECONDS = 20
# Notices that come closer together than this are one fetch: the pace of the page itself.
PACE_SECONDS = 0.7
GOAL_SECONDS = 1.0
PATIENCE_SECONDS = 30


@dataclass
class Page:
    """One browser at one check: when it heard, and when it had fetched itself again."""

    host: str
    port: int
    cookie: str
    check: int
    heard: list[float] = field(default_factory=list)
    shown: list[tuple[float, float]] = field(default_factory=list)
    fetches: list[float] = field(default_factory=list)
    failures: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def _ask(self, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Cookie: {self.cookie}",
            # As the open page says when it fetches its parts.
            "X-Check-State: running",
            "Connection: close",
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return reader, writer

    async def follow(self, opened: asyncio.Event) -> None:
        """Hear events until cancelled."""
        reader, writer = await self._ask(f"/live/?topic=check:{self.check}")
        try:
            while line := await reader.readline():
                if line.startswith(b"event:"):
                    self.heard.append(time.time())
                    opened.set()
                    self._wake.set()
        finally:
            writer.close()

    async def show(self) -> None:
        """Fetch the page after each event, at the page's own pace, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = time.time()
            reader, writer = await self._ask(f"/checks/{self.check}/")
            answer = await reader.read()
            writer.close()
            ended = time.time()
            self.failures += not answer.startswith(b"HTTP/1.1 200")
            self.fetches.append(ended - began)
            self.shown.append((began, ended))
            await asyncio.sleep(max(0.0, PACE_SECONDS - (ended - began)))


def live_pages() -> dict[str, Any]:
    """p95 of the delay from commit to shown page."""
    with installation() as folder:
        return _figure(folder)


def _figure(folder: Path) -> dict[str, Any]:
    from pult.modules.checks.tests import scenes

    checks = []
    for place in range(CHECKS):
        owner = scenes.person(f"bench{place}")
        checks.append((scenes.check(owner, numbers=2_000).pk, session_of(owner)))
    with web_process(folder) as (address, pid):
        host, port = address.removeprefix("http://").split(":")
        before, cpu_before = resident_mb(pid), cpu_seconds(pid)
        pages = [
            Page(host, int(port), cookie, check) for check, cookie in checks for _ in range(PAGES_OF_CHECK)
        ]
        commits = asyncio.run(_watch(pages, [check for check, _ in checks]))
        after, cpu = resident_mb(pid), cpu_seconds(pid) - cpu_before
    return _judge(
        pages, commits, {"memory_mb_before": before, "memory_mb_after": after, "cpu_seconds_of_web": cpu}
    )


async def _watch(pages: list[Page], checks: list[int]) -> dict[int, list[float]]:
    """Open all pages, commit for SECONDS, let the last events arrive. Returns the moments of commits by check."""
    opened = [asyncio.Event() for _ in pages]
    tasks = [asyncio.create_task(page.follow(event)) for page, event in zip(pages, opened, strict=True)]
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in opened)), 60)
    tasks += [asyncio.create_task(page.show()) for page in pages]
    # The first event comes with the opening: every page fetches once, which is no part of the figure.
    await asyncio.sleep(8)
    commits = await asyncio.to_thread(_commit, checks)
    await _until_shown(pages)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return commits


async def _until_shown(pages: list[Page]) -> None:
    """Until every page has fetched itself after its last event, or half a minute."""
    deadline = time.time() + PATIENCE_SECONDS
    await asyncio.sleep(1)
    while time.time() < deadline:
        if all(page.shown and page.heard and page.shown[-1][0] >= page.heard[-1] for page in pages):
            return
        await asyncio.sleep(0.2)


def _commit(checks: list[int]) -> dict[int, list[float]]:
    """What a worker does after an answered call, evenly spread over the checks."""
    from django.db import transaction
    from django.db.models import F

    from pult.core.live import publish
    from pult.modules.checks.models import Block

    commits: dict[int, list[float]] = {check: [] for check in checks}
    began = time.time()
    step = EVERY_SECONDS / len(checks)
    for turn in range(int(SECONDS / step)):
        check = checks[turn % len(checks)]
        time.sleep(max(0.0, began + turn * step - time.time()))
        with transaction.atomic():
            block = Block.objects.filter(check_ref=check).order_by("pk").values("pk")[:1]
            Block.objects.filter(pk__in=block).update(found_count=F("found_count") + 1)
            publish(f"check:{check}")
        commits[check].append(time.time())
    return commits


def _judge(pages: list[Page], commits: dict[int, list[float]], spent: dict[str, float]) -> dict[str, Any]:
    heard, shown, lost = [], [], 0
    for page in pages:
        for at in commits[page.check]:
            event = next((moment for moment in page.heard if moment >= at - 0.005), None)
            fetched = next((ended for began, ended in page.shown if began >= at - 0.005), None)
            if event is None or fetched is None:
                lost += 1
                continue
            heard.append(max(0.0, event - at))
            shown.append(fetched - at)
    failures = sum(page.failures for page in pages)
    delay = p95(shown)
    return {
        "name": "live-pages",
        "value": round(delay, 3),
        "unit": "s",
        "goal": GOAL_SECONDS,
        "ok": delay < GOAL_SECONDS and not lost and not failures,
        "context": {
            "pages": len(pages),
            "commits": sum(map(len, commits.values())),
            "lost": lost,
            "failed_fetches": failures,
            "p95_commit_to_event_s": round(p95(heard), 3),
            "p95_fetch_s": round(p95([one for page in pages for one in page.fetches]), 3),
            "fetches": sum(len(page.fetches) for page in pages),
            **{name: round(value, 1) for name, value in spent.items()},
        },
    }
