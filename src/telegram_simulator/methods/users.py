"""users.*: profiles."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import users as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.mtproto.seam import RpcError


@method(fn.GetUsersRequest)
def get_users(call: Call) -> Any:
    """A wrong access hash or a deleted person gives `userEmpty`, not an error."""
    answer = []
    for given in call.request.id:
        try:
            person = entities.person_of(call, given)
        except RpcError:
            answer.append(tl.UserEmpty(getattr(given, "user_id", 0)))
        else:
            answer += entities.users(call.world, call.account.id, [person], call.now)
    return answer


@method(fn.GetFullUserRequest)
def get_full_user(call: Call) -> Any:
    person = entities.person_of(call, call.request.id)
    full = tl.UserFull(
        id=person.id,
        settings=tl.PeerSettings(),
        notify_settings=tl.PeerNotifySettings(),
        common_chats_count=0,
    )
    return tl.users.UserFull(
        full_user=full, chats=[], users=entities.users(call.world, call.account.id, [person], call.now)
    )
