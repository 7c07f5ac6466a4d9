"""Door 1: the MTProto protocol below the methods."""

from telegram_simulator.mtproto.keys import ServerKey, auth_key_id, load_or_create_server_key, mint_session
from telegram_simulator.mtproto.server import (
    Answer,
    Caller,
    Connection,
    Handler,
    KeyStore,
    MTProtoServer,
    RpcError,
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
    "auth_key_id",
    "load_or_create_server_key",
    "mint_session",
]
