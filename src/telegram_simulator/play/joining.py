"""Groups and channels on the play page: what an invite link leads to, coming in, asking to be let in, going."""

from typing import Any

from telegram_simulator.bot_api.shapes import chat_id
from telegram_simulator.control.orders import Order, Refused, route
from telegram_simulator.play.api import place_of, player_of
from telegram_simulator.world import acts
from telegram_simulator.world.acts.joining import join_by_link, join_public
from telegram_simulator.world.chats import Chat
from telegram_simulator.world.invites import ADDRESS, Invites

# Other ways in which people write such a link.
BEGINNINGS = ("http://t.me/+", "t.me/+", "https://t.me/joinchat/", "tg://join?invite=")


def _url(order: Order) -> str:
    link = str(order.wishes().get("link") or "").strip()
    for beginning in BEGINNINGS:
        if link.startswith(beginning):
            return ADDRESS + link.removeprefix(beginning)
    return link


@route("POST", "/play/api/{person}/invitation")
async def invitation(order: Order) -> Any:
    """{"link": "https://t.me/+…"} → what a person sees before they join."""
    person, invite = player_of(order), Invites(order.world.connection).get(_url(order))
    if invite is None or not invite.open_at(order.now):
        raise Refused(404, "This invite link is invalid or has expired.")
    chat = order.world.chats.must(invite.chat_id)
    return {
        "id": chat_id(chat.peer),
        "kind": chat.kind,
        "title": chat.title,
        "description": chat.about,
        "members": order.world.chats.member_count(chat.id),
        "present": order.world.chats.membership(chat.id, person.id).present,
        "joins_by_request": invite.joins_by_request,
    }


@route("POST", "/play/api/{person}/join_by_link")
async def follow(order: Order) -> Any:
    """{"link": "https://t.me/+…", "bio"?} → {"chat", "state": joined or asked (an administrator decides)}"""
    person, wishes = player_of(order), order.wishes()
    chat, state = join_by_link(
        order.world, person_id=person.id, url=_url(order), bio=str(wishes.get("bio") or ""), now=order.now
    )  # fmt: skip
    return {"chat": chat_id(chat.peer), "state": state}


def _chat(order: Order) -> Chat:
    place = place_of(order, order.wishes().get("chat"))
    if place[0] == "user":
        raise Refused(400, "One joins and leaves groups and channels.")
    return order.world.chats.must(place[1])


@route("POST", "/play/api/{person}/join")
async def join(order: Order) -> Any:
    """{"chat"}: one with a username."""
    person = player_of(order)
    return {"changed": join_public(order.world, person_id=person.id, chat=_chat(order), now=order.now)}


@route("POST", "/play/api/{person}/leave")
async def leave(order: Order) -> Any:
    """{"chat"}"""
    person = player_of(order)
    return {"changed": acts.leave(order.world, chat=_chat(order), person_id=person.id, now=order.now)}
