"""Messages that are neither text nor file: contacts, places, dice."""

import secrets
from typing import Any

from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.register import BotCall, ChatId, method
from telegram_simulator.bot_api.sending import SendOptions, send

# emoji → how many sides
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "⚽️": 5, "🎰": 64}


@method("sendContact")
def send_contact(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, phone_number: str = "", first_name: str = "",
    last_name: str = "", vcard: str = "",
) -> Any:  # fmt: skip
    """`user_id` is only in it when the number belongs to somebody whom the bot knows."""
    for name, value in (("phone_number", phone_number), ("first_name", first_name)):
        if not value:
            raise bad_request(f'parameter "{name}" is required')
    contact: dict[str, Any] = {"phone_number": phone_number, "first_name": first_name}
    contact |= {name: value for name, value in (("last_name", last_name), ("vcard", vcard)) if value}
    person = call.world.people.by_phone(phone_number.lstrip("+"))
    if person is not None and call.world.bots.acquaintance(call.bot.id, person.id):
        contact["user_id"] = person.id
    return send(call, chat_id, "", {"shown": {"contact": contact}}, options, what="contacts")


def _place(latitude: str, longitude: str) -> dict[str, float]:
    if not latitude:
        raise bad_request("latitude is empty")
    if not longitude:
        raise bad_request("longitude is empty")
    try:
        place = {"latitude": float(latitude), "longitude": float(longitude)}
    except ValueError:
        raise bad_request("invalid location specified") from None
    if not abs(place["latitude"]) <= 90 or not abs(place["longitude"]) <= 180:
        raise bad_request("invalid location specified")
    return place


@method("sendLocation")
def send_location(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, latitude: str = "", longitude: str = "",
    horizontal_accuracy: float = 0.0,
) -> Any:  # fmt: skip
    """A place as it is now; live locations are not simulated."""
    place = _place(latitude, longitude)
    if not 0 <= horizontal_accuracy <= 1500:
        raise bad_request("wrong horizontal accuracy specified")
    if horizontal_accuracy:
        place["horizontal_accuracy"] = horizontal_accuracy
    return send(call, chat_id, "", {"shown": {"location": place}}, options, what="locations")


@method("sendVenue")
def send_venue(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, latitude: str = "", longitude: str = "", title: str = "",
    address: str = "", foursquare_id: str = "", foursquare_type: str = "", google_place_id: str = "",
    google_place_type: str = "",
) -> Any:  # fmt: skip
    place = _place(latitude, longitude)
    for name, value in (("title", title), ("address", address)):
        if not value:
            raise bad_request(f'parameter "{name}" is required')
    venue: dict[str, Any] = {"location": place, "title": title, "address": address}
    more = {
        "foursquare_id": foursquare_id, "foursquare_type": foursquare_type, "google_place_id": google_place_id,
        "google_place_type": google_place_type,
    }  # fmt: skip
    venue |= {name: value for name, value in more.items() if value}
    return send(call, chat_id, "", {"shown": {"venue": venue, "location": place}}, options, what="venues")


@method("sendDice")
def send_dice(call: BotCall, *, chat_id: ChatId, options: SendOptions, emoji: str = "🎲") -> Any:
    if emoji not in DICE:
        raise bad_request("invalid dice emoji specified")
    dice = {"emoji": emoji, "value": secrets.randbelow(DICE[emoji]) + 1}
    return send(
        call, chat_id, "", {"shown": {"dice": dice}}, options, right="can_send_other_messages", what="dice"
    )


@method("getUserProfilePhotos")
def get_user_profile_photos(call: BotCall, *, user_id: int, offset: int = 0, limit: int = 100) -> Any:
    """Nobody in this world has set a photo."""
    if call.world.people.by_id(user_id) is None or call.world.bots.acquaintance(call.bot.id, user_id) is None:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}
