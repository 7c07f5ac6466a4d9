"""What only this process knows: what it is, its memory, how long its requests took, how many pages are open to it."""

import os
import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

# Upper bounds of the histogram's buckets, in seconds.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)


@dataclass
class _Series:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0


class Durations:
    """Durations of requests by the application that answered and the class of the status ("2xx").

    A histogram of our own: the client library takes a tenth of a second to load, and only `/metrics` needs it.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._lock = threading.Lock()

    def observe(self, route: str, status: int, seconds: float) -> None:
        """One request; `route` is an application's namespace, never an address that somebody typed."""
        key = (route, f"{status // 100}xx")
        with self._lock:
            series = self._series.setdefault(key, _Series())
            series.counts[bisect_left(BOUNDS, seconds)] += 1
            series.total += seconds

    def read(self) -> list[tuple[str, str, list[tuple[str, float]], float]]:
        """(route, status, [(upper bound, how many up to it)], sum of seconds) for each series."""
        with self._lock:
            copies = [(*key, list(series.counts), series.total) for key, series in self._series.items()]
        found = []
        for route, status, counts, total in copies:
            so_far, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                so_far += count
                buckets.append((bound, float(so_far)))
            found.append((route, status, buckets, total))
        return found


durations = Durations()
live_pages: "Callable[[], int] | None" = None


def count_live_pages(count: Callable[[], int]) -> None:
    """The web process says how its open pages are counted."""
    global live_pages  # noqa: PLW0603 - there is one web application in a process
    live_pages = count


def memory_bytes() -> int:
    """Resident memory of this process; 0 where the system does not tell (proc(5), statm)."""
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return resident * os.sysconf("SC_PAGE_SIZE")
