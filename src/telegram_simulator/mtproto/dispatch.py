"""What to do with each message: answer the protocol's own ones, hand the requests to the world."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telethon.errors import TypeNotFoundError
from telethon.tl import TLRequest, functions, types

from telegram_simulator.mtproto import answers
from telegram_simulator.mtproto.envelope import SALT_SECONDS, Message, RequestReader, server_salt
from telegram_simulator.mtproto.seam import Caller, Handler, KeyStore, RpcError
from telegram_simulator.mtproto.session import Session

log = logging.getLogger(__name__)


class Dispatcher:
    """Serves the messages of all connections; requests run side by side, each as a task of its own."""

    def __init__(
        self, *, key_store: KeyStore, handle: Handler, sessions: dict[tuple[int, int], Session]
    ) -> None:
        self._key_store = key_store
        self._handle = handle
        self._sessions = sessions
        self._service: dict[type[Any], Callable[[Caller, Session, Message, Any], None]] = {
            types.MsgsAck: self._acknowledge,
            types.HttpWait: self._ignore,
            types.MsgsStateInfo: self._ignore,
            types.MsgsAllInfo: self._ignore,
            types.MsgsStateReq: self._tell_states,
            types.MsgResendReq: self._tell_states,
            functions.PingRequest: self._pong,
            functions.PingDelayDisconnectRequest: self._pong_or_part,
            functions.GetFutureSaltsRequest: self._tell_salts,
            functions.DestroySessionRequest: self._destroy_session,
            functions.RpcDropAnswerRequest: self._drop_answer,
        }

    def receive(self, caller: Caller, session: Session, message: Message) -> None:
        """Serve one message that passed every check of its envelope and was not seen before."""
        try:
            request = RequestReader(message.body).tgread_object()
        except TypeNotFoundError:
            self._refuse(session, message, RpcError(400, "INPUT_METHOD_INVALID"))
            return
        except Exception:  # noqa: BLE001 - whatever foreign bytes make the decoder raise means the same
            self._refuse(session, message, RpcError(400, "INPUT_FETCH_ERROR"))
            return
        serve = self._service.get(type(request))
        if serve is not None:
            serve(caller, session, message, request)
        elif not isinstance(request, TLRequest):
            self._refuse(session, message, RpcError(400, "INPUT_METHOD_INVALID"))
        elif message.seqno % 2 == 0:
            self._notice(session, types.BadMsgNotification(message.msg_id, message.seqno, 35))
        else:
            self._start(caller, session, message, request)

    # Requests

    def _start(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        task = asyncio.create_task(self._run(caller, session, message.msg_id, request))
        session.running[message.msg_id] = task
        if (connection := session.connection) is not None:
            connection.started()
            task.add_done_callback(lambda _: connection.finished())

    async def _run(self, caller: Caller, session: Session, msg_id: int, request: Any) -> None:
        try:
            request, wants_updates = await self._unwrap(caller, session, request)
            _admit(caller, session, request, wants_updates=wants_updates)
            content = answers.encode(type(request), await self._handle(caller, request))
        except RpcError as error:
            content = answers.rpc_error(error)
        except Exception:
            # A fault of the simulator itself: said aloud, and answered so that the client does not wait.
            log.exception("%s could not be answered", type(request).__name__)
            content = answers.rpc_error(RpcError(500, "SIMULATOR_FAULT"))
        finally:
            session.running.pop(msg_id, None)
        self._answer(session, msg_id, content)

    async def _unwrap(self, caller: Caller, session: Session, request: Any) -> tuple[Any, bool]:
        """The request inside its wrappers, and whether it asks for updates. Raises RpcError."""
        wants_updates = True
        while True:
            if isinstance(request, functions.InvokeWithLayerRequest):
                self._remember_layer(caller, request.layer)
            elif isinstance(request, functions.InvokeWithoutUpdatesRequest):
                wants_updates = False
            elif isinstance(request, functions.InvokeAfterMsgRequest):
                await self._wait_for(session, [request.msg_id])
            elif isinstance(request, functions.InvokeAfterMsgsRequest):
                await self._wait_for(session, request.msg_ids)
            elif not isinstance(request, functions.InitConnectionRequest):
                return request, wants_updates
            request = request.query

    def _remember_layer(self, caller: Caller, layer: int) -> None:
        if layer < 1:
            raise RpcError(400, "CONNECTION_LAYER_INVALID")
        if caller.layer != layer:
            caller.layer = layer
            self._key_store.remember_layer(caller.auth_key_id, layer)

    async def _wait_for(self, session: Session, msg_ids: list[int]) -> None:
        """Let earlier requests of the session finish; RpcError when one of them failed."""
        for msg_id in msg_ids:
            if (task := session.running.get(msg_id)) is not None:
                await asyncio.wait((task,))
            result = session.kept_answer(msg_id)
            if result is not None and answers.is_error(result):
                raise RpcError(400, "MSG_WAIT_FAILED")

    def _answer(self, session: Session, msg_id: int, content: bytes) -> None:
        result = answers.rpc_result(msg_id, content)
        session.keep_answer(msg_id, result)
        if session.connection is not None:
            session.connection.send(session, result, content_related=True, answer_to=msg_id)

    def _refuse(self, session: Session, message: Message, error: RpcError) -> None:
        self._answer(session, message.msg_id, answers.rpc_error(error))

    # Messages of the protocol itself

    def _notice(self, session: Session, notice: Any) -> None:
        if session.connection is not None:
            session.connection.send(session, bytes(notice), content_related=False)

    def _ignore(self, caller: Caller, session: Session, message: Message, notice: Any) -> None:
        """Nothing follows from it here."""

    def _acknowledge(self, caller: Caller, session: Session, message: Message, notice: Any) -> None:
        for msg_id in notice.msg_ids:
            session.acknowledged(msg_id)

    def _tell_states(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        states = bytes(session.state_of(msg_id) for msg_id in request.msg_ids)
        self._notice(session, types.MsgsStateInfo(message.msg_id, states))

    def _pong(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        self._notice(session, types.Pong(message.msg_id, request.ping_id))

    def _pong_or_part(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        if session.connection is not None:
            session.connection.idle_seconds = max(1, request.disconnect_delay)
        self._pong(caller, session, message, request)

    def _tell_salts(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        now = time.time()
        first = int(now // SALT_SECONDS)
        salts = [
            types.FutureSalt(
                datetime.fromtimestamp((first + later) * SALT_SECONDS, UTC),
                datetime.fromtimestamp((first + later + 2) * SALT_SECONDS, UTC),
                server_salt(session.key, now, later),
            )
            for later in range(min(max(request.num, 1), 64))
        ]
        self._notice(session, types.FutureSalts(message.msg_id, int(now), salts))

    def _destroy_session(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        place = (caller.auth_key_id, request.session_id)
        other = self._sessions.get(place)
        # A session whose requests are still running is kept until they are done: they answer into it.
        if other is None or other is session or other.running:
            self._notice(session, types.DestroySessionNone(request.session_id))
        else:
            del self._sessions[place]
            self._notice(session, types.DestroySessionOk(request.session_id))

    def _drop_answer(self, caller: Caller, session: Session, message: Message, request: Any) -> None:
        """Always the permitted "I know of no such request": its answer, if any, is on its way already."""
        self._answer(session, message.msg_id, bytes(types.RpcAnswerUnknown()))


def _admit(caller: Caller, session: Session, request: Any, *, wants_updates: bool) -> None:
    """Let a request pass to the world, and subscribe its session to updates. Raises RpcError."""
    if not isinstance(request, TLRequest):
        raise RpcError(400, "INPUT_METHOD_INVALID")
    if caller.layer is None:
        raise RpcError(400, "CONNECTION_NOT_INITED")
    if wants_updates:
        session.subscribed = True
        if session.connection is not None:
            session.connection.subscriber = session
