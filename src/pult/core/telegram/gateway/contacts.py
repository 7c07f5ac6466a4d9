"""Importing phone numbers and leaving no trace of it. Only the worker imports this module."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from telethon import functions, types

from pult.core.telegram.errors import GatewayError, RequestRefused
from pult.core.telegram.gateway.translation import user_of
from pult.core.telegram.rules import contacts as rules
from pult.core.telegram.values import (
    ContactRef,
    ImportAnswer,
    OwnContacts,
    PhoneToImport,
    TelegramUser,
)

MOST_IN_ONE_CALL = 500
# How long a reading of the own contacts is believed: somebody may add one on the phone meanwhile.
READ_AGAIN_AFTER_SECONDS = 60.0
IMPORT_WITHIN_SECONDS = 60.0

log = structlog.get_logger(__name__)


class PhoneBook:
    """The contacts of one leased account.

    `ask` sends a request; `snapshot` is the kept names as text; `keep` stores a new text before anything is imported.
    """

    def __init__(
        self,
        *,
        ask: Callable[..., Awaitable[Any]],
        self_id: int,
        snapshot: str,
        keep: Callable[[str], Awaitable[None]],
    ) -> None:
        self._ask = ask
        self._self_id = self_id
        self._snapshot = rules.read_snapshot(snapshot)
        self._snapshot_text = snapshot
        self._keep = keep
        self._contacts: list[TelegramUser] = []
        self._saved_count = 0
        self._own: dict[int, TelegramUser] = {}
        self._read_at: float | None = None

    async def own_contacts(self) -> OwnContacts:
        """Read the contacts, keep the names of the own ones, name back what a crash left renamed."""
        survey = await self._survey()
        await self._name_back(survey.renamed)
        phones = {user.phone: user for user in survey.own.values() if user.phone is not None}
        return OwnContacts(frozenset(survey.own), phones)

    async def import_phones(self, phones: Sequence[PhoneToImport], *, marker: str) -> ImportAnswer:
        """See LeasedAccount.import_phones. Raises ValueError for a wrong marker or too many numbers."""
        if not rules.is_marker(marker):
            raise ValueError(f"a marker starts with {rules.MARKER_PREFIX!r}")
        if not 0 < len(phones) <= MOST_IN_ONE_CALL:
            raise ValueError(f"an import takes 1 to {MOST_IN_ONE_CALL} numbers")
        await self._own_contacts_fresh()
        request = functions.contacts.ImportContactsRequest(
            contacts=[
                types.InputPhoneContact(
                    client_id=phone.client_id, phone=f"+{phone.phone}", first_name=marker, last_name=""
                )
                for phone in phones
            ]
        )
        result = await self._ask(request, within=IMPORT_WITHIN_SECONDS)
        users = {user.id: user for user in map(user_of, result.users) if user is not None}
        outcome = rules.read_import(
            imported=[(entry.client_id, entry.user_id) for entry in result.imported],
            retry=result.retry_contacts,
            users=users,
            own=self._own,
            self_id=self._self_id,
        )
        await self._name_back(outcome.renamed)
        return outcome.answer

    async def remove_contacts(self, refs: Sequence[ContactRef]) -> dict[int, TelegramUser]:
        """See LeasedAccount.remove_contacts."""
        await self._own_contacts_fresh()
        doomed = rules.removable(refs, self._own)
        people: dict[int, TelegramUser] = {}
        for start in range(0, len(doomed), MOST_IN_ONE_CALL):
            part = doomed[start : start + MOST_IN_ONE_CALL]
            people |= await self._remove(part)
        return {ref.user_id: people[ref.user_id] for ref in doomed if ref.user_id in people}

    async def forget_numbers(self, phones: Sequence[int]) -> None:
        """See LeasedAccount.forget_numbers."""
        await self._own_contacts_fresh()
        own = {user.phone for user in self._own.values()}
        strangers = [f"+{phone}" for phone in phones if phone not in own]
        for start in range(0, len(strangers), MOST_IN_ONE_CALL):
            part = strangers[start : start + MOST_IN_ONE_CALL]
            try:
                await self._ask(functions.contacts.DeleteByPhonesRequest(phones=part))
            except RequestRefused as error:
                log.warning("contacts.numbers_not_forgotten", count=len(part), error=error.error)

    async def remove_leftovers(self, *, marker_prefix: str | None) -> int:
        """See LeasedAccount.remove_leftovers."""
        # Names matter here, and a hash over ids does not see a changed name: ask for the whole list.
        self._read_at = None
        survey = await self._survey()
        await self._name_back(survey.renamed)
        prefix = marker_prefix or rules.MARKER_PREFIX
        names = {user.id: user.first_name for user in self._contacts}
        leftovers = [ref for ref in survey.leftovers if names[ref.user_id].startswith(prefix)]
        await self.remove_contacts(leftovers)
        if leftovers:
            log.info("contacts.leftovers_removed", count=len(leftovers))
        return len(leftovers)

    async def _remove(self, refs: Sequence[ContactRef]) -> dict[int, TelegramUser]:
        """Remove contacts in one request. One name that Telegram refuses must not keep the others: it is looked for."""
        try:
            updates = await self._ask(delete_request(refs))
        except RequestRefused as error:
            if len(refs) == 1:
                log.warning("contacts.not_removed", error=error.error)
                return {}
            half = len(refs) // 2
            return await self._remove(refs[:half]) | await self._remove(refs[half:])
        return {user.id: user for user in map(user_of, getattr(updates, "users", [])) if user is not None}

    async def _own_contacts_fresh(self) -> None:
        if self._read_at is None or time.monotonic() - self._read_at > READ_AGAIN_AFTER_SECONDS:
            await self.own_contacts()

    async def _survey(self) -> rules.Survey:
        read_before = self._read_at is not None
        known = (
            rules.contacts_hash(self._saved_count, [user.id for user in self._contacts]) if read_before else 0
        )
        answer = await self._ask(functions.contacts.GetContactsRequest(hash=known))
        if not isinstance(answer, types.contacts.ContactsNotModified):
            self._contacts = [user for user in map(user_of, answer.users) if user is not None]
            self._saved_count = answer.saved_count
        survey = rules.survey(self._contacts, self._snapshot)
        snapshot = rules.take_snapshot(survey.own)
        text = rules.write_snapshot(snapshot)
        if text != self._snapshot_text:
            await self._keep(text)
        self._snapshot, self._snapshot_text, self._own = snapshot, text, survey.own
        self._read_at = time.monotonic()
        return survey

    async def _name_back(self, renamed: Sequence[TelegramUser]) -> None:
        """Give own contacts their kept names. What fails here is found again by the next reading of the contacts."""
        for user in renamed:
            try:
                await self._ask(name_request(user))
            except GatewayError as error:
                log.warning("contacts.not_named_back", error=type(error).__name__)
                self._read_at = None


def delete_request(refs: Sequence[ContactRef]) -> Any:
    """contacts.deleteContacts; its parameter is called `id` (Telegram's schema), never `contacts`."""
    return functions.contacts.DeleteContactsRequest(
        id=[types.InputUser(user_id=ref.user_id, access_hash=ref.access_hash) for ref in refs]
    )


def name_request(user: TelegramUser) -> Any:
    """contacts.addContact, which renames who is a contact already. Shares our own number with nobody."""
    return functions.contacts.AddContactRequest(
        id=types.InputUser(user_id=user.id, access_hash=user.access_hash),
        first_name=user.first_name,
        last_name=user.last_name,
        phone=str(user.phone) if user.phone is not None else "",
        add_phone_privacy_exception=False,
    )
