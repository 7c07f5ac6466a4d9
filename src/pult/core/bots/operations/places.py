"""Folders for files on their way between people and Pult, below the data folder.

Processes on several machines that send each other files need that folder in common.
"""

from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)


def incoming_folder() -> Path:
    """What people sent, from its download until it is handled."""
    return _made("incoming")


def outgoing_folder() -> Path:
    """What is to be sent and nobody needs afterwards; files elsewhere stay where they are when they were sent."""
    return _made("outgoing")


def _made(name: str) -> Path:
    folder = Path(settings.PULT_DATA_DIR) / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def forget_outgoing(file: str) -> None:
    """Remove a file that was sent, where it was made for that; `file` is a path below the data folder."""
    if not file:
        return
    path = (Path(settings.PULT_DATA_DIR) / file).resolve()
    if path.is_relative_to(outgoing_folder().resolve()):
        path.unlink(missing_ok=True)


def sweep(folder: Path, *, older_than: datetime) -> int:
    """Remove files that a killed process left behind; returns how many."""
    removed = 0
    for path in folder.iterdir():
        if path.is_file() and path.stat().st_mtime < older_than.timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    if removed:
        log.info("bots.files_removed", folder=folder.name, count=removed)
    return removed
