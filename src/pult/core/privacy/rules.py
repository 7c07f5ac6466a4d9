"""Pure decisions of privacy: what phone numbers and usernames look like."""

import re

FEWEST_DIGITS, MOST_DIGITS = (
    8,
    15,
)  # E.164 allows fifteen; nobody's number with its country has fewer than eight


# Telegram's usernames as people pass them on; capital letters make no difference.
_USERNAME = re.compile(r"(?:(?:https?://)?t\.me/|@)?([a-z][a-z0-9_]{3,31})/?", re.IGNORECASE | re.ASCII)


def subject_of(text: str) -> int | str | None:
    """Whom `text` names: a number as E.164 digits, a username in small letters without the @; None for neither."""
    phone = phone_of(text)
    if phone is not None:
        return phone
    named = _USERNAME.fullmatch(text.strip())
    return named[1].lower() if named else None


def shown(subject: int | str) -> str:
    """As people write it: +79123456789, @vera."""
    return f"+{subject}" if isinstance(subject, int) else f"@{subject}"


def hint_of(subject: int | str) -> str:
    """Its last letters or digits: enough to tell inquiries apart, too little to know whose it is."""
    return str(subject)[-4:] if isinstance(subject, int) else subject[-2:]


def phone_of(text: str) -> int | None:
    """The number written in `text`, with its country code, as E.164 digits; None for anything else."""
    digits = re.sub(r"[\s().\-\u2010-\u2015\u00a0]", "", text).removeprefix("+")
    digits = digits.removeprefix("00")
    if not re.fullmatch(rf"[1-9]\d{{{FEWEST_DIGITS - 1},{MOST_DIGITS - 1}}}", digits, re.ASCII):
        return None
    return int(digits)
