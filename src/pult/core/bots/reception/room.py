"""The reception as a room: its functions stand in the files beside this one."""

from pult.core.bots.reception import account, approvals, menu, papers, preferences
from pult.core.bots.reception.desk import room

__all__ = ["account", "approvals", "menu", "papers", "preferences", "room"]
