"""One connection to Telegram: a Telethon client with time-outs and typed errors. Imported by the worker only."""

import asyncio
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from pult import __version__
from pult.core.telegram.errors import LeaseLost, NoAnswer
from pult.core.telegram.gateway.proxies import way_to_telegram
from pult.core.telegram.gateway.translation import translated

CONNECT_WITHIN_SECONDS = 25.0
CLOSE_WITHIN_SECONDS = 5.0
SIMULATED_DC = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What it takes to connect; `session` is empty for a client that has never connected. Never log one.

    `proxy` is the address of the account's proxy, empty for the direct way.
    """

    api_id: int
    api_hash: str
    session: str
    proxy: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


class TelegramConnection:
    """A client that is connected, or was: after any `NoAnswer` it is closed and a new one has to be opened.

    Telethon keeps requests in a queue while it reconnects; they would hang for ever, or be sent when nobody waits for
    them any more. So it never reconnects by itself here: a broken connection ends all requests and is thrown away.
    """

    def __init__(self, credentials: Credentials, *, lost: asyncio.Event) -> None:
        session = StringSession(credentials.session)
        if settings.TELEGRAM.simulated:
            _use_simulator(session)
        # A class-level cache of data centres: what one Telegram said must not be used with another.
        TelegramClient._config = None
        self._lost = lost
        self._closed = False
        self._guard: asyncio.Task[None] | None = None
        self.api_id = credentials.api_id
        self.api_hash = credentials.api_hash
        self._through_proxy = bool(credentials.proxy)
        self.client = TelegramClient(
            session,
            credentials.api_id,
            credentials.api_hash,
            timeout=10,
            request_retries=2,
            connection_retries=1,
            retry_delay=1,
            auto_reconnect=False,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            device_model="Pult",
            app_version=__version__,
            system_version=platform.system() or "unknown",
            **way_to_telegram(credentials.proxy),
        )

    @property
    def usable(self) -> bool:
        """Whether requests may still be sent."""
        return not self._closed and bool(self.client.is_connected())

    @property
    def session(self) -> str:
        """The session as it is now: the key is made by the first connection, the data centre may change."""
        return str(StringSession.save(self.client.session)) if self.client.session is not None else ""

    async def open(self) -> None:
        """Connect. Raises NoAnswer ("proxy": a fault of the proxy), AccountLost and the other gateway errors."""
        try:
            await self._within(self.client.connect, CONNECT_WITHIN_SECONDS)
        except LeaseLost:
            raise
        except NoAnswer as failure:
            # What cannot be told apart: the proxy is silent, refuses the password, or does not reach Telegram itself.
            if self._through_proxy and failure.reason != "server":
                raise NoAnswer("proxy") from failure
            raise
        self._guard = asyncio.create_task(self._close_when_lost(), name="session guard")

    async def ask(self, request: Any, *, within: float = 20.0) -> Any:
        """Send one request and wait `within` seconds for its answer, a TL object. Raises a GatewayError."""
        if not self.usable:
            raise NoAnswer("network")
        return await self._within(lambda: self.client(request), within)

    async def move_to(self, dc_id: int) -> None:
        """Connect to another data centre with a new key, as Telegram asks for during a sign-in."""
        await self._within(lambda: self.client._switch_dc(dc_id), CONNECT_WITHIN_SECONDS)

    async def close(self) -> None:
        """Disconnect, without waiting long for a peer that is silent."""
        self._closed = True
        if self._guard is not None and self._guard is not asyncio.current_task():
            self._guard.cancel()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_SECONDS):
                await self.client.disconnect()
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            log.info("telegram.closed_roughly", error=type(error).__name__)

    async def _close_when_lost(self) -> None:
        # Also while nobody asks anything: an idle connection is a connection.
        await self._lost.wait()
        await self.close()

    async def _within(self, start: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """Await Telethon, but no longer than `seconds`, and not a moment longer than the session's lock is ours."""
        if self._lost.is_set():
            raise LeaseLost
        work = asyncio.ensure_future(start())
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({work, lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return self._result(work)
        except NoAnswer as failure:
            if failure.reason != "server":
                # Telethon takes being closed in the middle of connecting badly: first stop what it is doing.
                await _stopped(work)
                await self.close()
            raise
        finally:
            lost.cancel()
            work.cancel()

    def _result(self, work: "asyncio.Future[Any]") -> Any:
        if self._lost.is_set():
            raise LeaseLost
        if not work.done():
            raise NoAnswer("timeout")
        if work.cancelled():
            # Telethon cancels what is pending when its connection ends.
            raise NoAnswer("network")
        error = work.exception()
        if error is None:
            return work.result()
        if not isinstance(error, Exception):
            raise error
        raise translated(error) from error


async def _stopped(work: "asyncio.Future[Any]") -> None:
    work.cancel()
    await asyncio.wait({work}, timeout=CLOSE_WITHIN_SECONDS)


def _use_simulator(session: Any) -> None:
    # The simulator may listen elsewhere than at the last start; the key in the session stays good.
    rsa.add_key(_public_key(settings.TELEGRAM.public_key_file), old=False)
    session.set_dc(SIMULATED_DC, settings.TELEGRAM.host, settings.TELEGRAM.port)


def _public_key(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise NoAnswer("network") from error
