"""The MTProto door: listens, keeps track of live connections, and pushes updates to them."""

from telegram_simulator.mtproto.keys import ServerKey
from telegram_simulator.mtproto.seam import (
    Answer,
    Caller,
    Connection,
    ConnectionCallback,
    Handler,
    KeyStore,
    RpcError,
    TLObject,
    TLRequest,
)

__all__ = [
    "Answer",
    "Caller",
    "Connection",
    "Handler",
    "KeyStore",
    "MTProtoServer",
    "RpcError",
    "ServerKey",
    "TLObject",
    "TLRequest",
]


class MTProtoServer:
    """Serves unmodified Telegram clients on one TCP port.

    `on_connect` and `on_disconnect` are called once for each pair of connection and key: at the first
    message that the key decrypts, and when that connection has ended.
    A key that the world takes back stays usable on connections that are open already until they are closed.
    """

    def __init__(
        self,
        *,
        rsa_key: ServerKey,
        key_store: KeyStore,
        handle: Handler,
        on_connect: ConnectionCallback | None = None,
        on_disconnect: ConnectionCallback | None = None,
    ) -> None:
        raise NotImplementedError

    async def start(self, host: str, port: int) -> int:
        """Listen; port 0 picks a free one. Returns the port."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Stop listening, cut every connection, end the requests that are still running."""
        raise NotImplementedError

    def connections(self, auth_key_id: int) -> list[Connection]:
        """Every live connection of this key, the oldest first."""
        raise NotImplementedError

    async def push(self, auth_key_id: int, updates: TLObject) -> int:
        """Send an `Updates` object to every live connection of the key; returns how many took it."""
        raise NotImplementedError
