"""Pure decisions about contacts: which are the account's own, which did an import bring, what was renamed.

An import renames a person who was a contact before, and removing such a person afterwards would take away a real
contact (TELEGRAM.md). So every import gives its contacts a name that carries our marker, and what was the account's
own before is known from a snapshot of names taken before the first import.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pult.core.telegram.values import ContactRef, ImportAnswer, KeptName, TelegramUser

# The first name of every contact that Pult imports starts with this. Nobody calls a contact so by hand.
MARKER_PREFIX = "~pult-"
_MARKER = re.compile(re.escape(MARKER_PREFIX) + r"[\w-]{1,50}")

Snapshot = Mapping[int, KeptName]


def is_marker(first_name: str) -> bool:
    """Whether a contact's first name is one that an import of ours gave."""
    return _MARKER.fullmatch(first_name) is not None


@dataclass(frozen=True, slots=True)
class Survey:
    """All contacts of an account: its own (under their own names), ours left over, own ones to be named back."""

    own: dict[int, TelegramUser]
    leftovers: list[ContactRef]
    renamed: list[TelegramUser]


def survey(contacts: Iterable[TelegramUser], snapshot: Snapshot) -> Survey:
    """Sort the contacts of an account.

    A contact under our marker is a leftover of a crashed call, unless the snapshot knows it: then it is the account's
    own, renamed by that call; it appears in `own` and `renamed` under the name that the snapshot kept.
    """
    own: dict[int, TelegramUser] = {}
    leftovers: list[ContactRef] = []
    renamed: list[TelegramUser] = []
    for user in contacts:
        if not is_marker(user.first_name):
            own[user.id] = user
        elif user.id in snapshot:
            restored = _under_kept_name(user, snapshot[user.id])
            own[user.id] = restored
            renamed.append(restored)
        else:
            leftovers.append(ContactRef(user.id, user.access_hash))
    return Survey(own, leftovers, renamed)


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The answer for the caller, and the own contacts that the import renamed (under their kept names)."""

    answer: ImportAnswer
    renamed: list[TelegramUser]


def read_import(
    *,
    imported: Iterable[tuple[int, int]],
    retry: Iterable[int],
    users: Mapping[int, TelegramUser],
    own: Mapping[int, TelegramUser],
    self_id: int,
) -> ImportOutcome:
    """Make verdicts of an import's answer; `imported` are pairs of (client_id, user id).

    A pair whose user is missing from `users` is unanswered: it is neither a hit that can be shown nor a miss.
    """
    hits: dict[int, TelegramUser] = {}
    unanswered = set(retry)
    added: dict[int, ContactRef] = {}
    renamed: dict[int, TelegramUser] = {}
    for client_id, user_id in imported:
        user = users.get(user_id)
        if user is None:
            unanswered.add(client_id)
            continue
        if user_id in own:
            kept = own[user_id]
            renamed[user_id] = kept
            user = replace(user, first_name=kept.first_name, last_name=kept.last_name)
        elif user_id != self_id:
            added[user_id] = ContactRef(user_id, user.access_hash)
        if is_marker(user.first_name):
            user = replace(user, first_name="", last_name="")
        hits[client_id] = user
    answer = ImportAnswer(hits, frozenset(unanswered - hits.keys()), list(added.values()))
    return ImportOutcome(answer, list(renamed.values()))


def removable(refs: Iterable[ContactRef], own: Mapping[int, TelegramUser]) -> list[ContactRef]:
    """Each of `refs` once, without any that is the account's own."""
    return list({ref.user_id: ref for ref in refs if ref.user_id not in own}.values())


def take_snapshot(own: Mapping[int, TelegramUser]) -> Snapshot:
    """The names to keep."""
    return {user.id: KeptName(user.first_name, user.last_name, user.phone) for user in own.values()}


def write_snapshot(snapshot: Snapshot) -> str:
    """As JSON {"user id": [first name, last name, phone or null]}, the same text for the same names."""
    rows = {str(key): [kept.first_name, kept.last_name, kept.phone] for key, kept in sorted(snapshot.items())}
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def read_snapshot(text: str) -> Snapshot:
    """The inverse of `write_snapshot`; an empty text is an empty snapshot."""
    rows = json.loads(text) if text else {}
    return {int(key): KeptName(first, last, phone) for key, (first, last, phone) in rows.items()}


def contacts_hash(saved_count: int, ids: Iterable[int]) -> int:
    """The hash with which `contacts.getContacts` answers "not modified", signed 64-bit.

    Over the saved count first, then the sorted ids (core.telegram.org/api/offsets#hash-generation).
    """
    value = 0
    for number in (saved_count, *sorted(ids)):
        value ^= value >> 21
        value = (value ^ (value << 35)) & 0xFFFF_FFFF_FFFF_FFFF
        value ^= value >> 4
        value = (value + number) & 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value


def _under_kept_name(user: TelegramUser, kept: KeptName) -> TelegramUser:
    return replace(
        user,
        first_name=kept.first_name,
        last_name=kept.last_name,
        phone=user.phone if user.phone is not None else kept.phone,
    )
