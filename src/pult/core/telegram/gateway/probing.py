"""Looking at an account that Telegram restricts, with nothing but harmless requests. Only the worker imports this."""

from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from telethon import functions, types

from pult.core.jobs import in_database
from pult.core.telegram.errors import (
    AccountLost,
    AccountRestricted,
    FloodWait,
    NoAnswer,
    RequestRefused,
)
from pult.core.telegram.gateway.client import Credentials, TelegramConnection
from pult.core.telegram.gateway.profile import own_profile
from pult.core.telegram.gateway.session_lock import SessionLock, hold_session
from pult.core.telegram.models import Account
from pult.core.telegram.operations.leases import LeasedRow, open_lease
from pult.core.telegram.operations.probes import heal_account, look_again, lose_restricted
from pult.core.telegram.rules.probes import AGAIN_WITHOUT_ANSWER

log = structlog.get_logger(__name__)


async def probe_account(account_id: UUID) -> None:
    """Ask a restricted account for its own profile and configuration; then it is used again, or left alone for longer.

    Telegram tells a frozen account so in its configuration. About PEER_FLOOD it answers nothing but the next import:
    after the wait the account is tried with a few numbers. Raises AccountBusy.
    """
    async with hold_session(account_id) as lock:
        row = await in_database(
            open_lease, account_id=account_id, now=timezone.now(), state=Account.State.RESTRICTED
        )
        if not isinstance(row, LeasedRow):
            return
        try:
            await _look(row, lock)
        except AccountRestricted as still:
            await _later(account_id, reason=still.reason)
        except AccountLost as lost:
            await in_database(
                lose_restricted,
                account_id=account_id,
                state=lost.state,
                reason=lost.reason,
                now=timezone.now(),
            )
        except (NoAnswer, FloodWait, RequestRefused) as error:
            log.info("probe.without_answer", account=str(account_id), error=type(error).__name__)
            await _later(account_id, after=AGAIN_WITHOUT_ANSWER)
        else:
            await in_database(heal_account, account_id=account_id, now=timezone.now())


async def _look(row: LeasedRow, lock: SessionLock) -> None:
    """Raises AccountRestricted while Telegram says that the account is frozen, and what connecting can bring."""
    connection = TelegramConnection(
        Credentials(row.api_id, row.api_hash, row.session, row.proxy), lost=lock.lost
    )
    try:
        await connection.open()
        profile = await own_profile(connection)
        if profile.id != row.telegram_user_id:
            raise AccountLost("needs_sign_in", "other_user")
        told = await connection.ask(functions.help.GetAppConfigRequest(hash=0))
    finally:
        await connection.close()
    if is_frozen(told):
        raise AccountRestricted("frozen")


def is_frozen(told: Any) -> bool:
    """Whether the configuration says so (core.telegram.org/api/auth#frozen-accounts)."""
    config = getattr(told, "config", None)
    return isinstance(config, types.JsonObject) and any(
        entry.key == "freeze_since_date" and getattr(entry.value, "value", 0) for entry in config.value
    )


async def _later(account_id: UUID, **how: Any) -> None:
    await in_database(look_again, account_id=account_id, now=timezone.now(), **how)
