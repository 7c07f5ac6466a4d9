"""updates.*: where an account's message box stands, and what a client has missed."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import updates as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.world.messages import Message

LARGEST_DIFFERENCE = 100


@method(fn.GetStateRequest)
def get_state(call: Call) -> Any:
    return _state(call, call.world.messages.pts(call.account.id))


@method(fn.GetDifferenceRequest)
def get_difference(call: Call) -> Any:
    account_id = call.account.id
    missed = call.world.messages.since(account_id, call.request.pts, LARGEST_DIFFERENCE)
    if not missed:
        return tl.updates.DifferenceEmpty(date=entities.moment(call.now), seq=0)
    parts = _difference(call, missed, call.request.pts)
    state = _state(call, missed[-1].pts)
    parts["new_encrypted_messages"] = []
    if len(missed) == LARGEST_DIFFERENCE:
        return tl.updates.DifferenceSlice(**parts, intermediate_state=state)
    return tl.updates.Difference(**parts, state=state)


def _difference(call: Call, missed: list[Message], pts: int) -> dict[str, Any]:
    """What is new to the client as messages, what it knew before as edits and deletions."""
    viewer, world = call.account.id, call.world
    people, seen = entities.named_in(world, missed)
    new = [m for m in missed if m.first_pts > pts and not m.deleted]
    return {
        "new_messages": [entities.message(world, m, viewer) for m in new],
        "other_updates": [entities.change(world, m, viewer) for m in missed if m.first_pts <= pts],
        "chats": entities.chats(world, viewer, seen),
        "users": entities.users(world, viewer, people, call.now),
    }


@method(fn.GetChannelDifferenceRequest)
def get_channel_difference(call: Call) -> Any:
    """Never `channelDifferenceTooLong`: Telethon asks again and again after one."""
    chat = entities.channel_of(call, call.request.channel)
    missed = call.world.messages.since(-chat.id, call.request.pts, LARGEST_DIFFERENCE)
    if not missed:
        pts = call.world.messages.pts(-chat.id)
        return tl.updates.ChannelDifferenceEmpty(pts=pts, final=True, timeout=30)
    return tl.updates.ChannelDifference(
        pts=missed[-1].pts,
        **_difference(call, missed, call.request.pts),
        final=len(missed) < LARGEST_DIFFERENCE,
        timeout=30,
    )


def _state(call: Call, pts: int) -> Any:
    return tl.updates.State(pts=pts, qts=0, date=entities.moment(call.now), seq=0, unread_count=0)
