"""Pure decisions about sign-ins: what was typed, and what a failure means for the person."""

import unicodedata
from dataclasses import dataclass

from pult.core.telegram.errors import (
    AccountLost,
    AccountRestricted,
    FloodWait,
    GatewayError,
    NoAnswer,
    RequestRefused,
)

SHORTEST_PHONE, LONGEST_PHONE = 7, 15


def phone_digits(typed: str) -> str | None:
    """The digits of an international phone number in any spelling and any script; None when it cannot be one.

    E.164 allows 15 digits; `00` in front stands for the plus.
    """
    text = typed.strip().removeprefix("+")
    if any(
        not (character.isdecimal() or character in " -().\u00a0\u2011\u2012\u2013/") for character in text
    ):
        return None
    digits = "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())
    digits = digits.removeprefix("00")
    return digits if SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE and digits[0] != "0" else None


def code_typed(typed: str) -> str:
    """A login code as Telegram wants it: "12 345" and "١٢٣٤٥" become "12345"; a code of letters stays as it is."""
    digits = "".join(str(unicodedata.decimal(character)) for character in typed if character.isdecimal())
    return digits or typed.strip()


def phone_hint(phone: str) -> str:
    """The last four digits."""
    return phone[-4:]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a failed step leads to: the next state of the sign-in, the code of its words, a pause in seconds."""

    state: str
    problem: str
    wait_seconds: int | None = None


# Telegram's words, and what the person can do: type something again, or start anew.
_BY_WORD = {
    "PHONE_NUMBER_INVALID": Outcome("phone_wanted", "bad_phone"),
    "PHONE_NUMBER_UNOCCUPIED": Outcome("phone_wanted", "no_account"),
    "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN": Outcome("phone_wanted", "no_account"),
    "PHONE_NUMBER_BANNED": Outcome("phone_wanted", "phone_banned"),
    "PHONE_NUMBER_FLOOD": Outcome("phone_wanted", "phone_flood"),
    "PHONE_PASSWORD_FLOOD": Outcome("phone_wanted", "phone_flood"),
    "PHONE_CODE_INVALID": Outcome("code_wanted", "wrong_code"),
    "PHONE_CODE_EMPTY": Outcome("code_wanted", "wrong_code"),
    "PHONE_CODE_EXPIRED": Outcome("code_wanted", "expired_code"),
    "PHONE_CODE_HASH_EMPTY": Outcome("code_wanted", "expired_code"),
    "PASSWORD_HASH_INVALID": Outcome("password_wanted", "wrong_password"),
    "SESSION_PASSWORD_NEEDED": Outcome("password_wanted", ""),
    "API_ID_INVALID": Outcome("failed", "bad_key_pair"),
    "API_ID_PUBLISHED_FLOOD": Outcome("failed", "bad_key_pair"),
    "CONNECTION_API_ID_INVALID": Outcome("failed", "bad_key_pair"),
    "EMAIL_NEEDED": Outcome("phone_wanted", "email_needed"),
    "SEND_CODE_UNAVAILABLE": Outcome("phone_wanted", "code_not_sent"),
    "UPDATE_APP_TO_LOGIN": Outcome("phone_wanted", "code_not_sent"),
    "QR_UNSEEN": Outcome("paused", "qr_unseen"),
}


def outcome_of(error: GatewayError) -> Outcome:
    """What a failure of one step means. A pause keeps what was typed, so that trying again goes on from there."""
    if isinstance(error, FloodWait):
        return Outcome("paused", "sign_in_flood", error.seconds)
    if isinstance(error, NoAnswer):
        words = {"server": "telegram_trouble", "proxy": "proxy_silent"}
        return Outcome("paused", words.get(error.reason, "no_connection"))
    if isinstance(error, AccountLost):
        if error.state == "banned":
            return Outcome("phone_wanted", "phone_banned")
        return Outcome("paused", "session_lost")
    if isinstance(error, AccountRestricted):
        return Outcome("failed", error.reason)
    if isinstance(error, RequestRefused):
        return _BY_WORD.get(error.error, Outcome("paused", "telegram_refused"))
    raise error
