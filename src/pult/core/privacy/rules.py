"""Pure decisions of privacy: what a phone number looks like."""

import re

FEWEST_DIGITS, MOST_DIGITS = (
    8,
    15,
)  # E.164 allows fifteen; nobody's number with its country has fewer than eight


def phone_of(text: str) -> int | None:
    """The number written in `text`, with its country code, as E.164 digits; None for anything else."""
    digits = re.sub(r"[\s().\-\u2010-\u2015\u00a0]", "", text).removeprefix("+")
    digits = digits.removeprefix("00")
    if not re.fullmatch(rf"[1-9]\d{{{FEWEST_DIGITS - 1},{MOST_DIGITS - 1}}}", digits, re.ASCII):
        return None
    return int(digits)
