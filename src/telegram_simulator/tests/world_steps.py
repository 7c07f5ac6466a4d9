"""Steps that the tests of the simulator's world share."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from telethon import TelegramClient, functions
from telethon.crypto import rsa
from telethon.sessions import StringSession
from telethon.tl import types

from telegram_simulator.testing import RunningSimulator, start_simulator

ANNA, BORIS, VERA = "79000000001", "79000000002", "79000000003"
_unused_phones = (f"7964{number:07d}" for number in random.Random(7).sample(range(10_000_000), 100_000))


@contextmanager
def running(data_dir: Path, *, people: int = 1500) -> Iterator[RunningSimulator]:
    simulator = start_simulator(data_dir, people=people)
    try:
        yield simulator
    finally:
        simulator.stop()


@asynccontextmanager
async def client_of(simulator: RunningSimulator, session: str = "") -> AsyncIterator[Any]:
    """An unmodified Telethon that reports every wait instead of sleeping through it."""
    rsa.add_key(simulator.public_key, old=False)
    TelegramClient._config = None  # Telethon keeps it for the whole process, over different servers
    client = TelegramClient(
        StringSession(session), *simulator.key_pair(), flood_sleep_threshold=0, raise_last_call_error=True
    )
    if not session:
        client.session.set_dc(2, simulator.host, simulator.mtproto_port)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


@asynccontextmanager
async def signed_in(simulator: RunningSimulator, phone: str) -> AsyncIterator[Any]:
    async with client_of(simulator, simulator.session_for(phone)) as client:
        yield client


def account_with(simulator: RunningSimulator, **wishes: Any) -> str:
    """A new account; returns its phone."""
    phone = next(_unused_phones)
    simulator.post("/api/accounts", {"phone": phone, "first_name": "Ольга", **wishes})
    return phone


def person_with(simulator: RunningSimulator, **wishes: Any) -> dict[str, Any]:
    """A new inhabitant whom everybody finds, unless wished otherwise."""
    defaults = {"phone": next(_unused_phones), "first_name": "Игорь", "find_by_phone": "everybody"}
    person: dict[str, Any] = simulator.post("/api/people", defaults | wishes)
    return person


def unregistered_phones(count: int) -> list[str]:
    return [next(_unused_phones) for _ in range(count)]


async def import_phones(
    client: Any, phones: Sequence[str], *, first_name: str = "Check", last_name: str = ""
) -> Any:
    """contacts.importContacts with client ids 1000, 1001, …"""
    return await client(
        functions.contacts.ImportContactsRequest(
            [
                types.InputPhoneContact(1000 + place, f"+{phone}", first_name, last_name)
                for place, phone in enumerate(phones)
            ]
        )
    )


async def eventually(look: Callable[[], Awaitable[bool]], *, within: float = 5.0) -> None:
    """Wait until a look is true; fails after `within` seconds."""
    async with asyncio.timeout(within):
        while not await look():
            await asyncio.sleep(0.02)
