"""Sending one file, and putting another file into a message."""

from dataclasses import dataclass
from typing import Any

from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.bot_api.formatting import formatted_caption
from telegram_simulator.bot_api.media import Given, given_file, kept_file
from telegram_simulator.bot_api.methods.messages import change, message_to_edit, with_markup
from telegram_simulator.bot_api.register import BotCall, ChatId, Json, method
from telegram_simulator.bot_api.sending import SendOptions, prepared, send
from telegram_simulator.bot_api.targets import target_of
from telegram_simulator.world.media import media_of

LARGEST_THUMBNAIL = 200 * 1024  # bytes
# kind → (permission of a group, its name in the refusal)
RIGHTS = {
    "photo": ("can_send_photos", "photos"),
    "document": ("can_send_documents", "documents"),
    "video": ("can_send_videos", "videos"),
    "animation": ("can_send_other_messages", "animations"),
    "audio": ("can_send_audios", "music"),
    "voice": ("can_send_voice_notes", "voice notes"),
    "video_note": ("can_send_video_notes", "video notes"),
    "sticker": ("can_send_other_messages", "stickers"),
}


@dataclass(slots=True)
class Caption:
    caption: str = ""
    parse_mode: str = ""
    caption_entities: Json = None
    show_caption_above_media: bool = False
    has_spoiler: bool = False


@dataclass(slots=True)
class Small:
    thumbnail: str = ""


