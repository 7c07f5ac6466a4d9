"""`pult remote …`: checks on another machine's Pult, through its API. Needs no database and no settings of a server."""

from pult.config.remote.commands import commands

__all__ = ["commands"]
