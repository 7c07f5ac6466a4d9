"""Asking whose a username is. Only the worker imports this module."""

from collections.abc import Awaitable, Callable
from typing import Any

from telethon import functions, types

from pult.core.telegram.errors import NoAnswer, RequestRefused
from pult.core.telegram.gateway.translation import chat_of, user_of
from pult.core.telegram.values import TelegramUser

# Telegram's words for "nobody": free, and not even possible (core.telegram.org/method/contacts.resolveUsername).
NOBODY = frozenset({"USERNAME_NOT_OCCUPIED", "USERNAME_INVALID"})


async def resolve_username(ask: Callable[..., Awaitable[Any]], username: str) -> TelegramUser | None:
    """See LeasedAccount.resolve_username. An answer that names nobody we can show is no answer."""
    try:
        answer = await ask(functions.contacts.ResolveUsernameRequest(username))
    except RequestRefused as refusal:
        if refusal.error in NOBODY:
            return None
        raise
    if isinstance(answer.peer, types.PeerUser):
        named = [user_of(user) for user in answer.users if user.id == answer.peer.user_id]
    else:
        named = [chat_of(chat) for chat in answer.chats if chat.id == answer.peer.channel_id]
    if not named or named[0] is None:
        raise NoAnswer("server")
    return named[0]