async def _send_file(
    call: BotCall, kind: str, value: Any, *, chat_id: ChatId, caption: Caption, options: SendOptions,
    thumbnail: Any = None, more: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    text, found = formatted_caption(call, caption.caption, caption.parse_mode, caption.caption_entities)
    # Everything that can be refused without the file is refused before it is kept.
    prepared(call, target_of(call, chat_id), {}, options)
    noun = kind.replace("_", " ")
    given = await given_file(call, kind, value, missing=f"there is no {noun} in the request", more=more)
    content = await content_with(call, given, caption, found, thumbnail=thumbnail)
    right, what = RIGHTS[content["media"]["kind"]]
    return send(call, chat_id, text, content, options, right=right, what=what)


async def content_with(
    call: BotCall, given: Given, caption: Caption, entities: list[dict[str, Any]], *, thumbnail: Any = None,
    group: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The content of a message with this file, which is kept by now."""
    small = await _thumbnail(call, thumbnail)
    file = await kept_file(call, given)
    media = media_of(
        file, thumbnail=small, group=group, spoiler=caption.has_spoiler, above=caption.show_caption_above_media
    )  # fmt: skip
    return {"media": media} | ({"entities": entities} if entities else {})


async def _thumbnail(call: BotCall, value: Any) -> int | None:
    """Telegram takes thumbnails only as uploads, and silently leaves out those that break its rules."""
    upload = call.uploads.get(str(value).removeprefix("attach://")) if value else None
    if upload is None or len(upload.content) > LARGEST_THUMBNAIL:
        return None
    try:
        given = await given_file(call, "photo", value, missing="")
    except BotApiError:
        return None
    file = await kept_file(call, given)
    return file.id if max(file.more["width"], file.more["height"]) <= 320 else None


@method("sendPhoto")
async def send_photo(
    call: BotCall, *, chat_id: ChatId, caption: Caption, options: SendOptions, photo: str = ""
) -> Any:
    return await _send_file(call, "photo", photo, chat_id=chat_id, caption=caption, options=options)


@method("sendDocument")
async def send_document(
    call: BotCall, *, chat_id: ChatId, caption: Caption, options: SendOptions, small: Small, document: str = "",
    disable_content_type_detection: bool = False,
) -> Any:  # fmt: skip
    return await _send_file(
        call,
        "document",
        document,
        chat_id=chat_id,
        caption=caption,
        options=options,
        thumbnail=small.thumbnail,
    )


@method("sendVideo")
async def send_video(
    call: BotCall, *, chat_id: ChatId, caption: Caption, options: SendOptions, small: Small, video: str = "",
    duration: int = 0, width: int = 0, height: int = 0, supports_streaming: bool = False,
) -> Any:  # fmt: skip
    more = {"duration": duration, "width": width, "height": height}
    return await _send_file(
        call,
        "video",
        video,
        chat_id=chat_id,
        caption=caption,
        options=options,
        thumbnail=small.thumbnail,
        more=more,
    )


@method("sendAnimation")
async def send_animation(
    call: BotCall, *, chat_id: ChatId, caption: Caption, options: SendOptions, small: Small, animation: str = "",
    duration: int = 0, width: int = 0, height: int = 0,
) -> Any:  # fmt: skip
    more = {"duration": duration, "width": width, "height": height}
    return await _send_file(
        call,
        "animation",
        animation,
        chat_id=chat_id,
        caption=caption,
        options=options,
        thumbnail=small.thumbnail,
        more=more,
    )


@method("sendAudio")
async def send_audio(
    call: BotCall, *, chat_id: ChatId, caption: Caption, options: SendOptions, small: Small, audio: str = "",
    duration: int = 0, performer: str = "", title: str = "",
) -> Any:  # fmt: skip
    more = {"duration": duration, "performer": performer, "title": title}
    return await _send_file(
        call,
        "audio",
        audio,
        chat_id=chat_id,
        caption=caption,
        options=options,
        thumbnail=small.thumbnail,
        more=more,
    )


@method("sendVoice")
async def send_voice(
    call: BotCall,
    *,
    chat_id: ChatId,
    caption: Caption,
    options: SendOptions,
    voice: str = "",
    duration: int = 0,
) -> Any:
    return await _send_file(
        call, "voice", voice, chat_id=chat_id, caption=caption, options=options, more={"duration": duration}
    )


@method("sendVideoNote")
async def send_video_note(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, small: Small, video_note: str = "", duration: int = 0,
    length: int = 240,
) -> Any:  # fmt: skip
    more = {"duration": duration, "length": length}
    return await _send_file(
        call,
        "video_note",
        video_note,
        chat_id=chat_id,
        caption=Caption(),
        options=options,
        thumbnail=small.thumbnail,
        more=more,
    )


@method("sendSticker")
async def send_sticker(
    call: BotCall, *, chat_id: ChatId, options: SendOptions, sticker: str = "", emoji: str = ""
) -> Any:
    return await _send_file(
        call, "sticker", sticker, chat_id=chat_id, caption=Caption(), options=options, more={"emoji": emoji}
    )


# Replacing ----------------------------------------------------------------------------------------------------------

EDITABLE = ("photo", "video", "animation", "audio", "document")
# What may stand in one album beside each other.
FAMILIES = {"photo": "seen", "video": "seen", "audio": "audio", "document": "document"}


def input_media(given: Any, *, for_album: bool) -> tuple[dict[str, Any], Caption, dict[str, Any]]:
    """One InputMedia as (itself, its caption, what it says of the file). Raises 400."""
    wrong = "can't parse InputMedia: "
    if not isinstance(given, dict):
        raise bad_request(wrong + "expected an Object")
    kind = given.get("type")
    if not isinstance(kind, str):
        raise bad_request(wrong + 'Can\'t find field "type"')
    if for_album and kind == "animation":
        raise bad_request(wrong + 'type "animation" can\'t be used in sendMediaGroup')
    if kind not in EDITABLE:
        raise bad_request(wrong + f'type "{kind}" is unsupported')
    caption = Caption(
        str(given.get("caption") or ""), str(given.get("parse_mode") or ""), given.get("caption_entities"),
        bool(given.get("show_caption_above_media")), bool(given.get("has_spoiler")),
    )  # fmt: skip
    names = ("width", "height", "duration", "performer", "title")
    return given, caption, {name: given[name] for name in names if name in given}


@method("editMessageMedia")
async def edit_message_media(
    call: BotCall, *, chat_id: ChatId, message_id: int, media: Json = None, reply_markup: Json = None
) -> Any:
    if media is None:
        raise bad_request("can't parse InputMedia: expected an Object")
    wanted, caption, more = input_media(media, for_album=False)
    text, found = formatted_caption(call, caption.caption, caption.parse_mode, caption.caption_entities)
    target = target_of(call, chat_id)
    _editable(message_to_edit(call, target, message_id), wanted["type"])
    missing = "can't parse InputMedia: media not found"
    given = await given_file(call, wanted["type"], wanted.get("media"), missing=missing, more=more)
    content = await content_with(call, given, caption, found, thumbnail=wanted.get("thumbnail"))
    # Time has passed: the message may have been changed or deleted meanwhile.
    message = message_to_edit(call, target, message_id)
    before = with_markup(message.content, reply_markup, target)
    if "group" in before.get("media", {}):
        content["media"]["group"] = before["media"]["group"]
    for name in ("entities", "media", "link_preview"):
        before.pop(name, None)
    return change(call, target, message, text, before | content)


def _editable(message: Any, kind: str) -> None:
    if "shown" in message.content:
        raise bad_request("message can't be edited")
    media = message.content.get("media", {})
    if media.get("kind") in ("voice", "video_note", "sticker"):
        raise bad_request("message can't be edited")
    if "group" in media and FAMILIES.get(kind) != FAMILIES[media["kind"]]:
        raise bad_request("can't use the media of the specified type in the album")
