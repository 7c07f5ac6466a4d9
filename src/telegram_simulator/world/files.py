"""Files that people and bots have sent. One file may be in many messages; its content lies below DATA/files/."""

import base64
import binascii
import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OFFERED_FOR = 3600.0  # seconds for which a bot may download what getFile has named
# What a bot's file_id begins with; real ones begin so, too.
PREFIXES = {
    "photo": "AgAC", "voice": "AwAC", "video": "BAAC", "document": "BQAC", "sticker": "CAAC", "audio": "CQAC",
    "animation": "CgAC", "video_note": "DQAC",
}  # fmt: skip
# Folders of the paths that getFile answers.
FOLDERS = {
    "photo": "photos", "voice": "voice", "video": "videos", "document": "documents", "sticker": "stickers",
    "audio": "music", "animation": "animations", "video_note": "video_notes",
}  # fmt: skip


class WrongFileId(ValueError):
    """Not an id of any file. The message is Telegram's sentence."""


class ForeignFileId(ValueError):
    """Another bot's id of a file, or one of another world."""


@dataclass(frozen=True, slots=True)
class File:
    id: int
    unique_id: str
    kind: str
    name: str | None
    mime: str
    size: int  # bytes
    path: str  # below DATA/files/
    more: dict[str, Any]  # width, height, duration, title, …

    def path_for_bots(self) -> str:
        """What getFile answers, such as documents/file_17.csv."""
        ending = Path(self.name or "").suffix if self.kind != "photo" else ".jpg"
        ending = ending if ending[1:].isalnum() and ending.isascii() and len(ending) <= 10 else ""
        return f"{FOLDERS[self.kind]}/file_{self.id}{ending}"


@dataclass(frozen=True, slots=True)
class Kept:
    """Content that is on the disk, and not yet a file of the world."""

    sha256: str
    size: int
    path: str


class Files:
    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder / "files"
        row = connection.execute("SELECT value FROM facts WHERE name = 'access_secret'").fetchone()
        self._secret = bytes.fromhex(row["value"])

    def write(self, content: bytes) -> Kept:
        """Put content on the disk; may run in a thread. The same content is kept once."""
        digest = hashlib.sha256(content).hexdigest()
        place = self._folder / digest[:2] / digest
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            temporary = place.with_name(f"{digest}.{secrets.token_hex(4)}")
            temporary.write_bytes(content)
            temporary.replace(place)
        return Kept(digest, len(content), f"{digest[:2]}/{digest}")

    def add(
        self, kept: Kept, *, kind: str, name: str | None, mime: str, more: dict[str, Any] | None = None, now: float
    ) -> File:  # fmt: skip
        """Make a file of kept content."""
        unique_id = "Ag" + secrets.token_urlsafe(12)[:13]
        cursor = self._connection.execute(
            "INSERT INTO files (unique_id, kind, name, mime, size, sha256, path, more, created_at)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (
                unique_id, kind, name, mime, kept.size, kept.sha256, kept.path,
                json.dumps(more or {}, ensure_ascii=False), now,
            ),
        )  # fmt: skip
        return self.must(cursor.lastrowid or 0)

    def by_id(self, file_id: int) -> File | None:
        row = self._connection.execute("SELECT * FROM files WHERE id = ?", (file_id,)).fetchone()
        return None if row is None else _file(row)

    def must(self, file_id: int) -> File:
        file = self.by_id(file_id)
        if file is None:
            raise LookupError("there is no such file")
        return file

    def location(self, file: File) -> Path:
        return self._folder / file.path

    # Names of files for bots --------------------------------------------------------------------------------------

    def id_for(self, bot_id: int, file: File) -> str:
        """The bot's own file_id; no other bot can use it."""
        signed = file.id.to_bytes(8, "big") + self._signature(bot_id, file.id)
        return PREFIXES[file.kind] + base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def named(self, bot_id: int, file_id: str) -> File:
        """The file that the bot calls so. Raises WrongFileId or ForeignFileId."""
        text = file_id[4:]
        if not file_id.replace("-", "").replace("_", "").isalnum() or not file_id.isascii():
            raise WrongFileId("Wrong remote file identifier specified: Wrong character in the string")
        try:
            signed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise WrongFileId("Wrong remote file identifier specified: Wrong string length") from None
        if file_id[:4] not in PREFIXES.values() or len(signed) != 40:
            raise WrongFileId("Wrong remote file identifier specified: can't unserialize it")
        number = int.from_bytes(signed[:8], "big")
        file = self.by_id(number) if number < 2**63 else None
        if file is None or not secrets.compare_digest(signed[8:], self._signature(bot_id, number)):
            raise ForeignFileId
        return file

    def _signature(self, bot_id: int, number: int) -> bytes:
        return hashlib.blake2b(f"file:{bot_id}:{number}".encode(), key=self._secret, digest_size=32).digest()

    def offer(self, bot_id: int, file: File, now: float) -> str:
        """Let the bot download the file for an hour; returns the path for it."""
        until = {str(bot_id): now + OFFERED_FOR}
        more = file.more | {"offered": file.more.get("offered", {}) | until}
        self._connection.execute(
            "UPDATE files SET more = ? WHERE id = ?", (json.dumps(more, ensure_ascii=False), file.id)
        )
        return file.path_for_bots()

    def offered(self, bot_id: int, path: str, now: float) -> File | None:
        """The file at a path that getFile has told this bot within the last hour."""
        number = path.rpartition("/file_")[2].partition(".")[0]
        file = self.by_id(int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None
        if file is None or file.path_for_bots() != path:
            return None
        return file if file.more.get("offered", {}).get(str(bot_id), 0) >= now else None


def _file(row: sqlite3.Row) -> File:
    return File(
        row["id"], row["unique_id"], row["kind"], row["name"], row["mime"], row["size"], row["path"],
        json.loads(row["more"]),
    )  # fmt: skip
