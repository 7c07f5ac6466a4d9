"""`make bench`: each figure as one JSON line; `make bench ONLY=name` runs one group or figure.

A figure is {"name", "value", "unit", "goal", "ok", "context"}; each group below is a function that returns its figures.
Every group runs in a process of its own, so that peak memory is its own and one failure does not end the others.
"""

import importlib
import json
import subprocess
import sys
import time
from typing import Any

GROUPS = {
    "checks-import": "benchmarks.checks_import:checks_import",
    "checks-verdicts": "benchmarks.checks_verdicts:checks_verdicts",
    "checks-honesty": "benchmarks.checks_honesty:checks_honesty",
    "checks-rivals": "benchmarks.checks_rivals:checks_rivals",
    "checks-export": "benchmarks.pages:pages",
    "pages": "benchmarks.pages:pages",
    "live-pages": "benchmarks.live_pages:live_pages",
    "updates": "benchmarks.updates:updates",
    "bot-taps": "benchmarks.bot_taps:bot_taps",
    "bot-limits": "benchmarks.bot_limits:bot_limits",
    "uploads": "benchmarks.uploads:uploads",
    "start-up": "benchmarks.start_up:start_up",
}


def run_group(name: str) -> list[dict[str, Any]]:
    """Run one group in this process."""
    module, function = GROUPS[name].split(":")
    figures = getattr(importlib.import_module(module), function)()
    return figures if isinstance(figures, list) else [figures]


def main(only: str | None) -> int:
    """Run the groups whose name `only` starts with (all without it); exit status 1 when a goal is missed."""
    wanted = [name for name in GROUPS if only is None or only.startswith(name)]
    # Two names of one function (the same million rows serve two figures) run once.
    wanted = [
        name for name in wanted if GROUPS[name] not in {GROUPS[one] for one in wanted[: wanted.index(name)]}
    ]
    if not wanted:
        print(f"No figure {only!r}; there are: {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    status = 0
    for name in wanted:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks", "--here", name],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        for line in done.stdout.splitlines():
            if not line.startswith("{"):
                continue
            figure = json.loads(line)
            if only is None or figure["name"].startswith(only):
                print(line, flush=True)
                status |= not figure["ok"]
        status |= done.returncode != 0
        print(f"# {name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return status


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        for one in run_group(sys.argv[2]):
            print(json.dumps(one, ensure_ascii=False), flush=True)
        sys.exit(0)
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
