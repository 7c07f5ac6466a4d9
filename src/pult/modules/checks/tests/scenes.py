"""Scenes for the tests of checks: people, accounts, checks with numbers, and a double of a leased account."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.gateway import (
    ContactRef,
    GatewayError,
    ImportAnswer,
    LeasedAccount,
    OwnContacts,
    PhoneToImport,
    TelegramUser,
)
from pult.core.telegram.models import Account, Budget, KeyPair
from pult.modules.checks.models import Block, Check, Number
from pult.modules.checks.rules.blocks import block_sizes

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def person(name: str = "anna", **fields: Any) -> Person:
    """Somebody who uses the installation."""
    return Person.objects.create_user(email=f"{name}-{uuid.uuid4().hex[:8]}@example.org", name=name, **fields)


def account(owner: Person, *, session: str = "session", learned: bool = True, **fields: Any) -> Account:
    """A connected account of that person; one that has learned already asks about as many as it may at once."""
    pair = KeyPair.objects.filter(simulated=True).first()
    if pair is None:
        pair = KeyPair(title="pair", api_id=1, simulated=True, created_at=NOW)
        seal(pair, "api_hash", "0" * 32)
        pair.save()
    made = Account(
        owner=owner,
        key_pair=pair,
        telegram_user_id=fields.pop("telegram_user_id", uuid.uuid4().int % 10**12),
        simulated=True,
        name=fields.pop("name", "Account"),
        connected_at=NOW,
        **fields,
    )
    seal(made, "session", session)
    made.save()
    if learned:
        Budget.objects.bulk_create(
            Budget(account=made, request=request, call_size=made.numbers_per_call, changed_at=NOW)
            for request in ("phones", "usernames")
        )
    return made


def check(
    owner: Person,
    *,
    numbers: int = 10,
    first_phone: int = 79_000_000_000,
    state: Check.State = Check.State.RUNNING,
) -> Check:
    """A check of consecutive phone numbers, stored as reading a list does."""
    made = Check.objects.create(
        owner=owner, name="list", state=state, valid_count=numbers, created_at=NOW, started_at=NOW
    )
    phone = first_phone
    for ordinal, size in enumerate(block_sizes(numbers)):
        block = Block.objects.create(check_ref=made, ordinal=ordinal, size=size)
        Number.objects.bulk_create(
            Number(block=block, phone=phone + offset, line=phone + offset - first_phone + 1)
            for offset in range(size)
        )
        phone += size
    return made


def numbers_of(made: Check) -> list[Number]:
    """Its numbers in the order of the list."""
    return list(Number.objects.filter(block__check_ref=made).order_by("pk"))


def phone_of(number: Number) -> int:
    """The phone number of a number that has one."""
    assert number.phone is not None
    return number.phone


def states_of(made: Check) -> str:
    """One letter for each number, in the order of the list."""
    return "".join(number.state for number in numbers_of(made))


def somebody(phone: int, **fields: Any) -> TelegramUser:
    """The person behind a number."""
    known: dict[str, Any] = {
        "id": phone * 10,
        "access_hash": phone % 1000,
        "first_name": f"Name {phone % 10_000}",
        "last_name": "",
        "usernames": [f"user{phone}"],
        "phone": phone,
        "premium": False,
        "verified": False,
        "last_seen": "recently",
        "last_seen_at": None,
    }
    return TelegramUser(**{**known, **fields})


@dataclass
class FakeTelegram:
    """Telegram as one account sees it, in memory: who has an account, who is a contact, what goes wrong next.

    `troubles` are used up one by one by imports: an error to raise ("after" says that the import happens nevertheless,
    as when the answer gets lost), or a callable that makes the answer's `retry`.
    """

    registered: set[int] = field(default_factory=set)
    own: dict[int, TelegramUser] = field(default_factory=dict)
    contacts: dict[int, tuple[TelegramUser, str]] = field(default_factory=dict)
    troubles: list[Any] = field(default_factory=list)
    removal_troubles: list[GatewayError] = field(default_factory=list)
    imports: list[list[int]] = field(default_factory=list)
    saved: set[int] = field(default_factory=set)
    own_touched: int = 0
    leases: int = 0
    before_answer: Callable[[], Any] | None = None

    @asynccontextmanager
    async def lease(self, account_id: UUID) -> AsyncIterator[LeasedAccount]:
        self.leases += 1
        yield cast(LeasedAccount, FakeLeasedAccount(account_id, self))


class AfterImport(Exception):
    """Wraps an error that comes although the import was carried out."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class FakeLeasedAccount:
    """The part of the gateway's LeasedAccount that a shift uses."""

    id: UUID
    telegram: FakeTelegram

    async def own_contacts(self) -> OwnContacts:
        own = self.telegram.own
        return OwnContacts(frozenset(user.id for user in own.values()), dict(own))

    async def import_phones(self, phones: Sequence[PhoneToImport], *, marker: str) -> ImportAnswer:
        telegram = self.telegram
        assert marker.startswith("~pult-")
        assert 0 < len(phones) <= 500
        telegram.imports.append([phone.phone for phone in phones])
        trouble = telegram.troubles.pop(0) if telegram.troubles else None
        if isinstance(trouble, BaseException) and not isinstance(trouble, AfterImport):
            raise trouble
        retry = frozenset(trouble(phones)) if callable(trouble) else frozenset()
        hits, added = {}, []
        for phone in phones:
            if phone.client_id in retry:
                continue
            if phone.phone not in telegram.registered:
                telegram.saved.add(phone.phone)
                continue
            telegram.own_touched += phone.phone in telegram.own
            user = somebody(phone.phone)
            telegram.contacts[user.id] = (user, marker)
            added.append(ContactRef(user.id, user.access_hash))
            hits[phone.client_id] = replace(user, first_name="", last_name="")
        if isinstance(trouble, AfterImport):
            raise trouble.error
        if telegram.before_answer is not None:
            await telegram.before_answer()
        return ImportAnswer(hits, retry, added)

    async def remove_contacts(self, refs: Sequence[ContactRef]) -> dict[int, TelegramUser]:
        telegram = self.telegram
        if telegram.removal_troubles:
            raise telegram.removal_troubles.pop(0)
        gone = {ref.user_id: telegram.contacts.pop(ref.user_id, None) for ref in refs}
        return {user_id: kept[0] for user_id, kept in gone.items() if kept is not None}

    async def forget_numbers(self, phones: Sequence[int]) -> None:
        self.telegram.saved -= set(phones)

    async def remove_leftovers(self, *, marker_prefix: str | None = None) -> int:
        if self.telegram.removal_troubles:
            raise self.telegram.removal_troubles.pop(0)
        count = len(self.telegram.contacts)
        self.telegram.contacts.clear()
        return count
