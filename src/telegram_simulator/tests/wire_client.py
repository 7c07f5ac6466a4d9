"""A client that obeys no rule unless told to: it sends exactly the packets that a test makes up."""

import asyncio
import logging
import secrets
import struct
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telethon.crypto import AuthKey
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import functions, types
from telethon.tl.alltlobjects import LAYER
from telethon.tl.core import GzipPacked, MessageContainer

from telegram_simulator.mtproto.envelope import server_salt
from telegram_simulator.tests.wire_server import HOST, ToyWorld

GET_ME = functions.users.GetUsersRequest([types.InputUserSelf()])


class RawClient:
    """One TCP connection and one session of a minted key. The salt is right unless a test changes it."""

    def __init__(self, key: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.codec = FullPacketCodec(None)
        self.state = MTProtoState(AuthKey(key), defaultdict(lambda: logging.getLogger(__name__)))
        self.state.salt = server_salt(key, time.time())
        self.seqno = 0
        self.last_id = 0

    def new_id(self, seconds_off: float = 0) -> int:
        """A rising msg_id of a client, made `seconds_off` from now."""
        self.last_id = max(self.last_id + 4, int((time.time() + seconds_off) * (1 << 32)) & ~3)
        return self.last_id

    def odd_seqno(self) -> int:
        self.seqno += 2
        return self.seqno - 1

    async def send(self, content: Any, *, msg_id: int | None = None, seqno: int | None = None) -> int:
        """Send a TL object, or bytes as they are, as one message; returns its msg_id."""
        body = content if isinstance(content, bytes) else bytes(content)
        msg_id = self.new_id() if msg_id is None else msg_id
        seqno = self.odd_seqno() if seqno is None else seqno
        await self.send_packet(struct.pack("<qii", msg_id, seqno, len(body)) + body)
        return msg_id

    async def send_packet(self, message: bytes) -> None:
        await self.send_bytes(self.codec.encode_packet(self.state.encrypt_message_data(message)))

    async def send_bytes(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def send_container(self, messages: list[tuple[int, int, Any]], *, msg_id: int | None = None) -> int:
        parts = [
            struct.pack("<qii", inner_id, seqno, len(bytes(content))) + bytes(content)
            for inner_id, seqno, content in messages
        ]
        body = struct.pack("<Ii", MessageContainer.CONSTRUCTOR_ID, len(parts)) + b"".join(parts)
        return await self.send(body, msg_id=msg_id, seqno=self.seqno * 2)

    async def start(self) -> None:
        """Name the layer, as every client does first, and read what the server has to say to that."""
        init = functions.InitConnectionRequest(
            1, "test", "1", "1", "en", "", "en", query=functions.help.GetConfigRequest()
        )
        msg_id = await self.send(functions.InvokeWithLayerRequest(LAYER, init))
        await self.result(msg_id)

    async def frame(self) -> bytes:
        """The next payload as it comes; IncompleteReadError at the end of the connection."""
        async with asyncio.timeout(10):
            payload: bytes = await self.codec.read_packet(self.reader)
            return payload

    async def messages(self) -> list[Any]:
        """The objects in the next packet, each with the msg_id and seqno it came with."""
        message = self.state.decrypt_message_data(await self.frame())
        inner = message.obj.messages if isinstance(message.obj, MessageContainer) else [message]
        return list(inner)

    async def read(self, kind: type[Any]) -> Any:
        """Read on until an object of this kind comes, and return it."""
        while True:
            for message in await self.messages():
                if isinstance(message.obj, kind):
                    return message.obj

    async def result(self, msg_id: int) -> Any:
        """Read on until the answer to this request comes: its RpcResult."""
        while True:
            for message in await self.messages():
                if getattr(message.obj, "req_msg_id", None) == msg_id:
                    return message.obj

    async def ends(self) -> bool:
        """Whether the server closes the connection without another word."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True


@asynccontextmanager
async def raw_client(
    world: ToyWorld, *, key: bytes | None = None, session_id: int | None = None, started: bool = True
) -> AsyncIterator[RawClient]:
    """A connected raw client, with a key that the server knows unless one is given."""
    if key is None:
        key = secrets.token_bytes(256)
        world.store.add_auth_key(signed_id(key), key)
    reader, writer = await asyncio.open_connection(HOST, world.port)
    client = RawClient(key, reader, writer)
    if session_id is not None:
        client.state.id = session_id
    try:
        if started:
            await client.start()
        yield client
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def signed_id(key: bytes) -> int:
    """The key's id as the server counts it."""
    unsigned: int = AuthKey(key).key_id
    return unsigned - (1 << 64) if unsigned >> 63 else unsigned


def packed(content: Any) -> bytes:
    """The object inside gzip_packed."""
    return bytes(GzipPacked(bytes(content)))
