"""One live TCP connection: frames, the key exchange, checks of the envelope, and the way back."""

import asyncio
import itertools
import logging
import socket
import struct
import time
from typing import TYPE_CHECKING, Any, cast

from telethon.tl import types

from telegram_simulator.mtproto.envelope import (
    EnvelopeError,
    InvalidContainer,
    Message,
    Packet,
    container,
    open_packet,
    salt_is_valid,
    seal_packet,
    server_salt,
    unpack,
)
from telegram_simulator.mtproto.handshake import Handshake, HandshakeError, plain_message, read_plain
from telegram_simulator.mtproto.keys import auth_key_id
from telegram_simulator.mtproto.seam import Caller, TLObject
from telegram_simulator.mtproto.session import Session
from telegram_simulator.mtproto.transport import FrameStream, TransportError

if TYPE_CHECKING:
    from telegram_simulator.mtproto.server import MTProtoServer

log = logging.getLogger(__name__)

# A connection that has not shown a key, or has gone silent, is given up after so many seconds.
GREETING_SECONDS = 30
IDLE_SECONDS = 900
# A client that does not read what it is sent is cut off, rather than kept in memory.
MAX_UNREAD_BYTES = 16 * 1_048_576
# So many requests of one connection run side by side; then it is not read from until some are done.
MAX_RUNNING = 1000
# How much is put into one outgoing packet.
MAX_PACKED_MESSAGES = 100
MAX_PACKED_BYTES = 524_288
# How far a client's clock may be off (msg_id too low, too high), in seconds.
OLDEST_SECONDS = 300
NEWEST_SECONDS = 30


