"""What never leaves in a log, an error report or the list of failed jobs: phone numbers and secrets."""

import re

# Nine to fifteen digits with the usual separators look like a phone number; times, addresses and short ids do not.
_PHONE = re.compile(r"(?<![\w./-])\+?\d(?:[\s().-]{0,2}\d){8,14}(?![\w.:/-])")
# Sessions, tokens and keys are long and without blanks, and hold both letters and digits; words of a sentence do not.
_TOKEN = re.compile(r"(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")
_NAMED_SECRET = re.compile(
    r"(?i)\b(password|passwd|secret|token|session|api_hash|code|authorization|cookie)(['\"]?\s*[:=]\s*)(['\"]?)[^\s,'\")}]+"
)
SECRET_KEYS = frozenset({"phone", "code", "password", "session", "api_hash", "secret", "token", "answer"})


def mask_phone_numbers(text: str) -> str:
    """Replace what looks like a phone number (9 to 15 digits, spaced or not) by its last two digits."""
    return _PHONE.sub(lambda match: "+…" + match.group()[-2:], text)


def mask_secrets_in(text: str) -> str:
    """Phone numbers, credentials in addresses, named secrets (`password=…`) and whatever looks like a long token."""
    text = _CREDENTIALS.sub("…@", text)
    text = _NAMED_SECRET.sub(r"\1\2\3…", text)
    return mask_phone_numbers(_TOKEN.sub("…", text))
