"""How long `pult up` takes to its first page, and the memory of everything at rest."""

import shutil
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.installation import Installation, wait_for

FIRST_GOAL_SECONDS = 8.0
NEXT_GOAL_SECONDS = 4.0
MEMORY_GOAL_MB = 450


def _page_answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/sign-in/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _until_first_page(installation: Installation) -> float:
    began = time.monotonic()
    installation.start()
    wait_for(lambda: _page_answers(installation.address), seconds=30, what="the sign-in page")
    return time.monotonic() - began


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(deeper for child in children for deeper in _descendants(int(child)))]


def _proportional_mb(pid: int) -> float:
    """Proportional set size: memory shared by n processes counts 1/n in each (proc(5), smaps_rollup)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _memory(installation: Installation) -> dict[str, float]:
    assert installation.process is not None
    postmaster = int(
        (installation.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[0]
    )
    parts = {"postgres": sum(map(_proportional_mb, _descendants(postmaster)))}
    for name, word in (("web", "cli web"), ("worker", "cli worker"), ("simulator", "telegram_simulator")):
        pid = installation.child(word)
        parts[name] = sum(map(_proportional_mb, _descendants(pid))) if pid else 0.0
    parts["supervisor"] = _proportional_mb(installation.process.pid)
    return {name: round(value, 1) for name, value in parts.items()}


def start_up() -> list[dict[str, Any]]:
    """First start on an empty folder, three later ones (the median counts), memory ten seconds after the last."""
    data_dir = Path(tempfile.mkdtemp(prefix="pult-"))
    installation = Installation(data_dir)
    try:
        first = _until_first_page(installation)
        later = []
        for _ in range(3):
            installation.stop()
            later.append(_until_first_page(installation))
        time.sleep(10)
        memory = _memory(installation)
    finally:
        installation.clean_up()
        shutil.rmtree(data_dir, ignore_errors=True)
    total, median = round(sum(memory.values()), 1), sorted(later)[1]
    return [
        _figure("start-up-first", round(first, 2), "s", FIRST_GOAL_SECONDS, {"world": "100,000 people made"}),
        _figure(
            "start-up-next",
            round(median, 2),
            "s",
            NEXT_GOAL_SECONDS,
            {"runs": [round(one, 2) for one in later]},
        ),
        _figure("start-up-memory", total, "MB", MEMORY_GOAL_MB, {"proportional set size": memory}),
    ]


def _figure(name: str, value: float, unit: str, goal: float, context: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "goal": goal, "ok": value <= goal, "context": context}
