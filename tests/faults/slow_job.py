"""A worker process with a job that waits for a file: `python -m tests.faults.slow_job FOLDER`.

It is `pult worker` but for the job and for shorter patience with dead workers.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from pult.config.cli import set_up_django

NAME = "tests.slow"
HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS, SWEEP_EVERY_SECONDS = 0.5, 2, 0.1


def main(folder: Path) -> None:
    """Run until SIGTERM."""
    set_up_django()
    from pult.core.jobs import job, stalled, worker

    @job(name=NAME)
    def slow() -> None:
        with (folder / "begun").open("a") as begun:
            begun.write(f"{os.getpid()}\n")
        while not (folder / "go").exists():
            time.sleep(0.05)
        with (folder / "done").open("a") as done:
            done.write(f"{os.getpid()}\n")

    for module in (stalled, worker):
        vars(module)["STALLED_AFTER_SECONDS"] = STALLED_AFTER_SECONDS
    vars(worker).update(HEARTBEAT_SECONDS=HEARTBEAT_SECONDS, SWEEP_EVERY_SECONDS=SWEEP_EVERY_SECONDS)
    asyncio.run(worker.run_worker())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
