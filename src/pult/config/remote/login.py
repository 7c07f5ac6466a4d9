"""Which Pult, and with which token: named in the command, the environment, or kept by `pult remote login`."""

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from pult.config.remote.speaking import give_up


@dataclass(frozen=True, slots=True)
class Login:
    """An address and what opens it."""

    server: str
    token: str = field(repr=False)


def kept_in() -> Path:
    """The file of `pult remote login`."""
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "pult" / "remote.json"


def checked_server(text: str) -> str:
    """The address without a path; ends the command for another form."""
    server = text.strip().rstrip("/")
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or "@" in parts.netloc:
        raise give_up(_("Write the address as https://pult.example.com."))
    return server


def read_token(path: Path) -> str:
    """A token from a file; ends the command when there is none."""
    try:
        token = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise give_up(_("The file %(file)s cannot be read.") % {"file": path}) from error
    if not token:
        raise give_up(_("The file %(file)s is empty.") % {"file": path})
    return token


def find_login(server: str | None, token_file: Path | None) -> Login:
    """Whom to ask and with what; ends the command with what to type when that is not clear.

    A kept token is sent to the server it was kept for, never to another one.
    """
    kept = read_kept()
    named = server or os.environ.get("PULT_SERVER", "")
    address = checked_server(named) if named else (kept.server if kept else "")
    if not address:
        raise give_up(_("Which Pult? `pult remote login` asks once and remembers it; or set PULT_SERVER."))
    if token_file is not None:
        return Login(address, read_token(token_file))
    if given := os.environ.get("PULT_TOKEN", "").strip():
        return Login(address, given)
    if kept is not None and kept.server == address:
        return kept
    raise give_up(_("There is no token for %(server)s: `pult remote login`.") % {"server": address})


def read_kept() -> Login | None:
    """What `pult remote login` kept; None without it."""
    try:
        known = json.loads(kept_in().read_text())
        return Login(str(known["server"]), str(known["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(login: Login) -> Path:
    """Store it where only this user of the machine can read it."""
    path = kept_in()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes the file for its owner only, before a byte of the token is in it.
    handle, name = tempfile.mkstemp(prefix=".remote.", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump({"server": login.server, "token": login.token}, file)
    Path(name).replace(path)
    return path


def forget() -> bool:
    """Remove it; False when there was none."""
    try:
        kept_in().unlink()
    except FileNotFoundError:
        return False
    return True
