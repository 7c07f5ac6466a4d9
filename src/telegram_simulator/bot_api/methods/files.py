"""Downloading files: getFile names a path, under which the file can be fetched for an hour."""

from typing import Any

from telegram_simulator.bot_api.errors import BotApiError, bad_request
from telegram_simulator.bot_api.register import BotCall, method
from telegram_simulator.world.bots import Bot
from telegram_simulator.world.files import ForeignFileId, WrongFileId
from telegram_simulator.world.world import World

LARGEST_DOWNLOAD = 20 * 1024 * 1024  # bytes


@method("getFile")
def get_file(call: BotCall, *, file_id: str = "") -> Any:
    if not file_id:
        raise bad_request("file_id not specified")
    files = call.world.files
    try:
        file = files.named(call.bot.id, file_id)
    except WrongFileId:
        raise bad_request("invalid file_id") from None
    except ForeignFileId:
        raise bad_request("wrong file_id or the file is temporarily unavailable") from None
    if file.size > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file_id, "file_unique_id": file.unique_id, "file_size": file.size,
        "file_path": files.offer(call.bot.id, file, call.now),
    }  # fmt: skip


def content_at(world: World, bot: Bot, path: str, now: float) -> bytes:
    """What /file/bot<token>/<path> names. Raises 404."""
    file = world.files.offered(bot.id, path, now)
    if file is None:
        raise BotApiError(404, "Not Found")
    return world.files.location(file).read_bytes()
