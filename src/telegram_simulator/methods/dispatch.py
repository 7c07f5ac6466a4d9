"""Every request passes here: who asks, is a wait disregarded, do faults strike, which method answers."""

import asyncio
import inspect
import re
import time
from collections.abc import Callable
from typing import Any

from telegram_simulator.methods import account, auth, bots, channels, contacts, messages, updates, users
from telegram_simulator.methods import help as help_
from telegram_simulator.methods.call import REGISTER, Call, flood_wait, method_name
from telegram_simulator.methods.hearing import Hearing
from telegram_simulator.mtproto.seam import Answer, Caller, Connection, RpcError, TLRequest
from telegram_simulator.mtproto.server import MTProtoServer
from telegram_simulator.world.faults import Fault
from telegram_simulator.world.passwords import PasswordChallenge
from telegram_simulator.world.people import normalise_phone
from telegram_simulator.world.world import World

# Importing a namespace enters its methods into the register.
NAMESPACES = (account, auth, bots, channels, contacts, help_, messages, updates, users)
FLOOD_WAIT = re.compile(r"FLOOD_WAIT_(\d+)")


class Dispatcher:
    """The wire's `handle`. `clock` gives seconds since 1970; limits follow it, so a test may move it."""

    def __init__(self, world: World, *, clock: Callable[[], float] = time.time) -> None:
        self.world = world
        self.clock = clock
        self.server: MTProtoServer | None = None
        self.address = ("127.0.0.1", 0)
        self.hearing = Hearing(world, self)
        self._challenges: dict[int, PasswordChallenge] = {}
        self._first_requests: dict[int, dict[Connection, float]] = {}

    async def handle(self, caller: Caller, request: TLRequest) -> Answer:
        call = self._call(caller, request)
        phone = call.signed_in.phone if call.signed_in else None
        self.world.counters.add(phone, f"requests:{call.method}")
        try:
            answer = await self._answer(call)
        except RpcError as error:
            self._note_error(call, phone, error)
            raise
        finally:
            for auth_key_id, pushed in call.pushes:
                await self.push(auth_key_id, pushed)
        if any(fault.kind == "drop_after" for fault in call.faults):
            caller.connection.abort()
            raise RpcError(500, "CONNECTION_CUT")  # nobody is there to read it
        return answer

    def push_now(self, auth_key_id: int, pushed: Any) -> None:
        if self.server is not None:
            for connection in self.server.connections(auth_key_id):
                connection.push(pushed)

    async def push(self, auth_key_id: int, pushed: Any) -> None:
        if self.server is not None:
            await self.server.push(auth_key_id, pushed)

    def on_disconnect(self, caller: Caller) -> None:
        first_requests = self._first_requests.get(caller.auth_key_id)
        if first_requests is not None:
            first_requests.pop(caller.connection, None)
            if not first_requests:
                del self._first_requests[caller.auth_key_id]

    def _call(self, caller: Caller, request: TLRequest) -> Call:
        key = self.world.keys.get(caller.auth_key_id)
        if key is None:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        now = self.clock()
        self.world.keys.mark_active(key, now)
        account_id = key.account_id
        return Call(
            world=self.world,
            caller=caller,
            key=key,
            request=request,
            method=method_name(type(request)),
            now=now,
            signed_in=None if account_id is None else self.world.accounts.by_id(account_id),
            address=self.address,
            challenges=self._challenges,
        )

    async def _answer(self, call: Call) -> Answer:
        self._refuse_second_connection(call)
        method = REGISTER.get(call.request.CONSTRUCTOR_ID)
        if method is None:
            raise RpcError(400, "METHOD_NOT_SIMULATED")
        if method.needs_sign_in and call.signed_in is None:
            raise RpcError(401, call.key.ended or "AUTH_KEY_UNREGISTERED")
        if call.signed_in is not None and call.signed_in.banned:
            raise RpcError(401, "USER_DEACTIVATED_BAN")
        self._refuse_while_waiting(call)
        call.faults = self.world.faults.strike(_subject(call), call.method)
        for fault in call.faults:
            await self._strike(call, fault)
        if call.signed_in is not None:
            if call.signed_in.frozen and method.refused_when_frozen:
                raise RpcError(420, "FROZEN_METHOD_INVALID")
            limits = call.signed_in.limits
            wait = self.world.buckets.take(call.signed_in.phone, "requests", limits.requests, 1, call.now)
            if wait:
                raise flood_wait(wait)
        self.hearing.answering = call
        try:
            answer = method.answer(call)
        finally:
            self.hearing.answering = None
        return await answer if inspect.isawaitable(answer) else answer

    def _refuse_second_connection(self, call: Call) -> None:
        """One key, two live connections that both send: Telegram kills the key.

        A reconnect is not that: the old connection, dead or dying, sends nothing after the new one has begun.
        """
        if call.key.ended == "AUTH_KEY_DUPLICATED":
            raise RpcError(406, "AUTH_KEY_DUPLICATED")
        connections = self._first_requests.setdefault(call.key.id, {})
        own = call.caller.connection
        began = connections.setdefault(own, call.now)
        if len(connections) == 1:
            return
        place = list(connections).index(own)
        younger = [c for c in list(connections)[place + 1 :] if not c.closed and connections[c] >= began]
        if younger:
            call.violate("second_connection")
            self.world.keys.end(call.key.id, "AUTH_KEY_DUPLICATED")
            raise RpcError(406, "AUTH_KEY_DUPLICATED")

    def _refuse_while_waiting(self, call: Call) -> None:
        subject = _subject(call)
        remaining = self.world.buckets.waiting(subject, call.method, call.now) if subject else 0
        if remaining:
            call.violate("early_request")
            raise flood_wait(remaining)

    async def _strike(self, call: Call, fault: Fault) -> None:
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.parameters["milliseconds"] / 1000)
            case "drop_before":
                call.caller.connection.abort()
                raise RpcError(500, "CONNECTION_CUT")  # nobody is there to read it
            case "flood_wait":
                raise flood_wait(fault.parameters["seconds"])
            case "error":
                raise RpcError(fault.parameters["code"], fault.parameters["message"])
            case "peer_flood":
                raise RpcError(400, "PEER_FLOOD")
            case "ban" if call.signed_in is not None:
                self.world.accounts.set_banned(call.signed_in.id, banned=True)
                raise RpcError(401, "USER_DEACTIVATED_BAN")
            case "freeze" if call.signed_in is not None:
                self.world.accounts.set_frozen(call.signed_in.id, frozen=True)
                raise RpcError(420, "FROZEN_METHOD_INVALID")
            case "revoke_session" if call.signed_in is not None:
                self.world.keys.end(call.key.id, "SESSION_REVOKED")
                raise RpcError(401, "SESSION_REVOKED")

    def _note_error(self, call: Call, phone: str | None, error: RpcError) -> None:
        self.world.counters.add(phone, f"errors:{error.message}")
        wait = FLOOD_WAIT.fullmatch(error.message)
        subject = _subject(call)
        if wait and subject:
            self.world.counters.add(phone, "answered_waits")
            if not self.world.buckets.waiting(subject, call.method, call.now):
                self.world.buckets.announce(subject, call.method, int(wait[1]), self.clock())


def _subject(call: Call) -> str | None:
    """Whose waits and faults count: the account's phone; before sign-in the phone that is signing in."""
    account = call.signed_in
    if account is None and call.key.pending_account_id is not None:
        account = call.world.accounts.by_id(call.key.pending_account_id)
    if account is not None:
        return account.phone
    named = getattr(call.request, "phone_number", None)
    if named:
        return normalise_phone(named)
    return None
