"""Logging out sessions that nobody needs any more. Only the worker imports this module."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from telethon import functions

from pult.core.jobs import in_database
from pult.core.telegram.errors import AccountLost, AccountRestricted, RequestRefused
from pult.core.telegram.gateway.client import Credentials, TelegramConnection
from pult.core.telegram.gateway.contacts import PhoneBook
from pult.core.telegram.gateway.session_lock import hold_session
from pult.core.telegram.operations.retired_sessions import forget_retired_session, reveal_retired_session

log = structlog.get_logger(__name__)


async def end_session(retired_session_id: UUID) -> None:
    """Log a retired session out and forget it; the phone book of an account that leaves is tidied before.

    Raises AccountBusy, NoAnswer or FloodWait: then try again later.
    """
    found = await in_database(reveal_retired_session, retired_session_id=retired_session_id)
    if found is None:
        return
    async with hold_session(found.held_as) as lock:
        connection = TelegramConnection(
            Credentials(found.api_id, found.api_hash, found.session, found.proxy), lost=lock.lost
        )
        try:
            await connection.open()
            if found.own_contacts is not None:
                await _tidy(connection, found.own_contacts, found.phones)
            await connection.ask(functions.auth.LogOutRequest())
        except (AccountLost, AccountRestricted, RequestRefused) as error:
            # Ended already, or Telegram does not let it be ended: nothing more that Pult could do.
            log.info("session.not_logged_out", error=type(error).__name__)
        finally:
            await connection.close()
    await in_database(forget_retired_session, retired_session_id=retired_session_id)
    log.info("session.logged_out", held_as=str(found.held_as))


async def _tidy(connection: TelegramConnection, own_contacts: str, phones: Sequence[int]) -> None:
    """Leave the phone book as its owner made it: no stranger, no number that was only asked about."""

    async def keep(_snapshot: str) -> None:
        """The account is gone: nobody needs a newer snapshot."""

    book = PhoneBook(ask=connection.ask, self_id=0, snapshot=own_contacts, keep=keep)
    try:
        await book.remove_leftovers(marker_prefix=None)
        await book.forget_numbers(phones)
    except (AccountRestricted, RequestRefused) as error:
        log.warning("contacts.not_tidied", error=type(error).__name__)
