"""Signing in with Telegram: pure checks of what Telegram signed, and the port through which the main bot is known.

People lie below bots, so this room cannot ask for the main bot's token: bots fill the port (`provide_main_bot`) when
they are ready, and the token stays with them (`MainBot.holds` answers whether a signature is the bot's).
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

SIGN_IN_CODE_LIFE = timedelta(minutes=5)
WIDGET_LIFE = timedelta(minutes=5)
"""So long after Telegram signed it a visit is taken; Telegram itself names no time."""
CLOCKS_APART = timedelta(seconds=60)
"""So far in the future a signature may lie: clocks of servers differ a little."""
LINK_PAYLOAD = "link-"
"""Stands before the secret in what /start of the bot gets when somebody links their Telegram."""
WIDGET_FIELDS = frozenset({"id", "first_name", "last_name", "username", "photo_url", "auth_date"})


@dataclass(frozen=True, slots=True)
class MainBot:
    """The bot with which people sign in: `holds(data)` says whether the bot's token signed the widget's data,
    `link(payload)` is the address that opens the bot and presses Start with that payload ("" for none).
    """

    telegram_id: int
    username: str
    holds: Callable[[Mapping[str, str]], bool]
    link: Callable[[str], str]


_provider: list[Callable[[], MainBot | None]] = []


def provide_main_bot(provider: Callable[[], MainBot | None]) -> None:
    """Called once by the room of bots."""
    _provider[:] = [provider]


def main_bot() -> MainBot | None:
    """The main bot of this installation, or None while there is none that works."""
    return _provider[0]() if _provider else None


@dataclass(frozen=True, slots=True)
class TelegramVisitor:
    """Whom Telegram says it is; nothing is known yet about whether they are somebody here."""

    user_id: int
    name: str
    username: str


class UnableToTrust(Exception):
    """Data that came through a browser is not what Telegram signed, or not lately; `why` is for the log."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def plain_code(code: str) -> str:
    """The digits of a typed code ("1234 5678", "1234-5678"); "" when it cannot be one."""
    digits = code.translate({ord(sign): None for sign in " -\u00a0\u2009\u202f"}).strip()
    return digits if len(digits) == 8 and digits.isascii() and digits.isdecimal() else ""


def shown_code(code: str) -> str:
    """As people read it: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def code_digest(digits: str) -> bytes:
    """What is stored of a code. Keyed: eight digits under a bare hash would be found again by trying all of them."""
    return salted_hmac("pult.people.sign_in_code", digits, algorithm="sha256").digest()


def widget_signature(data: Mapping[str, str], token: str) -> str:
    """The `hash` of the login widget: HMAC-SHA256 over sorted "key=value" lines, keyed by SHA-256 of the bot's token
    (core.telegram.org/widgets/login, "Checking authorization").
    """
    lines = "\n".join(f"{name}={data[name]}" for name in sorted(data) if name != "hash")
    key = hashlib.sha256(token.encode()).digest()
    return hmac.new(key, lines.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def signed_by(data: Mapping[str, str], token: str) -> bool:
    """Whether the widget's data carry the signature of this token; compared in constant time."""
    given = str(data.get("hash", "")).encode("utf-8", "surrogatepass")
    return hmac.compare_digest(given, widget_signature(data, token).encode())


def read_widget(data: Mapping[str, object], *, now: datetime) -> dict[str, str]:
    """The widget's data as the texts that Telegram signed, fresh; the signature is checked by `MainBot.holds`.

    Raises UnableToTrust: unknown or missing fields, values that are no plain texts or numbers, too old, too new.
    """
    if set(data) - WIDGET_FIELDS - {"hash"} or not {"id", "auth_date", "hash"} <= set(data):
        raise UnableToTrust("fields")
    texts = {}
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 1024:
            raise UnableToTrust("values")
        # A line break inside a value could make one field look like two.
        if "\n" in str(value):
            raise UnableToTrust("values")
        texts[name] = str(value)
    for name in ("id", "auth_date"):
        if not (texts[name].isascii() and texts[name].isdecimal() and len(texts[name]) <= 16):
            raise UnableToTrust("numbers")
    age = now.timestamp() - int(texts["auth_date"])
    if age > WIDGET_LIFE.total_seconds():
        raise UnableToTrust("old")
    if age < -CLOCKS_APART.total_seconds():
        raise UnableToTrust("future")
    return texts


def visitor_of(texts: Mapping[str, str]) -> TelegramVisitor:
    """Whom the widget's data name."""
    name = " ".join(part for part in (texts.get("first_name", ""), texts.get("last_name", "")) if part)
    return TelegramVisitor(
        user_id=int(texts["id"]), name=tidy(name, 130), username=tidy(texts.get("username", ""), 64)
    )


def tidy(text: str, length: int) -> str:
    """A name as it can be stored: no control characters or unpaired surrogates, at most `length` characters."""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:length]
