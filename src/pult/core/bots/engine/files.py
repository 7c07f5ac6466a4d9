"""Fetches what people send to a bot: into a temporary file, within a size and a time."""

import asyncio
import uuid
from pathlib import Path

import structlog
from aiogram import exceptions
from aiohttp import ClientError

from pult.core.bots.engine.client import Client
from pult.core.bots.operations.places import incoming_folder
from pult.core.bots.operations.routing import Unfetched
from pult.core.bots.rules.incoming import SentFile
from pult.core.bots.screens import GivenFile

LARGEST = 20_000_000
"""Bytes of a file that Telegram hands out to a bot."""

ASK_WITHIN_SECONDS = 20
FETCH_WITHIN_SECONDS = 120
CHUNK = 64 * 1024

log = structlog.get_logger(__name__)


class UnableToFetch(Exception):
    """The file cannot be had: `kind` is "too_large", "gone" (Telegram does not have it any more) or "silent"."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


async def fetched(client: Client, file: SentFile, largest: int) -> GivenFile | Unfetched:
    """The file that somebody sent, or why it cannot be had."""
    try:
        path = await fetch(client, file.file_id, file.name, file.size, largest)
    except UnableToFetch as refusal:
        return Unfetched(refusal.kind)
    return GivenFile(path, file.name, file.mime, path.stat().st_size, file.caption)


async def fetch(client: Client, file_id: str, name: str, size: int, limit: int) -> Path:
    """Fetch a file of at most `limit` bytes; `size` is what Telegram said of it (0: nothing).

    The caller moves or removes the file; `places.sweep` removes what a kill left. Raises UnableToFetch.
    """
    limit = min(limit, LARGEST)
    if size > limit:
        raise UnableToFetch("too_large")
    path = incoming_folder() / f"{uuid.uuid4().hex}{_ending(name)}"
    try:
        async with asyncio.timeout(FETCH_WITHIN_SECONDS):
            await _download(client, await _where(client, file_id, limit), path, limit)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, TimeoutError | ClientError | OSError):
            log.warning("bots.file_not_fetched", error=type(error).__name__)
            raise UnableToFetch("silent") from None
        raise
    return path


async def _where(client: Client, file_id: str, limit: int) -> str:
    try:
        known = await client.call("getFile", {"file_id": file_id}, timeout=ASK_WITHIN_SECONDS)
    except exceptions.TelegramBadRequest as refusal:
        raise UnableToFetch("too_large" if "too big" in refusal.message else "gone") from None
    except (exceptions.TelegramForbiddenError, exceptions.TelegramNotFound):
        raise UnableToFetch("gone") from None
    except exceptions.AiogramError as error:
        log.warning("bots.file_not_fetched", error=type(error).__name__)
        raise UnableToFetch("silent") from None
    if not isinstance(known, dict) or not known.get("file_path"):
        raise UnableToFetch("gone")
    size = known.get("file_size")
    if isinstance(size, int) and size > limit:
        raise UnableToFetch("too_large")
    return str(known["file_path"])


async def _download(client: Client, file_path: str, path: Path, limit: int) -> None:
    session = client.bot.session
    url = session.api.file_url(client.bot.token, file_path)
    received = 0
    # Whatever Telegram said of the size: no more than the limit is ever kept.
    with path.open("xb") as file:
        async for chunk in session.stream_content(url, timeout=FETCH_WITHIN_SECONDS, chunk_size=CHUNK):
            received += len(chunk)
            if received > limit:
                raise UnableToFetch("too_large")
            file.write(chunk)


def _ending(name: str) -> str:
    """The ending by which a reader knows the format; nothing else of the name comes near the disk."""
    ending = Path(name).suffix.lower()
    return ending if ending[1:].isascii() and ending[1:].isalnum() and len(ending) <= 10 else ""
