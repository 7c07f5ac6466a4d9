"""What happened in checks, told after the transaction that made it so."""

from dataclasses import dataclass

from django.db import transaction
from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """Every number of a check has its verdict, or stays without an answer until its owner asks again."""

    check_id: int
    owner_id: int


happened = Signal()
"""Sent with `event=` one of the classes of this file."""


def announce(event: CheckFinished) -> None:
    """Tell listeners once the caller's transaction has committed; a listener that fails is logged, not raised."""
    transaction.on_commit(lambda: happened.send_robust(sender=type(event), event=event), robust=True)
