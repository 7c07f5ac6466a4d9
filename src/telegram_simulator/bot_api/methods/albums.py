"""Several files as one album."""

import secrets
from typing import Any

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import bad_request
from telegram_simulator.bot_api.formatting import formatted_caption
from telegram_simulator.bot_api.media import given_file
from telegram_simulator.bot_api.methods.media import FAMILIES, RIGHTS, content_with, input_media
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, prepared
from telegram_simulator.bot_api.targets import charge, check_may_write, target_of
from telegram_simulator.world import acts

LARGEST_ALBUM = 10


@method("sendMediaGroup")
async def send_media_group(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, media: Json = None
) -> Any:
    """All or nothing. Counts as many messages as it has files; a single file goes without an album."""
    if media is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    wanted = [input_media(one, for_album=True) for one in media]
    if not wanted:
        raise bad_request("there are no messages to send")
    if len(wanted) > LARGEST_ALBUM:
        raise bad_request("too many messages to send as an album")
    options.reply_markup = None  # an album has no keyboard; Telegram does not read the parameter
    prepared(call, target_of(call, chat_id), {}, options)
    _check_families([str(one["type"]) for one, _, _ in wanted])
    group = str(secrets.randbits(62) + 2**62) if len(wanted) > 1 else None
    parts: list[tuple[str, dict[str, Any]]] = []
    for one, caption, more in wanted:
        text, found = formatted_caption(call, caption.caption, caption.parse_mode, caption.caption_entities)
        missing = "can't parse InputMedia: media not found"
        given = await given_file(call, str(one["type"]), one.get("media"), missing=missing, more=more)
        content = await content_with(call, given, caption, found, thumbnail=one.get("thumbnail"), group=group)
        parts.append((text, content))
    return _send_all(call, chat_id, parts, options)


def _check_families(kinds: list[str]) -> None:
    if len({FAMILIES[kind] for kind in kinds}) > 1:
        odd = next(kind for kind in kinds if FAMILIES[kind] != "seen")
        raise bad_request(f"{odd} can't be mixed with other media types")


def _send_all(
    call: BotCall, chat_id: ChatId, parts: list[tuple[str, dict[str, Any]]], options: SendOptions
) -> Any:
    target = target_of(call, chat_id)
    charge(call, target, messages=len(parts))
    for _, content in parts:
        right, what = RIGHTS[content["media"]["kind"]]
        check_may_write(call, target, right=right, what=what)
    with call.world.transaction():
        posted = [
            acts.post(
                call.world, sender_id=call.bot.id, place=target.peer, text=text, now=call.now,
                content=prepared(call, target, content, options),
            )
            for text, content in parts
        ]  # fmt: skip
    return [shapes.message(call.world, call.bot.id, one.own) for one in posted]
