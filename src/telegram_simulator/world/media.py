"""What kind of file a message carries, whoever sends it.

A message's `content["media"]` is {"kind", "file": id of the file} and maybe "thumbnail" (id of a file), "group" (the
album), "spoiler", "above" (the caption stands above).
"""

import mimetypes
import re
from dataclasses import dataclass, field
from typing import Any

from telegram_simulator.world.files import File, Kept
from telegram_simulator.world.images import picture_size
from telegram_simulator.world.world import World

LARGEST_PHOTO = 10 * 1024 * 1024  # bytes
LARGEST_UPLOAD = 50 * 1024 * 1024  # bytes, of a bot; people may send 2 GB, here they may not either
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
VOICES = ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/opus")
STICKERS = ("image/webp", "application/x-tgsticker", "video/webm")
MIMES = {".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4", ".csv": "text/csv",
         ".tgs": "application/x-tgsticker", ".webp": "image/webp", ".md": "text/markdown",
         ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class UnableToKeepFile(Exception):
    """The file cannot be sent like this; the message is Telegram's sentence."""


@dataclass(slots=True)
class NewFile:
    """Content on its way to become a file. `more`: width, height, duration, title, performer, emoji."""

    kind: str
    name: str
    content: bytes
    mime: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def mime_of(name: str) -> str:
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    return MIMES.get(ending) or mimetypes.guess_type(f"file{ending}")[0] or "application/octet-stream"


def clean_name(name: str, otherwise: str) -> str:
    """Without folders and control characters; everything else is kept, as Telegram does."""
    name = CONTROLS.sub("", re.split(r"[/\\]", name)[-1]).strip()
    return name[-255:] or otherwise


def checked(new: NewFile) -> NewFile:
    """Ready to be kept, perhaps as another kind: what is no voice message goes as a document.

    Raises UnableToKeepFile.
    """
    size = len(new.content)
    if not size:
        raise UnableToKeepFile("file must be non-empty")
    name = clean_name(new.name, f"{new.kind}")
    mime = new.mime if new.mime and "." not in name else mime_of(name)
    picture = picture_size(new.content)
    more = dict(new.more)
    match new.kind:
        case "photo":
            more |= _photo(size, picture)
            return NewFile("photo", name, new.content, "image/jpeg", more)
        case "voice" if mime not in VOICES:
            return NewFile("document", name, new.content, mime)
        case "sticker":
            if mime not in STICKERS:
                return NewFile("document", name, new.content, mime)
            width, height = picture[1:] if picture else (512, 512)
            more |= {"width": width, "height": height}
        case "animation":
            if picture is not None and picture[0] == "image/gif":
                more = {"width": picture[1], "height": picture[2]} | {k: v for k, v in more.items() if v}
            elif not mime.startswith("video/"):
                return NewFile("document", name, new.content, mime)
    return NewFile(new.kind, name, new.content, mime, more)


def _photo(size: int, picture: tuple[str, int, int] | None) -> dict[str, int]:
    if size > LARGEST_PHOTO:
        raise UnableToKeepFile(
            f"file of size {size} bytes is too big for a photo; the maximum size is {LARGEST_PHOTO} bytes"
        )
    if picture is None:
        raise UnableToKeepFile("IMAGE_PROCESS_FAILED")
    _, width, height = picture
    if not width or not height or width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise UnableToKeepFile("PHOTO_INVALID_DIMENSIONS")
    return {"width": width, "height": height}


def keep(world: World, new: NewFile, kept: Kept, now: float) -> File:
    """Make a checked file, whose content is on the disk, part of the world."""
    return world.files.add(kept, kind=new.kind, name=new.name, mime=new.mime, more=new.more, now=now)


def media_of(file: File, **more: Any) -> dict[str, Any]:
    """`content["media"]` of a message with this file."""
    return {"kind": file.kind, "file": file.id} | {name: value for name, value in more.items() if value}


def described(world: World, media: dict[str, Any]) -> dict[str, Any]:
    """The file of a message for pages: {"kind", "file", "name", "mime", "size", "group"?, …width and the like}."""
    file = world.files.must(media["file"])
    more = {name: value for name, value in file.more.items() if name != "offered"}
    facts = {"kind": file.kind, "file": file.id, "name": file.name, "mime": file.mime, "size": file.size}
    return facts | more | {name: media[name] for name in ("group", "spoiler") if name in media}


def in_words(world: World, media: dict[str, Any]) -> str:
    """For clients to which the simulator gives no files: "[document: numbers.csv]"."""
    file = world.files.must(media["file"])
    return (
        f"[{file.kind.replace('_', ' ')}]"
        if file.kind == "photo"
        else f"[{file.kind.replace('_', ' ')}: {file.name}]"
    )
