"""channels.*: looking at channels and supergroups, joining and leaving them."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import channels as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world import acts
from telegram_simulator.world.chats import PRESENT, Chat
from telegram_simulator.world.people import Person


@method(fn.GetChannelsRequest)
def get_channels(call: Call) -> Any:
    found = [entities.channel_of(call, given) for given in call.request.id]
    return tl.messages.Chats(entities.chats(call.world, call.account.id, found))


@method(fn.GetParticipantRequest)
def get_participant(call: Call) -> Any:
    chat = entities.channel_of(call, call.request.channel)
    person = entities.person_of(call, call.request.participant)
    participant = _participant(call, chat, person)
    return tl.channels.ChannelParticipant(
        participant=participant,
        chats=entities.chats(call.world, call.account.id, [chat]),
        users=entities.users(call.world, call.account.id, [person], call.now),
    )


def _participant(call: Call, chat: Chat, person: Person) -> Any:
    since = entities.moment(chat.created_at)
    rights = tl.ChatAdminRights(post_messages=True, other=True)
    match call.world.chats.role(chat.id, person.id):
        case "creator":
            return tl.ChannelParticipantCreator(user_id=person.id, admin_rights=rights)
        case "administrator":
            return tl.ChannelParticipantAdmin(
                user_id=person.id, promoted_by=person.id, date=since, admin_rights=rights
            )
        case "member" if person.id == call.account.id:
            return tl.ChannelParticipantSelf(user_id=person.id, inviter_id=person.id, date=since)
        case "member":
            return tl.ChannelParticipant(user_id=person.id, date=since)
        case "restricted" | "banned" as role:
            return tl.ChannelParticipantBanned(
                peer=tl.PeerUser(person.id),
                kicked_by=person.id,
                date=since,
                banned_rights=tl.ChatBannedRights(
                    until_date=None, send_messages=True, view_messages=role == "banned" or None
                ),
            )
        case _:
            raise RpcError(400, "USER_NOT_PARTICIPANT")


@method(fn.JoinChannelRequest, refused_when_frozen=True)
def join_channel(call: Call) -> Any:
    chat = entities.channel_of(call, call.request.channel)
    acts.join(call.world, chat=chat, person_id=call.account.id, now=call.now)
    return entities.updates(call, [tl.UpdateChannel(chat.id)], [], [chat])


@method(fn.LeaveChannelRequest)
def leave_channel(call: Call) -> Any:
    chat = entities.channel_of(call, call.request.channel)
    if call.world.chats.role(chat.id, call.account.id) not in PRESENT:
        raise RpcError(400, "USER_NOT_PARTICIPANT")
    acts.leave(call.world, chat=chat, person_id=call.account.id, now=call.now)
    return entities.updates(call, [tl.UpdateChannel(chat.id)], [], [chat])