class ClientConnection(asyncio.Protocol):
    """What an event loop makes of each accepted socket. It belongs to the first key that it shows."""

    def __init__(self, server: "MTProtoServer") -> None:
        self._server = server
        self._frames = FrameStream()
        self._handshake: Handshake | None = None
        self._transport: asyncio.Transport | None = None
        self._key = b""
        self._key_id = 0
        self._callers: dict[int, Caller] = {}
        self.subscriber: Session | None = None  # the session that takes updates
        self._outbox: list[tuple[Session, bytes, bool, int | None]] = []
        self._running = 0
        self._stuck = False
        self.idle_seconds: float = GREETING_SECONDS
        self.last_heard = time.monotonic()

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        tcp = transport.get_extra_info("socket")
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._server.opened(self)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._frames.receive(data):
                if self.closed:
                    return
                self._receive(frame)
        except (TransportError, HandshakeError, EnvelopeError) as error:
            log.info("connection closed: %s", error)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._outbox.clear()
        for session_id in self._callers:
            session = self._server.sessions.get((self._key_id, session_id))
            if session is not None and session.connection is self:
                session.connection = None
                session.last_used = time.monotonic()
        self._server.ended(self, next(iter(self._callers.values()), None))

    def pause_writing(self) -> None:
        self._stuck = True
        self._throttle()

    def resume_writing(self) -> None:
        self._stuck = False
        self._throttle()

    # What the world may do

    @property
    def closed(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._flush()
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def push(self, updates: TLObject) -> bool:
        session = self.subscriber
        if session is None or session.connection is not self or self.closed:
            return False
        self.send(session, bytes(updates), content_related=True)
        return True

    # Receiving

    def _receive(self, frame: bytes) -> None:
        if len(frame) < 8:
            raise EnvelopeError("too short for a key id")
        key_id: int = struct.unpack_from("<q", frame)[0]
        if key_id == 0:
            self._exchange_keys(frame)
        elif self._knows(key_id):
            self._receive_packet(open_packet(self._key, frame))

    def _exchange_keys(self, frame: bytes) -> None:
        if self._handshake is None:
            self._handshake = Handshake(self._server.rsa_key)
        answer = self._handshake.receive(read_plain(frame))
        if (key := self._handshake.agreed_key) is not None:
            self._server.key_store.add_auth_key(auth_key_id(key), key)
            self._handshake = None
        self._write(plain_message(self._server.message_ids.next(answer=True), answer))

    def _knows(self, key_id: int) -> bool:
        """Look the key up, once for each connection; an unknown one is told -404 and the connection ends."""
        if self._key_id == key_id:
            return True
        if self._key_id:
            raise EnvelopeError("a second key on one connection")
        key = self._server.key_store.auth_key(key_id)
        if key is None:
            self._write(struct.pack("<i", -404))
            self.close()
            return False
        self._key, self._key_id = key, key_id
        self.idle_seconds = IDLE_SECONDS
        return True

    def _receive_packet(self, packet: Packet) -> None:
        self.last_heard = time.monotonic()
        session = self._session(packet)
        if (error := _msg_id_error(packet.msg_id)) is not None:
            self._notice(session, types.BadMsgNotification(packet.msg_id, packet.seqno, error))
            return
        now = time.time()
        if not salt_is_valid(self._key, packet.salt, now):
            salt = server_salt(self._key, now)
            self._notice(session, types.BadServerSalt(packet.msg_id, packet.seqno, 48, salt))
            return
        try:
            messages = list(unpack(packet))
        except InvalidContainer:
            self._notice(session, types.BadMsgNotification(packet.msg_id, packet.seqno, 64))
            return
        caller = self._caller(packet.session_id)
        if session.is_new:
            session.is_new = False
            first = min(message.msg_id for message in messages) if messages else packet.msg_id
            notice = types.NewSessionCreated(first, session.unique_id, server_salt(self._key, now))
            self.send(session, bytes(notice), content_related=True)
        for message in messages:
            self._receive_message(caller, session, message)

    def _receive_message(self, caller: Caller, session: Session, message: Message) -> None:
        """Nothing is done twice: a message that was here before gets the answer that it got before."""
        if message.msg_id % 4:
            self._notice(session, types.BadMsgNotification(message.msg_id, message.seqno, 18))
        elif session.is_forgotten(message.msg_id):
            self._notice(session, types.BadMsgNotification(message.msg_id, message.seqno, 20))
        elif session.first_sight(message.msg_id):
            self._server.dispatcher.receive(caller, session, message)
        elif (result := session.kept_answer(message.msg_id)) is not None:
            self.send(session, result, content_related=True, answer_to=message.msg_id)

    def _session(self, packet: Packet) -> Session:
        place = (self._key_id, packet.session_id)
        session = self._server.sessions.get(place)
        if session is None:
            session = self._server.sessions[place] = Session(self._key_id, packet.session_id, self._key)
        session.connection = self
        if session.subscribed:
            self.subscriber = session
        return session

    def _caller(self, session_id: int) -> Caller:
        caller = self._callers.get(session_id)
        if caller is None:
            layer = self._server.key_store.layer(self._key_id)
            caller = Caller(self._key_id, session_id, layer, self)
            first = not self._callers
            self._callers[session_id] = caller
            if first:
                self._server.shown(self, caller)
        return caller

    # Sending

    def send(
        self, session: Session, body: bytes, *, content_related: bool, answer_to: int | None = None
    ) -> None:
        """Queue one message; all that is queued in one turn of the event loop goes out in one packet."""
        if self.closed:
            return
        if not self._outbox:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outbox.append((session, body, content_related, answer_to))

    def started(self) -> None:
        """One more request of this connection is running."""
        self._running += 1
        if self._running == MAX_RUNNING:
            self._throttle()

    def finished(self) -> None:
        """The reverse of `started`."""
        self._running -= 1
        if self._running == MAX_RUNNING // 2:
            self._throttle()

    def _notice(self, session: Session, notice: Any) -> None:
        self.send(session, bytes(notice), content_related=False)

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        if self.closed:
            return
        for session, group in itertools.groupby(outbox, key=lambda entry: entry[0]):
            batch: list[tuple[int, int, bytes]] = []
            size = 0
            for _, body, content_related, answer_to in group:
                if batch and (len(batch) == MAX_PACKED_MESSAGES or size + len(body) > MAX_PACKED_BYTES):
                    self._send_packet(session, batch)
                    batch, size = [], 0
                msg_id = self._server.message_ids.next(answer=answer_to is not None)
                batch.append((msg_id, session.next_seqno(content_related=content_related), body))
                size += len(body)
                if answer_to is not None:
                    session.answer_sent_as(answer_to, msg_id)
            self._send_packet(session, batch)

    def _send_packet(self, session: Session, batch: list[tuple[int, int, bytes]]) -> None:
        if len(batch) == 1:
            msg_id, seqno, body = batch[0]
        else:
            msg_id = self._server.message_ids.next(answer=False)
            seqno, body = session.next_seqno(content_related=False), container(batch)
        salt = server_salt(self._key, time.time())
        packet = Packet(salt, session.session_id, msg_id, seqno, body)
        self._write(seal_packet(self._key, self._key_id, packet))

    def _write(self, payload: bytes) -> None:
        if self._transport is None:
            return
        self._transport.write(self._frames.wrap(payload))
        if self._transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            log.info("connection cut: the client does not read what it is sent")
            self._transport.abort()

    def _throttle(self) -> None:
        """Read on only while the client takes its answers and does not run ahead too far."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._stuck or self._running >= MAX_RUNNING:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _msg_id_error(msg_id: int) -> int | None:
    """The error code for a client's msg_id that breaks a rule: its last bits (18) or its time (16, 17)."""
    if msg_id % 4:
        return 18
    age = time.time() - (msg_id >> 32)
    if age > OLDEST_SECONDS:
        return 16
    return 17 if age < -NEWEST_SECONDS else None
