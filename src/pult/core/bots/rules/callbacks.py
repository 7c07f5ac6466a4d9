"""What a button carries through Telegram and back: an action with its arguments, signed for one person and one bot.

Telegram takes 64 bytes and tells nobody else about them, but whoever has a client of their own may send any bytes as a
tap. Layout: 3 characters that name the bot's secret only, 11 that name the person too, then the action and its
arguments with colons between. The first three tell a button of somebody else from a made-up one; they open nothing.
A UUID is written as "~" with 22 characters.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

MOST_BYTES = 64
ORIGIN_CHARACTERS = 3
# 64 bits: guessed by nobody who has to ask Telegram for each try.
SIGNATURE_BYTES, SIGNATURE_CHARACTERS = 8, 11
_HEAD = ORIGIN_CHARACTERS + SIGNATURE_CHARACTERS
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PACKED_UUID = re.compile(r"~[A-Za-z0-9_-]{22}")


class UnusableButton(Exception):
    """The tap brings something that no button of this person carries."""


class ForeignButton(UnusableButton):
    """A button that was made for somebody else, or shown by another bot of this installation."""


class ForgedButton(UnusableButton):
    """Nobody made this button, or its text was edited on the way, or it is older than the secret keys we know."""


def pack(action: str, arguments: Sequence[str] = (), *, bot_id: UUID, user_id: int) -> str:
    """What the button of this person carries. Raises ValueError where it would not fit into 64 bytes."""
    body = ":".join([_plain(action), *(_squeezed(argument) for argument in arguments)])
    data = _origin(body, settings.SECRET_KEY) + _signature(body, bot_id, user_id, settings.SECRET_KEY) + body
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(
            f"the button of {action!r} takes {len(data.encode())} bytes, Telegram carries {MOST_BYTES}"
        )
    return data


def unpack(data: str, *, bot_id: UUID, user_id: int) -> tuple[str, tuple[str, ...]]:
    """The action and its arguments, if this bot made the button for this person.

    Former secret keys are honoured as long as the settings name them. Raises ForeignButton or ForgedButton.
    """
    origin, signature, body = data[:ORIGIN_CHARACTERS], data[ORIGIN_CHARACTERS:_HEAD], data[_HEAD:]
    foreign = False
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if not _same(_origin(body, secret), origin):
            continue
        if _same(_signature(body, bot_id, user_id, secret), signature):
            action, *arguments = body.split(":")
            return action, tuple(_widened(argument) for argument in arguments)
        foreign = True
    if foreign:
        raise ForeignButton
    raise ForgedButton


def _plain(text: str) -> str:
    if ":" in text or "\0" in text:
        raise ValueError(f"{text!r} has a character that separates the parts of a button")
    return text


def _squeezed(argument: str) -> str:
    if _UUID.fullmatch(argument):
        return "~" + _letters(UUID(argument).bytes)
    if _PACKED_UUID.fullmatch(argument):
        raise ValueError(f"{argument!r} would come back as a UUID")
    return _plain(argument)


def _widened(argument: str) -> str:
    if not _PACKED_UUID.fullmatch(argument):
        return argument
    return str(UUID(bytes=base64.urlsafe_b64decode(argument[1:] + "==")))


def _origin(body: str, secret: str) -> str:
    return _letters(_mac(b"origin", body, secret))[:ORIGIN_CHARACTERS]


def _signature(body: str, bot_id: UUID, user_id: int, secret: str) -> str:
    return _letters(_mac(b"person %s %d" % (bot_id.bytes, user_id), body, secret)[:SIGNATURE_BYTES])


def _mac(purpose: bytes, body: str, secret: str) -> bytes:
    key = hashlib.sha256(b"pult.bots.callbacks" + secret.encode()).digest()
    # What Telegram passes on may be no proper text (a lone surrogate): it is then signed by nobody, not an error.
    return hmac.digest(key, purpose + b"\0" + body.encode(errors="surrogatepass"), "sha256")


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode(errors="surrogatepass"))
