"""What the wire below and the simulated world above know of each other, and nothing more."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

# Telethon ships no type information, so its TL classes are `Any` here, at the seam, and nowhere deeper.
TLObject = Any
TLRequest = Any

# A TL object; a list for a Vector; True or False for a Bool; bytes for an answer that is serialised already.
Answer = Any


class RpcError(Exception):
    """The answer "no" to one request, exactly as Telegram words it: `RpcError(420, "FLOOD_WAIT_17")`.

    `code` is one of 303, 400, 401, 403, 406, 420, 500.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class Connection(Protocol):
    """One live TCP connection, as the world sees it. Equal only to itself."""

    @property
    def closed(self) -> bool:
        """True from the moment the connection is closing; nothing reaches the client any more."""
        ...

    def close(self) -> None:
        """Close after what has been answered so far was sent. Call it outside a handler's own answer."""
        ...

    def abort(self) -> None:
        """Cut the TCP connection at once, as a failing network does; what was not sent yet is lost."""
        ...

    def push(self, updates: TLObject) -> bool:
        """Send an `Updates` object; False when closed or when the client never asked for updates."""
        ...


@dataclass(slots=True, eq=False)
class Caller:
    """One authorised key on one connection, in one session of the client."""

    auth_key_id: int  # signed 64-bit
    session_id: int  # signed 64-bit
    layer: int | None
    connection: Connection


class KeyStore(Protocol):
    """Where authorisation keys outlive the server. Synchronous and fast: asked on the event loop."""

    def auth_key(self, auth_key_id: int) -> bytes | None:
        """The key's 256 bytes, or None: the client is then told -404 and has to start anew."""
        ...

    def add_auth_key(self, auth_key_id: int, key: bytes) -> None:
        """Keep a key that a client has just agreed on with the server."""
        ...

    def remember_layer(self, auth_key_id: int, layer: int) -> None:
        """Clients name their layer once, not at every reconnect, so it is kept with the key."""
        ...

    def layer(self, auth_key_id: int) -> int | None:
        """The layer that was remembered last, or None before the first `initConnection`."""
        ...


Handler = Callable[[Caller, TLRequest], Awaitable[Answer]]  # raises RpcError
ConnectionCallback = Callable[[Caller], None]
