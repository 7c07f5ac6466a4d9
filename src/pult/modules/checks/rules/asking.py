"""When a number that stayed without an answer is asked again, and when an account has to rest (MISSION A6).

Telegram names no times for `retry_contacts`; these grow so that a number is neither forgotten nor pressed.
"""

from datetime import timedelta
from enum import StrEnum


class Unanswered(StrEnum):
    """Why a number has no verdict yet: a limit (`retry_contacts`), no answer to the whole call, an error of ours."""

    LIMIT = "limit"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


# After this many tries a number stays unanswered, visibly, until a person asks again.
MOST_TRIES = 5

DELAYS: dict[Unanswered, tuple[timedelta, ...]] = {
    Unanswered.LIMIT: (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=20),
        timedelta(hours=1),
    ),
    Unanswered.NO_ANSWER: (
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
    ),
}

# Everything back in retry_contacts is treated as a wait of an hour. More than half of it says that the limit has been
# reached within the call: the account rests a little. Smaller calls prove nothing.
REST_AFTER_WHOLE_CALL = timedelta(hours=1)
REST_AFTER_MOST_OF_A_CALL = timedelta(minutes=1)
TELLING_SIZE = 5

# A block in which an error of ours happened waits this long for each failure, and is given up after the last.
FAILURE_DELAY = timedelta(seconds=30)
MOST_FAILURES = 4

# Where not even a connection comes about, the account is left alone for a moment.
REST_WITHOUT_CONNECTION = timedelta(seconds=15)
REST_AFTER_ERROR = timedelta(minutes=1)


def delay_after(reason: Unanswered, tries: int) -> timedelta | None:
    """How long a number waits after its `tries`-th unanswered try (1, 2, …); None: it is not asked again by itself."""
    delays = DELAYS.get(reason, ())
    return delays[tries - 1] if 1 <= tries <= min(len(delays), MOST_TRIES - 1) else None


def rest_after_retries(*, size: int, retried: int) -> timedelta | None:
    """The rest that an account needs after a call of `size` numbers of which `retried` came back in retry_contacts."""
    if size < TELLING_SIZE or retried * 2 <= size:
        return None
    return REST_AFTER_WHOLE_CALL if retried >= size else REST_AFTER_MOST_OF_A_CALL


def delay_after_failure(failures: int) -> timedelta | None:
    """How long a block waits after its `failures`-th failure (1, 2, …); None: it is given up."""
    return FAILURE_DELAY * 2 ** (failures - 1) if failures < MOST_FAILURES else None
