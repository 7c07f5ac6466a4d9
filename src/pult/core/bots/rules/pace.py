"""Which functions of rooms are quick: learned from how long they took."""

import threading
from collections import defaultdict

# Somebody who is to be handled together with others may keep them waiting for so many seconds.
QUICK_SECONDS = 0.02
# A function counts as quick after so many quick runs in a row; one slow run, and it begins anew.
RUNS = 3


class Paces:
    """Remembers functions by name; used by several threads at once."""

    def __init__(self) -> None:
        self._quick_runs: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def note(self, name: str, seconds: float) -> None:
        """One run took so long."""
        with self._lock:
            self._quick_runs[name] = self._quick_runs[name] + 1 if seconds <= QUICK_SECONDS else -RUNS

    def quick(self, name: str) -> bool:
        """Whether the last runs were quick."""
        return self._quick_runs.get(name, 0) >= RUNS
