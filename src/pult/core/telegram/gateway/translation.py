"""From Telethon's errors and classes to the gateway's own. Imports Telethon: only the worker may import this module."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from python_socks import ProxyError
from telethon import errors, types

from pult.core.telegram.errors import (
    AccountLost,
    AccountRestricted,
    FloodWait,
    GatewayError,
    NoAnswer,
    RequestRefused,
)
from pult.core.telegram.values import TelegramUser

_WAITS = (
    errors.FloodWaitError,
    errors.FloodPremiumWaitError,
    errors.SlowModeWaitError,
    errors.FloodTestPhoneWaitError,
)
_BANNED = (errors.UserDeactivatedBanError, errors.PhoneNumberBannedError)
_SERVER = (
    errors.ServerError,
    errors.TimedOutError,
    errors.RpcCallFailError,
    errors.RpcMcgetFailError,
    errors.InterdcCallErrorError,
    errors.InterdcCallRichErrorError,
)
# Telethon's own troubles with what came over the wire: the request may or may not have been carried out.
_WIRE = (
    OSError,
    asyncio.IncompleteReadError,
    errors.SecurityError,
    errors.InvalidBufferError,
    errors.InvalidChecksumError,
    errors.TypeNotFoundError,
    errors.BadMessageError,
    ProxyError,
)

_WORDS: dict[type[BaseException], str] = {
    known: word for word, known in reversed(errors.rpc_errors_dict.items())
}


def telegram_word(error: BaseException) -> str:
    """Telegram's own word for an RPC error ("PHONE_CODE_INVALID"); Telethon keeps it for errors it does not know."""
    word = _WORDS.get(type(error)) or error.__dict__.get("message")
    return word if isinstance(word, str) else type(error).__name__


def translated(error: Exception) -> GatewayError:
    """The gateway's error for one of Telethon's. An error that is nobody's answer is given back by raising it."""
    if isinstance(error, TimeoutError):
        return NoAnswer("timeout")
    if isinstance(error, errors.AuthKeyNotFound):
        return AccountLost("needs_sign_in", "session_ended")
    if isinstance(error, _WIRE):
        return NoAnswer("network")
    if isinstance(error, errors.RPCError):
        return _of_rpc(error)
    raise error


def _of_rpc(error: Any) -> GatewayError:
    if isinstance(error, _WAITS):
        return FloodWait(max(1, int(error.seconds)))
    if isinstance(error, _SERVER):
        return NoAnswer("server")
    lost = _loss(error)
    if lost is not None:
        return lost
    if isinstance(error, errors.PeerFloodError):
        return AccountRestricted("peer_flood")
    if "FROZEN" in telegram_word(error):
        return AccountRestricted("frozen")
    return RequestRefused(telegram_word(error))


def _loss(error: Any) -> AccountLost | None:
    if isinstance(error, _BANNED):
        return AccountLost("banned", "banned")
    if isinstance(error, errors.UserDeactivatedError):
        return AccountLost("banned", "deleted")
    if isinstance(error, errors.AuthKeyDuplicatedError):
        return AccountLost("needs_sign_in", "used_twice")
    if isinstance(error, errors.UnauthorizedError) and not isinstance(
        error, errors.SessionPasswordNeededError
    ):
        return AccountLost("needs_sign_in", "session_ended")
    return None


def user_of(user: Any) -> TelegramUser | None:
    """Our value for Telethon's user; None for an empty one, which Telegram sends for people it no longer knows."""
    if not isinstance(user, types.User):
        return None
    last_seen, at = last_seen_of(user.status)
    return TelegramUser(
        id=user.id,
        access_hash=user.access_hash or 0,
        first_name=user.first_name or "",
        last_name=user.last_name or "",
        usernames=usernames_of(user),
        phone=int(user.phone) if user.phone else None,
        premium=bool(user.premium),
        verified=bool(user.verified),
        last_seen=last_seen,
        last_seen_at=at,
        entity="bot" if user.bot else "user",
    )


def chat_of(chat: Any) -> TelegramUser | None:
    """Our value for a channel or a public group; None for what no username belongs to."""
    if not isinstance(chat, types.Channel | types.ChannelForbidden):
        return None
    return TelegramUser(
        id=chat.id,
        access_hash=chat.access_hash or 0,
        first_name=chat.title,
        last_name="",
        usernames=usernames_of(chat) if isinstance(chat, types.Channel) else [],
        phone=None,
        premium=False,
        verified=bool(getattr(chat, "verified", False)),
        last_seen="hidden",
        last_seen_at=None,
        entity="channel" if chat.broadcast else "group",
    )


def usernames_of(user: Any) -> list[str]:
    """The main username first, then the further active ones (bought ones make Telegram leave the main field empty)."""
    names = [user.username] if user.username else []
    names += [name.username for name in user.usernames or [] if name.active and name.username not in names]
    return names


def last_seen_of(status: Any) -> tuple[str, datetime | None]:
    """The class of last seen, and the exact time where Telegram shows it.

    Exact times fall into the classes that Telegram uses when it hides them: up to 3 days, a week, a month
    (core.telegram.org/constructor/userStatusRecently). No status means hidden; an empty one "a long time ago".
    """
    if isinstance(status, types.UserStatusOffline):
        return _class_of(datetime.now(UTC) - status.was_online), status.was_online
    return _LAST_SEEN.get(type(status), "hidden"), None


def _class_of(ago: timedelta) -> str:
    if ago <= timedelta(days=3):
        return "recently"
    if ago <= timedelta(days=7):
        return "week"
    return "month" if ago <= timedelta(days=30) else "long_ago"


_LAST_SEEN: dict[type[Any], str] = {
    types.UserStatusOnline: "online",
    types.UserStatusRecently: "recently",
    types.UserStatusLastWeek: "week",
    types.UserStatusLastMonth: "month",
    types.UserStatusEmpty: "long_ago",
}
