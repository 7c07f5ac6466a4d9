"""A phone book in memory that behaves as Telegram's does: an import renames, a removal removes, anything may fail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from telethon import functions, types

from pult.core.telegram.errors import NoAnswer
from pult.core.telegram.rules.contacts import contacts_hash

SELF_ID = 1


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class Telegram:
    """People by number (number = id + 1000), and the account's contacts: id → (first name, last name)."""

    people: frozenset[int]
    contacts: dict[int, tuple[str, str]]
    # What happens at the next requests: "" works, "lost" works but the answer is lost, "cut" never arrives,
    # "killed" works and the worker dies before it learns of it.
    mishaps: list[str] = field(default_factory=list)

    async def ask(self, request: Any, *, within: float = 20.0) -> Any:
        mishap = self.mishaps.pop(0) if self.mishaps else ""
        if mishap == "cut":
            raise NoAnswer("network")
        answer = self._answer(request)
        if mishap == "lost":
            raise NoAnswer("timeout")
        if mishap == "killed":
            raise Killed
        return answer

    def _answer(self, request: Any) -> Any:
        if isinstance(request, functions.contacts.GetContactsRequest):
            if request.hash and request.hash == contacts_hash(len(self.contacts), self.contacts):
                return types.contacts.ContactsNotModified()
            return SimpleNamespace(users=self._users(self.contacts), saved_count=len(self.contacts))
        if isinstance(request, functions.contacts.ImportContactsRequest):
            return self._import(request)
        if isinstance(request, functions.contacts.DeleteContactsRequest):
            gone = [user.user_id for user in request.id]
            for user_id in gone:
                self.contacts.pop(user_id, None)
            return SimpleNamespace(users=self._users(gone))
        assert isinstance(request, functions.contacts.AddContactRequest)
        self.contacts[request.id.user_id] = (request.first_name, request.last_name)
        return SimpleNamespace(users=self._users([request.id.user_id]))

    def _import(self, request: Any) -> Any:
        found = [
            (entry, int(entry.phone.removeprefix("+")) - 1000)
            for entry in request.contacts
            if int(entry.phone.removeprefix("+")) - 1000 in self.people
        ]
        for entry, user_id in found:
            self.contacts[user_id] = (entry.first_name, entry.last_name)
        return SimpleNamespace(
            imported=[
                SimpleNamespace(client_id=entry.client_id, user_id=user_id) for entry, user_id in found
            ],
            retry_contacts=[],
            users=self._users([user_id for _, user_id in found]),
        )

    def _users(self, ids: Iterable[int]) -> list[Any]:
        users = []
        for user_id in ids:
            first, last = self.contacts.get(user_id, (f"Real {user_id}", ""))
            users.append(types.User(id=user_id, access_hash=user_id * 7, first_name=first, last_name=last))
        return users
