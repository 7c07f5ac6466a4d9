"""Files on the play page: sending one, and looking at one that came."""

import asyncio
from typing import Any

from telegram_simulator.bot_api.bodies import multipart
from telegram_simulator.bot_api.errors import BotApiError
from telegram_simulator.control.orders import Bytes, Order, Refused, route
from telegram_simulator.play.api import place_of, player_of, post_of
from telegram_simulator.world.files import FOLDERS
from telegram_simulator.world.media import PICTURES, NewFile, UnableToKeepFile, checked, keep, media_of
from telegram_simulator.world.recognition import found_in, utf16_length

LONGEST_CAPTION = 1024


@route("POST", "/play/api/{person}/send_file")
async def send_file(order: Order) -> Any:
    """?to=&name=&caption=&kind=document with the file as the body; or a form with these fields and `file`.

    kind: document, photo, video, animation, audio, voice, video_note or sticker.
    """
    person = player_of(order)
    wishes, name, content = _parts(order)
    place, kind, caption = (
        place_of(order, wishes.get("to")),
        wishes.get("kind") or "document",
        wishes.get("caption", ""),
    )
    if kind not in FOLDERS:
        raise Refused(400, f"kind must be one of {', '.join(FOLDERS)}.")
    if utf16_length(caption) > LONGEST_CAPTION:
        raise Refused(400, "A caption has at most 1024 characters.")
    try:
        new = checked(NewFile(kind, name, content))
    except UnableToKeepFile as reason:
        raise Refused(400, f"This cannot be sent as a {kind}: {reason}.") from None
    kept = await asyncio.to_thread(order.world.files.write, new.content)
    found = found_in(caption.strip())
    with order.world.transaction():
        file = keep(order.world, new, kept, order.now)
        told: dict[str, Any] = {"media": media_of(file)} | ({"entities": found} if found else {})
        reply_to = wishes.get("reply_to", "")
        number = int(reply_to) if reply_to.isdigit() else None
        return post_of(order, person, place, text=caption.strip(), content=told, reply_to=number)


def _parts(order: Order) -> tuple[dict[str, str], str, bytes]:
    """(fields, name of the file, its content)."""
    if not order.content_type.startswith("multipart/form-data"):
        return order.query, order.query.get("name", ""), order.raw
    try:
        fields, uploads = multipart(order.content_type, order.raw)
    except BotApiError:
        raise Refused(400, "The form cannot be read.") from None
    if "file" not in uploads:
        raise Refused(400, "Send the file in the field `file`.")
    wishes = {name: str(value) for name, value in fields.items()}
    return wishes, wishes.get("name") or uploads["file"].name, uploads["file"].content


@route("GET", "/play/api/{person}/files/{file}")
async def show_file(order: Order) -> Any:
    """`file`: the number that messages name. Pictures are shown, everything else is downloaded."""
    player_of(order)
    number = order.path["file"]
    file = order.world.files.by_id(int(number)) if number.isdigit() and len(number) < 16 else None
    if file is None:
        raise Refused(404, "There is no such file.")
    content = await asyncio.to_thread(order.world.files.location(file).read_bytes)
    if file.mime in PICTURES:
        return Bytes(content, file.mime)
    return Bytes(content, "application/octet-stream", file.name or "file")
