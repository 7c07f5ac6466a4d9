"""Each account's own contacts: people under the names that this account gave them."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnContact:
    """`phone` is None when the account added the person by username and does not know the number."""

    person_id: int
    first_name: str
    last_name: str
    phone: str | None


class Contacts:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, account_id: int) -> list[OwnContact]:
        """All contacts in the order of their ids."""
        rows = self._connection.execute(
            "SELECT * FROM contacts WHERE account_id = ? ORDER BY person_id", (account_id,)
        )
        return [_contact(row) for row in rows]

    def among(self, account_id: int, ids: list[int]) -> dict[int, OwnContact]:
        if not ids:
            return {}
        marks = ",".join("?" * len(ids))
        rows = self._connection.execute(
            f"SELECT * FROM contacts WHERE account_id = ? AND person_id IN ({marks})",  # noqa: S608
            (account_id, *ids),
        )
        return {row["person_id"]: _contact(row) for row in rows}

    def put(self, account_id: int, contacts: list[OwnContact]) -> None:
        """Add; who is a contact already is renamed, and a number that was known before is not forgotten."""
        self._connection.executemany(
            "INSERT INTO contacts VALUES (?,?,?,?,?) ON CONFLICT (account_id, person_id) DO UPDATE SET"
            " first_name = excluded.first_name, last_name = excluded.last_name,"
            " phone = coalesce(excluded.phone, phone)",
            [(account_id, c.person_id, c.first_name, c.last_name, c.phone) for c in contacts],
        )

    def remove(self, account_id: int, ids: list[int]) -> int:
        """Returns how many of them were contacts."""
        before = self._connection.total_changes
        self._connection.executemany(
            "DELETE FROM contacts WHERE account_id = ? AND person_id = ?", [(account_id, i) for i in ids]
        )
        return self._connection.total_changes - before

    def replace_all(self, account_id: int, contacts: list[OwnContact]) -> None:
        self._connection.execute("DELETE FROM contacts WHERE account_id = ?", (account_id,))
        self._connection.execute("DELETE FROM saved_phones WHERE account_id = ?", (account_id,))
        self.put(account_id, contacts)

    # Imported numbers behind which nobody could be found stay in the account's phone book on the server.

    def save_phones(self, account_id: int, rows: list[tuple[str, str, str]]) -> None:
        """Rows of (phone, first name, last name)."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO saved_phones VALUES (?,?,?,?)", [(account_id, *row) for row in rows]
        )

    def forget_phones(self, account_id: int, phones: list[str]) -> None:
        self._connection.executemany(
            "DELETE FROM saved_phones WHERE account_id = ? AND phone = ?",
            [(account_id, phone) for phone in phones],
        )

    def saved_phones(self, account_id: int) -> int:
        row = self._connection.execute(
            "SELECT count(*) FROM saved_phones WHERE account_id = ?", (account_id,)
        )
        return int(row.fetchone()[0])

    def saved_count(self, account_id: int) -> int:
        """`contacts.contacts.saved_count`: entries of the phone book that carry a number, found or not."""
        row = self._connection.execute(
            "SELECT count(*) FROM contacts WHERE account_id = ? AND phone IS NOT NULL", (account_id,)
        )
        return int(row.fetchone()[0]) + self.saved_phones(account_id)


def contacts_hash(saved_count: int, ids: list[int]) -> int:
    """The hash of `contacts.getContacts` (core.telegram.org/api/offsets#hash-generation), signed 64-bit.

    Over the saved count first, then the sorted ids.
    """
    value = 0
    for number in (saved_count, *sorted(ids)):
        value ^= value >> 21
        value = (value ^ (value << 35)) & 0xFFFF_FFFF_FFFF_FFFF
        value ^= value >> 4
        value = (value + number) & 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value


def _contact(row: sqlite3.Row) -> OwnContact:
    return OwnContact(row["person_id"], row["first_name"], row["last_name"], row["phone"])
