"""The key exchange, the RSA key in its files, and sessions that need neither."""

import hashlib
import secrets
import stat
from pathlib import Path
from typing import Any

import pytest
from telethon.crypto import AES, AuthKey, rsa
from telethon.errors import AuthKeyNotFound
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.tl import functions, types

from telegram_simulator.mtproto import load_or_create_server_key, mint_session
from telegram_simulator.mtproto.handshake import DH_PRIME, GENERATOR, Handshake, HandshakeError
from telegram_simulator.tests.wire_server import HOST, server_key, toy_world

TRANSPORTS = (
    ConnectionTcpFull,
    ConnectionTcpAbridged,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_new_client_agrees_on_a_key_and_comes_back_with_it(transport: Any) -> None:
    async with toy_world() as world:
        client = world.client(connection=transport)
        await client.connect()
        assert (await client.get_me()).first_name == "Toy"
        saved = client.session.save()
        await client.disconnect()
        assert len(world.store.keys) == 1

        client = world.client(saved, connection=transport)
        await client.connect()
        assert (await client.get_me()).first_name == "Toy"
        await client.disconnect()
        assert len(world.store.keys) == 1


async def test_a_minted_session_needs_no_exchange() -> None:
    async with toy_world() as world:
        client = world.client(world.minted())
        await client.connect()
        assert (await client.get_me()).first_name == "Toy"
        await client.disconnect()
        assert {caller.auth_key_id for caller in world.callers} == set(world.store.keys)


async def test_a_key_that_the_server_does_not_know_is_said_to_be_unknown() -> None:
    async with toy_world() as world:
        client = world.client(mint_session(HOST, world.port, 2)[0])
        with pytest.raises(AuthKeyNotFound):
            await client.connect()
        await client.disconnect()


def test_the_rsa_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    made = load_or_create_server_key(tmp_path)
    again = load_or_create_server_key(tmp_path)
    assert made == again
    assert (tmp_path / "public_key.pem").read_text() == made.public_pem
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}
    rsa.add_key(made.public_pem, old=False)
    assert rsa.encrypt(made.fingerprint, b"secret") is not None


class ByHand:
    """The client's side of one exchange, step by step."""

    def __init__(self) -> None:
        self.handshake = Handshake(server_key())
        self.nonce = int.from_bytes(secrets.token_bytes(16), "little", signed=True)
        self.new_nonce = int.from_bytes(secrets.token_bytes(32), "little", signed=True)

    def say(self, request: Any) -> Any:
        return BinaryReader(self.handshake.receive(bytes(request))).tgread_object()

    def ask_pq(self) -> None:
        offer = self.say(functions.ReqPqMultiRequest(self.nonce))
        self.server_nonce = offer.server_nonce
        self.fingerprint = offer.server_public_key_fingerprints[0]
        self.pq = int.from_bytes(offer.pq, "big")
        self.p = next(number for number in range(2, self.pq) if self.pq % number == 0)
        self.q = self.pq // self.p

    def ask_dh(self, *, p: int | None = None) -> Any:
        names = [number.to_bytes(4, "big").lstrip(b"\0") for number in (self.pq, p or self.p, self.q)]
        inner = types.PQInnerData(*names, self.nonce, self.server_nonce, self.new_nonce)
        block = rsa.encrypt(self.fingerprint, bytes(inner))
        answer = self.say(
            functions.ReqDHParamsRequest(
                self.nonce, self.server_nonce, names[1], names[2], self.fingerprint, block
            )
        )
        self.aes = generate_key_data_from_nonce(self.server_nonce, self.new_nonce)
        plain = AES.decrypt_ige(answer.encrypted_answer, *self.aes)
        return BinaryReader(plain[20:]).tgread_object()

    def set_dh(self, g_b: int) -> Any:
        inner = bytes(types.ClientDHInnerData(self.nonce, self.server_nonce, 0, g_b.to_bytes(256, "big")))
        encrypted = AES.encrypt_ige(hashlib.sha1(inner, usedforsecurity=False).digest() + inner, *self.aes)
        return self.say(functions.SetClientDHParamsRequest(self.nonce, self.server_nonce, encrypted))


def test_a_key_that_starts_with_a_zero_byte_is_tried_again() -> None:
    client = ByHand()
    client.ask_pq()
    g_a = int.from_bytes(client.ask_dh().g_a, "big")
    b = next(b for b in range(2000, 60_000) if pow(g_a, b, DH_PRIME) < 1 << 2040)
    verdict = client.set_dh(pow(GENERATOR, b, DH_PRIME))
    assert isinstance(verdict, types.DhGenRetry)
    shared = pow(g_a, b, DH_PRIME)
    # Telethon computes the proof from the key without its zeros, and must find it right.
    key = AuthKey(shared.to_bytes((shared.bit_length() + 7) // 8, "big"))
    assert verdict.new_nonce_hash2 == key.calc_new_nonce_hash(client.new_nonce, 2)
    assert client.handshake.agreed_key is None
    client.ask_pq()
    client.ask_dh()
    assert isinstance(client.set_dh(pow(GENERATOR, 3**200, DH_PRIME)), types.DhGenOk | types.DhGenRetry)


@pytest.mark.parametrize("g_b", [1, DH_PRIME - 1, 3**1000])
def test_a_weak_half_of_the_key_is_refused(g_b: int) -> None:
    client = ByHand()
    client.ask_pq()
    client.ask_dh()
    assert isinstance(client.set_dh(g_b), types.DhGenFail)
    assert client.handshake.agreed_key is None


def test_an_exchange_out_of_order_or_with_wrong_factors_ends() -> None:
    client = ByHand()
    with pytest.raises(HandshakeError):
        client.handshake.receive(b"\0" * 20)
    client.ask_pq()
    with pytest.raises(HandshakeError, match="factors"):
        client.ask_dh(p=client.p + 2)
    client.aes = (bytes(32), bytes(32))
    with pytest.raises(HandshakeError, match="next step"):
        client.set_dh(GENERATOR)
