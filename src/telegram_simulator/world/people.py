"""Everybody who has a Telegram account in this world, and what they let others see."""

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

LAST_SEEN = ("online", "offline", "recently", "last_week", "last_month", "long_ago", "hidden")
PRIVACY = ("everybody", "contacts", "nobody")
USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
FLAGS = ("premium", "verified", "bot")
TEXTS = ("phone", "first_name", "last_name", "username", "second_username", "language")
CHOICES = {"last_seen": LAST_SEEN, "find_by_phone": PRIVACY, "phone_visible": PRIVACY}
# SQLite takes a limited number of parameters in one statement.
LARGEST_LOOKUP = 500


class UnableToChangePerson(ValueError):
    """The wish cannot be fulfilled; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    phone: str
    first_name: str
    last_name: str
    username: str | None
    second_username: str | None
    premium: bool
    verified: bool
    last_seen: str
    find_by_phone: str
    phone_visible: str
    bot: bool
    language: str = "ru"  # of the person's Telegram app


def normalise_phone(text: str) -> str | None:
    """Digits only, as Telegram keeps numbers; None when it cannot be an international number (7 to 15 digits)."""
    digits = re.sub(r"[\s()+.\-]", "", text)
    return digits if re.fullmatch(r"[1-9][0-9]{6,14}", digits) else None


class People:
    """The phone directory and the directory of usernames."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        row = connection.execute("SELECT value FROM facts WHERE name = 'access_secret'").fetchone()
        self._secret = bytes.fromhex(row["value"])

    def access_hash(self, viewer_id: int, subject_id: int) -> int:
        """A signed 64-bit hash that only this viewer may use for this subject (chats: negative ids)."""
        digest = hashlib.blake2b(
            f"{viewer_id}:{subject_id}".encode(), key=self._secret, digest_size=8
        ).digest()
        return int.from_bytes(digest, "big", signed=True)

    def by_id(self, person_id: int) -> Person | None:
        return self._one("SELECT * FROM people WHERE id = ?", person_id)

    def must(self, person_id: int) -> Person:
        """The person with an id that is known to exist; raises UnableToChangePerson otherwise."""
        person = self.by_id(person_id)
        if person is None:
            raise UnableToChangePerson("There is no such person.")
        return person

    def by_phone(self, phone: str) -> Person | None:
        return self._one("SELECT * FROM people WHERE phone = ?", phone)

    def by_username(self, username: str) -> Person | None:
        return self._one("SELECT * FROM people WHERE username = ? OR second_username = ?", username, username)

    def by_ids(self, ids: list[int]) -> dict[int, Person]:
        return {person.id: person for person in self._many("id", ids)}

    def by_phones(self, phones: list[str]) -> dict[str, Person]:
        return {person.phone: person for person in self._many("phone", phones)}

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM people").fetchone()[0])

    def create(self, wishes: dict[str, Any]) -> Person:
        """Add a person; `phone` and `first_name` are needed, all else may be left out."""
        values = self._checked(wishes)
        for needed in ("phone", "first_name"):
            if not values.get(needed):
                raise UnableToChangePerson(f"A person needs {needed}.")
        columns = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        try:
            cursor = self._connection.execute(
                f"INSERT INTO people ({columns}) VALUES ({marks})",  # noqa: S608
                tuple(values.values()),
            )
        except sqlite3.IntegrityError:
            raise UnableToChangePerson("Somebody has this phone or username already.") from None
        return self.must(cursor.lastrowid or 0)

    def change(self, person_id: int, wishes: dict[str, Any]) -> Person:
        values = self._checked(wishes)
        if values:
            assignments = ", ".join(f"{column} = ?" for column in values)
            try:
                self._connection.execute(
                    f"UPDATE people SET {assignments} WHERE id = ?",  # noqa: S608
                    (*values.values(), person_id),
                )
            except sqlite3.IntegrityError:
                raise UnableToChangePerson("Somebody has this phone or username already.") from None
        return self.must(person_id)

    def remove(self, person_id: int) -> None:
        """The person deletes their Telegram account: nobody finds them any more, contacts vanish."""
        for table, column in (("contacts", "person_id"), ("known_by", "person_id"), ("people", "id")):
            self._connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (person_id,))  # noqa: S608 - only names from this file

    def may_be_found_by_phone(self, person: Person, *, known: bool) -> bool:
        """Whether a viewer finds the person by number; `known`: the person has saved the viewer's number."""
        if person.bot:
            return False
        return person.find_by_phone == "everybody" or (person.find_by_phone == "contacts" and known)

    def shows_phone(self, person: Person, *, known: bool, saved: bool) -> bool:
        """Whether a viewer sees the number; who has saved it with the contact sees it in any case."""
        if person.bot:
            return False
        if saved or person.phone_visible == "everybody":
            return True
        return person.phone_visible == "contacts" and known

    def knowing(self, account_id: int, ids: list[int]) -> set[int]:
        """Which of these people have the account among their own contacts."""
        found: set[int] = set()
        for start in range(0, len(ids), LARGEST_LOOKUP):
            part = ids[start : start + LARGEST_LOOKUP]
            marks = ",".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT person_id FROM known_by WHERE account_id = ? AND person_id IN ({marks})",  # noqa: S608 - only names from this file
                (account_id, *part),
            )
            found.update(row["person_id"] for row in rows)
        return found

    def set_knows(self, person_id: int, account_id: int, *, knows: bool) -> None:
        if knows:
            self._connection.execute("INSERT OR IGNORE INTO known_by VALUES (?,?)", (person_id, account_id))
        else:
            self._connection.execute(
                "DELETE FROM known_by WHERE person_id = ? AND account_id = ?", (person_id, account_id)
            )

    def _checked(self, wishes: dict[str, Any]) -> dict[str, Any]:
        unknown = set(wishes) - {*CHOICES, *FLAGS, *TEXTS}
        if unknown:
            raise UnableToChangePerson(f"A person has no {', '.join(sorted(unknown))}.")
        return {name: _checked(name, value) for name, value in wishes.items()}

    def _one(self, query: str, *parameters: object) -> Person | None:
        row = self._connection.execute(query, parameters).fetchone()
        return None if row is None else _person(row)

    def _many(self, column: str, values: list[Any]) -> list[Person]:
        people: list[Person] = []
        for start in range(0, len(values), LARGEST_LOOKUP):
            part = values[start : start + LARGEST_LOOKUP]
            marks = ",".join("?" * len(part))
            rows = self._connection.execute(f"SELECT * FROM people WHERE {column} IN ({marks})", part)  # noqa: S608 - only names from this file
            people += [_person(row) for row in rows]
        return people


def _checked(name: str, value: Any) -> Any:
    """The value as the table keeps it. Raises UnableToChangePerson."""
    if name in CHOICES and value not in CHOICES[name]:
        raise UnableToChangePerson(f"{name} must be one of {', '.join(CHOICES[name])}.")
    if name in FLAGS and not isinstance(value, bool):
        raise UnableToChangePerson(f"{name} must be true or false.")
    return _checked_text(name, value) if name in TEXTS else value


def _checked_text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise UnableToChangePerson(f"{name} must be a text.")
    if name == "phone":
        phone = normalise_phone(value or "")
        if phone is None:
            raise UnableToChangePerson("phone must be an international number of 7 to 15 digits.")
        return phone
    if name.endswith("username") and value is not None and not USERNAME.fullmatch(value):
        raise UnableToChangePerson(f"{name} must be 4 to 32 Latin letters, digits and underscores.")
    return value


def _person(row: sqlite3.Row) -> Person:
    return Person(
        row["id"], row["phone"], row["first_name"], row["last_name"], row["username"], row["second_username"],
        bool(row["premium"]), bool(row["verified"]), row["last_seen"], row["find_by_phone"], row["phone_visible"],
        bool(row["bot"]), row["language"],
    )  # fmt: skip
