"""The process: looks after every bot of this installation until it is told to stop."""

import asyncio
import signal


async def run_bots() -> None:
    """Run until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    await stopping.wait()
