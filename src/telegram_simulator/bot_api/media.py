"""Files in requests and answers: what a bot may name as a file, and how a message with one looks to it."""

import asyncio
import http.client
import ipaddress
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from telegram_simulator.bot_api import shapes
from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.bot_api.register import BotCall
from telegram_simulator.world.files import File, ForeignFileId, WrongFileId
from telegram_simulator.world.media import LARGEST_UPLOAD, NewFile, UnableToKeepFile, checked, keep, mime_of
from telegram_simulator.world.world import World

LARGEST_BY_URL = {"photo": 5 * 1024 * 1024}
LARGEST_OTHER_BY_URL = 20 * 1024 * 1024
LONGEST_FETCH = 10.0  # seconds
TYPE_NAMES = {
    "photo": "Photo", "voice": "VoiceNote", "video": "Video", "document": "Document", "sticker": "Sticker",
    "audio": "Audio", "animation": "Animation", "video_note": "VideoNote",
}  # fmt: skip
# By URL a document may only be one of these; the field's own kind otherwise.
DOCUMENTS_BY_URL = ("application/pdf", "application/zip", "image/gif")


@dataclass(slots=True)
class Given:
    """A file that a request names: content to be kept, or a file that there is already."""

    new: NewFile | None = None
    file: File | None = None


async def given_file(
    call: BotCall, kind: str, value: Any, *, missing: str, more: dict[str, Any] | None = None
) -> Given:
    """What `value` stands for: attach://name, an address, or a file_id. `missing`: what to say when it is nothing.

    Raises BotApiError in Telegram's words.
    """
    if not isinstance(value, str) or not value.strip():
        raise bad_request(missing)
    if value.startswith("attach://"):
        upload = call.uploads.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request(missing)
        new = NewFile(kind, upload.name, upload.content, upload.content_type, _said(more))
    elif ":" in value or "." in value:
        name, mime, content = await _fetched(kind, value)
        new = NewFile(kind, name, content, mime, _said(more))
    else:
        return Given(file=_named(call, kind, value))
    if len(new.content) > LARGEST_UPLOAD:
        raise BotApiError(413, "Request Entity Too Large")
    try:
        return Given(new=checked(new))
    except UnableToKeepFile as reason:
        raise bad_request(str(reason)) from None


def _said(more: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (more or {}).items() if value not in (None, "")}


def _named(call: BotCall, kind: str, file_id: str) -> File:
    try:
        file = call.world.files.named(call.bot.id, file_id)
    except WrongFileId as reason:
        raise bad_request(str(reason)) from None
    except ForeignFileId:
        raise bad_request("wrong file identifier/HTTP URL specified") from None
    # Documents of all kinds stand for each other and stay what they are; photos are apart.
    if (file.kind == "photo") != (kind == "photo"):
        raise bad_request(f"can't use file of type {TYPE_NAMES[file.kind]} as {TYPE_NAMES[kind]}")
    return file


async def kept_file(call: BotCall, given: Given) -> File:
    """The file itself; new content is written down, on the disk in a thread."""
    if given.file is not None:
        return given.file
    if given.new is None:
        raise LookupError("a file is either given or new")
    kept = await asyncio.to_thread(call.world.files.write, given.new.content)
    return keep(call.world, given.new, kept, call.now)


# By URL -------------------------------------------------------------------------------------------------------------


async def _fetched(kind: str, url: str) -> tuple[str, str, bytes]:
    """(name, mime type, content). Only addresses of this machine are asked: a simulator does not go out."""
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise bad_request("invalid file HTTP URL specified: Port number is invalid") from None
    if parts.scheme not in ("http", "https"):
        raise bad_request("invalid file HTTP URL specified: Unsupported URL protocol")
    if not host:
        raise bad_request("invalid file HTTP URL specified: URL host is empty")
    if not _at_home(host):
        raise bad_request("the simulator fetches files only from addresses of its own machine")
    largest = LARGEST_BY_URL.get(kind, LARGEST_OTHER_BY_URL)
    mime, content = await asyncio.to_thread(_download, whole, largest)
    right = mime in DOCUMENTS_BY_URL if kind == "document" else mime.startswith(_family(kind))
    if not right:
        raise bad_request("wrong type of the web page content")
    return parts.path.rpartition("/")[2], mime, content


def _family(kind: str) -> tuple[str, ...]:
    families = {
        "photo": ("image/",),
        "sticker": ("image/webp",),
        "animation": ("image/gif", "video/"),
        "video": ("video/",),
    }
    return families.get(kind, ("audio/", "video/"))


def _at_home(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead off this machine."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _download(url: str, largest: int) -> tuple[str, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
    try:
        with opener.open(url, timeout=LONGEST_FETCH) as answer:
            content: bytes = answer.read(largest + 1)
            said = answer.headers.get_content_type()
    except (OSError, http.client.HTTPException, urllib.error.URLError):
        raise bad_request("failed to get HTTP URL content") from None
    if len(content) > largest:
        raise bad_request("failed to get HTTP URL content")
    known = said not in ("application/octet-stream", "text/plain")
    return (said if known else mime_of(re.sub(r"[?#].*", "", url))), content


# Shapes -------------------------------------------------------------------------------------------------------------


def _identity(world: World, bot_id: int, file: File) -> dict[str, Any]:
    return {
        "file_id": world.files.id_for(bot_id, file), "file_unique_id": file.unique_id, "file_size": file.size,
    }  # fmt: skip


def _picture(world: World, bot_id: int, file: File) -> dict[str, Any]:
    size = {"width": file.more.get("width", 0), "height": file.more.get("height", 0)}
    return _identity(world, bot_id, file) | size


def _fields(file: File) -> dict[str, Any]:
    """What the type of the Bot API for this kind has beside name, mime type, identity and thumbnail."""
    more = file.more
    sized = {"width": int(more.get("width", 0)), "height": int(more.get("height", 0))}
    lasting = {"duration": int(more.get("duration", 0))}
    match file.kind:
        case "video" | "animation":
            return sized | lasting
        case "audio":
            return lasting | {name: more[name] for name in ("title", "performer") if name in more}
        case "voice":
            return lasting
        case "video_note":
            return {"length": int(more.get("length", 240))} | lasting
        case "sticker":
            animated, video = file.mime == "application/x-tgsticker", file.mime == "video/webm"
            emoji = {"emoji": more["emoji"]} if "emoji" in more else {}
            return sized | {"type": "regular", "is_animated": animated, "is_video": video} | emoji
    return {}


def _message_fields(world: World, bot_id: int, media: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Message that tell of its file."""
    file = world.files.must(media["file"])
    shape: dict[str, Any] = {}
    if "group" in media:
        shape["media_group_id"] = media["group"]
    if media.get("spoiler"):
        shape["has_media_spoiler"] = True
    if media.get("above"):
        shape["show_caption_above_media"] = True
    if file.kind == "photo":
        return shape | {"photo": [_picture(world, bot_id, file)]}
    told: dict[str, Any] = {}
    if file.kind not in ("voice", "video_note", "sticker"):
        told["file_name"] = file.name
    if file.kind not in ("video_note", "sticker"):
        told["mime_type"] = file.mime
    told |= _fields(file)
    if "thumbnail" in media:
        small = _picture(world, bot_id, world.files.must(media["thumbnail"]))
        told |= {"thumbnail": small, "thumb": small}
    told |= _identity(world, bot_id, file)
    shape[file.kind] = told
    if file.kind == "animation":
        shape["document"] = told  # as Telegram does for bots of before animations
    return shape


for _kind in TYPE_NAMES:
    shapes.MEDIA[_kind] = _message_fields
