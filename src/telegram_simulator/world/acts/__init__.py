"""What participants do, whoever asks for it: a client program, a bot, or a person on the play page.

Each act is one transaction, writes every participant's copy and tells the hub. Whether somebody *may* act is asked
by the doors, which have different words for "no"; only what is the same for all is an `UnableToAct` here.
"""

from telegram_simulator.world.acts.meeting import block, press_start, unblock
from telegram_simulator.world.acts.membership import (
    change_membership,
    join,
    leave,
    service_message,
    upgrade,
)
from telegram_simulator.world.acts.posting import Posted, UnableToAct, delete, edit, post
from telegram_simulator.world.acts.tapping import answer_tap, tap

__all__ = [
    "Posted",
    "UnableToAct",
    "answer_tap",
    "block",
    "change_membership",
    "delete",
    "edit",
    "join",
    "leave",
    "post",
    "press_start",
    "service_message",
    "tap",
    "unblock",
    "upgrade",
]
