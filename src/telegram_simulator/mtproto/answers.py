"""Answers to requests as bytes: rpc_result, rpc_error, Vector and Bool, written by hand."""

import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from telegram_simulator.mtproto.envelope import gzip_packed, tl_bytes
from telegram_simulator.mtproto.seam import Answer, RpcError

RPC_RESULT = 0xF35C6D01
RPC_ERROR = 0x2144CA19
VECTOR = 0x1CB5C415
BOOL_TRUE = 0x997275B5
BOOL_FALSE = 0xBC799737

# Larger answers travel packed, as they do from Telegram.
PACK_FROM = 4096


def rpc_result(msg_id: int, content: bytes) -> bytes:
    """The answer to the request that came as `msg_id`."""
    if len(content) >= PACK_FROM:
        content = gzip_packed(content)
    return struct.pack("<Iq", RPC_RESULT, msg_id) + content


def rpc_error(error: RpcError) -> bytes:
    """The content of an rpc_result that says no."""
    return struct.pack("<Ii", RPC_ERROR, error.code) + tl_bytes(error.message.encode())


def is_error(result: bytes) -> bool:
    """Whether this rpc_result carries an error."""
    return result[12:16] == RPC_ERROR.to_bytes(4, "little")


def encode(request_class: Any, answer: Answer) -> bytes:
    """What a handler returned, as TL bytes. Raises TypeError for what no method of Telegram returns."""
    if isinstance(answer, bool):
        return struct.pack("<I", BOOL_TRUE if answer else BOOL_FALSE)
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, list):
        element = _element_encoder(request_class)
        return struct.pack("<II", VECTOR, len(answer)) + b"".join(map(element, answer))
    if hasattr(answer, "CONSTRUCTOR_ID"):
        return bytes(answer)
    raise TypeError(f"{request_class.__name__} cannot be answered with {type(answer).__name__}")


@cache
def _element_encoder(request_class: Any) -> Callable[[Any], bytes]:
    """How the elements of this method's Vector are written, asked of Telethon's own reading of them."""
    probe = _Probe()
    request_class.read_result(probe)
    return {"read_int": _write_int, "read_long": _write_long}.get(probe.last, bytes)


def _write_int(value: int) -> bytes:
    return struct.pack("<i", value)


def _write_long(value: int) -> bytes:
    return struct.pack("<q", value)


class _Probe:
    """Stands in for a reader that holds a vector of one element; remembers how that one was read."""

    def __init__(self) -> None:
        self.last = ""

    def read_int(self, signed: bool = True) -> int:
        self.last = "read_int"
        return 1

    def read_long(self, signed: bool = True) -> int:
        self.last = "read_long"
        return 1

    def tgread_object(self) -> None:
        self.last = "tgread_object"
