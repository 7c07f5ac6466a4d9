"""Who the connected account is. Only the worker imports this module."""

from typing import TYPE_CHECKING

from telethon import functions, types

from pult.core.telegram.errors import AccountLost
from pult.core.telegram.gateway.translation import user_of
from pult.core.telegram.values import TelegramUser

if TYPE_CHECKING:
    from pult.core.telegram.gateway.client import TelegramConnection


async def own_profile(connection: "TelegramConnection") -> TelegramUser:
    """The account's own user. Telethon's `get_me` would hide why a session was ended, so it is asked directly."""
    answer = await connection.ask(functions.users.GetUsersRequest([types.InputUserSelf()]))
    user = user_of(answer[0]) if answer else None
    if user is None:
        raise AccountLost("needs_sign_in", "session_ended")
    return user
