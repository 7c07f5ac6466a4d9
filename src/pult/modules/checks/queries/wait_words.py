"""What a check waits for, in words: for its owner's page and for the queue."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.modules.checks.queries.waiting import Standing, Waits

# What stands in the queue, with its tone; the moment at which it ends is shown beside it.
WORDS: dict[Waits, tuple[Promise, str]] = {
    Waits.WORKING: (_("At work"), "accent"),
    Waits.TURN: (_("Waits for its turn"), "neutral"),
    Waits.PAUSED: (_("Paused"), "rest"),
    Waits.HELD_ALL: (_("Held back: all checks"), "warn"),
    Waits.HELD_PERSON: (_("Held back: this person"), "warn"),
    Waits.OWNER_OFF: (_("Waits: its owner is switched off"), "warn"),
    Waits.REUSE: (_("Takes over earlier verdicts"), "accent"),
    Waits.SPENT: (_("The person's allowance is spent"), "rest"),
    Waits.SPENT_ALL: (_("The allowance of all is spent"), "rest"),
    Waits.NO_ACCOUNT: (_("Waits for an account"), "warn"),
    Waits.RESTS: (_("Every account rests"), "rest"),
    Waits.LATER: (_("Asks again later"), "rest"),
}

# What the owner reads on the check's own page.
TO_OWNER: dict[Waits, Promise] = {
    Waits.HELD_ALL: _(
        "An administrator holds back all checks for now. It goes on by itself when that is over."
    ),
    Waits.HELD_PERSON: _(
        "An administrator holds back your checks for now. They go on by themselves when that is over."
    ),
    Waits.SPENT: _("You have asked about all numbers that are allowed for a day. It goes on by itself in"),
    Waits.SPENT_ALL: _(
        "All numbers that this installation may ask about in a day are spent. It goes on by itself in"
    ),
    Waits.REUSE: _("Verdicts of your earlier checks are being taken over; then the rest is asked."),
}


@dataclass(frozen=True, slots=True)
class WaitWords:
    """A standing for a page."""

    standing: Standing
    text: Promise
    tone: str


def in_queue(standing: Standing) -> WaitWords:
    """As the queue says it."""
    return WaitWords(standing, *WORDS[standing.waits])


def to_owner(standing: Standing | None) -> WaitWords | None:
    """What the owner is told, where there is something that only waiting helps against."""
    if standing is None or standing.waits not in TO_OWNER:
        return None
    return WaitWords(standing, TO_OWNER[standing.waits], WORDS[standing.waits][1])
