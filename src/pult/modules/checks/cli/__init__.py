"""`pult check …`: checks from the server's terminal. It uploads and follows; the worker does the work."""

from pult.modules.checks.cli import queue
from pult.modules.checks.cli.commands import commands

commands.command("queue")(queue.queue)
commands.command("hold")(queue.hold)
commands.command("release")(queue.let_go)
commands.command("log")(queue.log)

__all__ = ["commands"]
