"""Phone checks in a bot: a list or pasted numbers in, progress in one message, a file with the results back."""

from pult.modules.checks.bot import acting, columns, creating, listing
from pult.modules.checks.bot.routing import room

__all__ = ["acting", "columns", "creating", "listing", "room"]
