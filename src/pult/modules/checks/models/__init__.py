"""Rows of checks: the list, its blocks of at most 500 numbers, the calls made for them, and what came of it."""

from pult.modules.checks.models.calls import Call, Canary
from pult.modules.checks.models.lists import Block, Check, RejectedLine
from pult.modules.checks.models.log import LogEntry
from pult.modules.checks.models.numbers import Finding, Number
from pult.modules.checks.models.turns import Allowance, Hold, Usage

__all__ = [
    "Allowance",
    "Block",
    "Call",
    "Canary",
    "Check",
    "Finding",
    "Hold",
    "LogEntry",
    "Number",
    "RejectedLine",
    "Usage",
]
