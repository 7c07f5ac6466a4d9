"""The lease of an account: the exclusive right to be connected with its session, and what can be done meanwhile."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.utils import timezone

from pult.core.jobs import in_database
from pult.core.telegram.errors import AccountLost, AccountRestricted, AccountUnusable, GatewayError
from pult.core.telegram.gateway.session_lock import SessionLock, hold_session
from pult.core.telegram.operations.accounts import lose_account
from pult.core.telegram.operations.leases import LeasedRow, keep_own_contacts, open_lease, replace_session
from pult.core.telegram.values import (
    ContactRef,
    ImportAnswer,
    OwnContacts,
    PhoneToImport,
    TelegramUser,
)

if TYPE_CHECKING:
    from pult.core.telegram.gateway.client import TelegramConnection
    from pult.core.telegram.gateway.contacts import PhoneBook

log = structlog.get_logger(__name__)


class LeasedAccount:
    """An account that is ours while the lease lasts. Every method has a time-out and raises GatewayErrors only.

    After a `NoAnswer` the connection is opened anew by the next call. An `AccountLost` or `AccountRestricted` is
    written to the account's row before it is raised.
    """

    def __init__(self, row: LeasedRow, lock: SessionLock) -> None:
        self.id = row.account_id
        self.label = row.label
        self.numbers_per_call = row.numbers_per_call
        self._row = row
        self._lock = lock
        self._session = row.session
        self._connection: TelegramConnection | None = None
        self._phone_book: PhoneBook | None = None

    async def own_contacts(self) -> OwnContacts:
        """The account's own contacts, read anew; their names are kept, encrypted, before they are returned."""
        return await (await self._contacts()).own_contacts()

    async def import_phones(self, phones: Sequence[PhoneToImport], *, marker: str) -> ImportAnswer:
        """Ask Telegram who stands behind at most 500 numbers. `marker` starts with MARKER_PREFIX and names the call.

        The caller writes the call down first, stores the answer, then calls `remove_contacts(answer.added)`.
        """
        return await (await self._contacts()).import_phones(phones, marker=marker)

    async def remove_contacts(self, refs: Sequence[ContactRef]) -> dict[int, TelegramUser]:
        """Remove imported contacts; returns these people by id as they call themselves. Own contacts stay."""
        return await (await self._contacts()).remove_contacts(refs)

    async def forget_numbers(self, phones: Sequence[int]) -> None:
        """Take imported numbers behind which nobody was found out of the account's phone book at Telegram.

        Telegram keeps them, under the name that the import gave, and would announce it when somebody joins with one.
        Numbers of own contacts are left alone (decision 6).
        """
        await (await self._contacts()).forget_numbers(phones)

    async def remove_leftovers(self, *, marker_prefix: str | None = None) -> int:
        """Remove what crashed calls left behind, and name own contacts back; returns how many were removed.

        With `marker_prefix` only contacts whose first name starts with it are removed.
        """
        return await (await self._contacts()).remove_leftovers(marker_prefix=marker_prefix)

    async def resolve_username(self, username: str) -> TelegramUser | None:
        """Whose this username is, without an @: a person, a bot, a channel or a group. Leaves no trace.

        None when nobody has it, also where Telegram says that nobody can (USERNAME_INVALID).
        """
        from pult.core.telegram.gateway.usernames import resolve_username

        return await resolve_username(self.ask, username)

    async def open(self) -> None:
        """Connect and make sure that the session is still this account's."""
        from pult.core.telegram.gateway.client import Credentials, TelegramConnection
        from pult.core.telegram.gateway.profile import own_profile

        credentials = Credentials(self._row.api_id, self._row.api_hash, self._session, self._row.proxy)
        connection = TelegramConnection(credentials, lost=self._lock.lost)
        try:
            await connection.open()
            profile = await own_profile(connection)
            if profile.id != self._row.telegram_user_id:
                raise AccountLost("needs_sign_in", "other_user")
        except BaseException as error:
            await connection.close()
            await self._write_down(error)
            raise
        self._connection = connection

    async def close(self) -> None:
        """Disconnect; whatever changed in the session is saved."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        session = connection.session
        await connection.close()
        if session not in ("", self._row.session):
            await in_database(replace_session, account_id=self.id, before=self._row.session, session=session)

    async def ask(self, request: Any, *, within: float = 20.0) -> Any:
        """Send one request, on a new connection where the last one broke."""
        if self._connection is None or not self._connection.usable:
            if self._connection is not None:
                self._session = self._connection.session or self._session
                await self._connection.close()
            await self.open()
        connection = self._connection
        assert connection is not None  # noqa: S101 - open() has just set it
        try:
            return await connection.ask(request, within=within)
        except GatewayError as error:
            await self._write_down(error)
            raise

    async def _contacts(self) -> "PhoneBook":
        if self._phone_book is None:
            from pult.core.telegram.gateway.contacts import PhoneBook

            self._phone_book = PhoneBook(
                ask=self.ask,
                self_id=self._row.telegram_user_id,
                snapshot=self._row.own_contacts,
                keep=self._keep_own_contacts,
            )
        return self._phone_book

    async def _keep_own_contacts(self, snapshot: str) -> None:
        await in_database(keep_own_contacts, account_id=self.id, snapshot=snapshot)

    async def _write_down(self, error: BaseException) -> None:
        now = timezone.now()
        if isinstance(error, AccountLost):
            await in_database(
                lose_account, account_id=self.id, state=error.state, reason=error.reason, now=now
            )
        elif isinstance(error, AccountRestricted):
            await in_database(
                lose_account, account_id=self.id, state="restricted", reason=error.reason, now=now
            )


@asynccontextmanager
async def lease(account_id: UUID) -> AsyncIterator[LeasedAccount]:
    """Hold the session's lock, connect, and give both back at the end.

    Raises AccountBusy when another process holds it, AccountUnusable(state, reason) when its row says so, and what
    connecting can bring: AccountLost, AccountRestricted, FloodWait, NoAnswer.
    A rest is not looked at here: removing contacts must be possible while imports have to wait.
    """
    async with hold_session(account_id) as lock:
        row = await in_database(open_lease, account_id=account_id, now=timezone.now())
        if not isinstance(row, LeasedRow):
            raise AccountUnusable(row.state, row.reason)
        account = LeasedAccount(row, lock)
        await account.open()
        log.info("lease.taken", account=str(account_id))
        try:
            yield account
        finally:
            await account.close()
            log.info("lease.given_back", account=str(account_id))
