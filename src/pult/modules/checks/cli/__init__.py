"""`pult check …`: checks from the server's terminal. It uploads and follows; the worker does the work."""

from pult.modules.checks.cli.commands import commands

__all__ = ["commands"]
