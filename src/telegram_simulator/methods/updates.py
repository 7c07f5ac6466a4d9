"""updates.*: where an account's message box stands, and what a client has missed."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import updates as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method

LARGEST_DIFFERENCE = 100


@method(fn.GetStateRequest)
def get_state(call: Call) -> Any:
    return _state(call, call.world.chats.pts(call.account.id))


@method(fn.GetDifferenceRequest)
def get_difference(call: Call) -> Any:
    account_id = call.account.id
    missed = call.world.chats.since(account_id, call.request.pts, LARGEST_DIFFERENCE)
    if not missed:
        return tl.updates.DifferenceEmpty(date=entities.moment(call.now), seq=0)
    people_ids = {m.from_id for m in missed} | {m.peer_id for m in missed if m.peer_kind == "user"}
    people = list(call.world.people.by_ids(sorted(people_ids)).values())
    groups = [call.world.chats.by_id(i) for i in {m.peer_id for m in missed if m.peer_kind == "chat"}]
    parts: dict[str, Any] = {
        "new_messages": [entities.message(m, account_id) for m in missed],
        "new_encrypted_messages": [],
        "other_updates": [],
        "chats": entities.chats(call.world, account_id, [group for group in groups if group]),
        "users": entities.users(call.world, account_id, people, call.now),
    }
    state = _state(call, missed[-1].pts)
    if len(missed) == LARGEST_DIFFERENCE:
        return tl.updates.DifferenceSlice(**parts, intermediate_state=state)
    return tl.updates.Difference(**parts, state=state)


@method(fn.GetChannelDifferenceRequest)
def get_channel_difference(call: Call) -> Any:
    """Never `channelDifferenceTooLong`: Telethon asks again and again after one."""
    chat = entities.channel_of(call, call.request.channel)
    missed = call.world.chats.since(-chat.id, call.request.pts, LARGEST_DIFFERENCE)
    if not missed:
        return tl.updates.ChannelDifferenceEmpty(pts=call.world.chats.pts(-chat.id), final=True, timeout=30)
    people = list(call.world.people.by_ids(sorted({m.from_id for m in missed})).values())
    return tl.updates.ChannelDifference(
        pts=missed[-1].pts,
        new_messages=[entities.message(m, call.account.id) for m in missed],
        other_updates=[],
        chats=entities.chats(call.world, call.account.id, [chat]),
        users=entities.users(call.world, call.account.id, people, call.now),
        final=len(missed) < LARGEST_DIFFERENCE,
        timeout=30,
    )


def _state(call: Call, pts: int) -> Any:
    return tl.updates.State(pts=pts, qts=0, date=entities.moment(call.now), seq=0, unread_count=0)
