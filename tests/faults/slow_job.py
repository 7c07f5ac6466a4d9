"""A worker process with jobs that wait for a file: `python -m tests.faults.slow_job FOLDER`.

It is `pult worker` but for the jobs and for shorter patience: with dead workers, and with jobs when it has to stop.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from pult.config.cli import set_up_django

IN_THREAD, IN_LOOP = "tests.in_thread", "tests.in_loop"
HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS, SWEEP_EVERY_SECONDS = 0.5, 2, 0.1


def main(folder: Path) -> None:
    """Run until SIGTERM."""
    set_up_django()
    from pult.core.jobs import job, stalled, worker

    def tell(name: str) -> None:
        with (folder / name).open("a") as file:
            file.write(f"{os.getpid()}\n")

    @job(name=IN_THREAD)
    def in_thread() -> None:
        tell("begun")
        while not (folder / "go").exists():
            time.sleep(0.05)
        tell("done")

    @job(name=IN_LOOP)
    async def in_loop() -> None:
        tell("begun")
        while not (folder / "go").exists():
            await asyncio.sleep(0.05)
        tell("done")

    for module in (stalled, worker):
        vars(module)["STALLED_AFTER_SECONDS"] = STALLED_AFTER_SECONDS
    vars(worker).update(
        HEARTBEAT_SECONDS=HEARTBEAT_SECONDS, SWEEP_EVERY_SECONDS=SWEEP_EVERY_SECONDS, GRACEFUL_SECONDS=0.2
    )
    asyncio.run(worker.run_worker())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
