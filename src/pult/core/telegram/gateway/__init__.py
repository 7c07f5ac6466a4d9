"""The way to Telegram, for jobs in the worker. Telethon itself is imported when the first connection is opened.

async with lease(account_id) as account:
    own = await account.own_contacts()
    answer = await account.import_phones(phones, marker=f"{MARKER_PREFIX}{call_id}")
    people = await account.remove_contacts(answer.added)
"""

from pult.core.telegram.errors import (
    AccountBusy,
    AccountLost,
    AccountRestricted,
    AccountUnusable,
    FloodWait,
    GatewayError,
    LeaseLost,
    NoAnswer,
    RequestRefused,
)
from pult.core.telegram.gateway.leasing import LeasedAccount, lease
from pult.core.telegram.gateway.session_lock import SESSION_LOCK_KEY
from pult.core.telegram.rules.contacts import MARKER_PREFIX
from pult.core.telegram.values import (
    ContactRef,
    ImportAnswer,
    OwnContacts,
    PhoneToImport,
    TelegramUser,
)

__all__ = [
    "MARKER_PREFIX",
    "SESSION_LOCK_KEY",
    "AccountBusy",
    "AccountLost",
    "AccountRestricted",
    "AccountUnusable",
    "ContactRef",
    "FloodWait",
    "GatewayError",
    "ImportAnswer",
    "LeaseLost",
    "LeasedAccount",
    "NoAnswer",
    "OwnContacts",
    "PhoneToImport",
    "RequestRefused",
    "TelegramUser",
    "lease",
]
