"""What the gateway takes and gives: plain values, nothing of Telethon."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TelegramUser:
    """A user as one account sees them, or what else a username may belong to.

    `phone` is E.164 without the plus, None where hidden. `last_seen` is one of online, recently, week, month,
    long_ago, hidden; `last_seen_at` the exact time where Telegram shows it.
    `entity` is user, bot, channel or group: the title of the latter two is their first name.
    """

    id: int
    access_hash: int
    first_name: str
    last_name: str
    usernames: list[str]
    phone: int | None
    premium: bool
    verified: bool
    last_seen: str
    last_seen_at: datetime | None
    entity: str = "user"


@dataclass(frozen=True, slots=True)
class ContactRef:
    """What it takes to name a user to Telegram again: the access hash is valid for one account only."""

    user_id: int
    access_hash: int


@dataclass(frozen=True, slots=True)
class PhoneToImport:
    """A number to ask about; `client_id` is the caller's own name for it, by which the answer is matched."""

    client_id: int
    phone: int


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """The account's own contacts: all their ids, and those whose number is known by that number."""

    ids: frozenset[int]
    phones: dict[int, TelegramUser]


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What an import brought.

    `hits` by client_id. Telegram shows an imported person under the name that the import gave, so a hit that was no
    contact before carries an empty name here: `LeasedAccount.remove_contacts(added)` returns these people again, under
    the names they gave themselves. `retry` are client_ids without an answer, never misses. `added` must be removed.
    """

    hits: dict[int, TelegramUser]
    retry: frozenset[int]
    added: list[ContactRef]


@dataclass(frozen=True, slots=True)
class KeptName:
    """The name under which the account's owner keeps a contact, and the contact's number as far as it is known."""

    first_name: str
    last_name: str
    phone: int | None


class Cause(StrEnum):
    """How a call ended: the values of Lesson.Cause."""

    ANSWERED = "answered"
    RETRIES = "retries"
    WAIT = "wait"
    LOST = "lost"
