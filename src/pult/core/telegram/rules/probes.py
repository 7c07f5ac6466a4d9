"""When an account that Telegram restricts is looked at again.

Telegram names no end: PEER_FLOOD says that the account contacted too many strangers (core.telegram.org/api/errors), a
frozen one waits for an appeal (core.telegram.org/api/auth#frozen-accounts). So it is left alone for hours, longer each
time, and the look itself asks for nothing but its own profile and configuration.
"""

from datetime import datetime, timedelta

FIRST_LOOK = timedelta(hours=6)
LONGEST_WAIT = timedelta(days=7)
# Restricted again so soon after a look, it was not healed: the waits go on growing.
SOON = timedelta(days=7)
# A look that brought no answer says nothing: it is repeated.
AGAIN_WITHOUT_ANSWER = timedelta(minutes=15)
# While a worker looks. It is killed in the meantime: then another one looks.
WHILE_LOOKING = timedelta(minutes=5)


def wait_before(looks: int) -> timedelta:
    """How long an account is left alone after `looks` looks in a row (0, 1, …): 6 h, 12 h, 24 h … 7 days."""
    return min(LONGEST_WAIT, FIRST_LOOK * (1 << min(looks, 10)))


def looks_in_a_row(looks: int, *, last: datetime | None, now: datetime) -> int:
    """How many looks count when an account is restricted now, after `looks` of which the last one was at `last`."""
    return looks if last is not None and now - last < SOON else 0
