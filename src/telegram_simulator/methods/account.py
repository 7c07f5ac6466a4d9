"""account.*: the 2FA password's question, and the sessions of an account."""

import secrets
from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import account as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world.keys import Key
from telegram_simulator.world.passwords import GENERATOR, PRIME_BYTES


@method(fn.GetPasswordRequest, needs_sign_in=False)
def get_password(call: Call) -> Any:
    account_id = call.key.pending_account_id or call.key.account_id
    if account_id is None:
        raise RpcError(401, "AUTH_KEY_UNREGISTERED")
    challenge = call.world.accounts.challenge(account_id)
    new_algorithm = _algorithm(secrets.token_bytes(8), secrets.token_bytes(16))
    answer = tl.account.Password(
        new_algo=new_algorithm,
        new_secure_algo=tl.SecurePasswordKdfAlgoUnknown(),
        secure_random=secrets.token_bytes(256),
    )
    if challenge is not None:
        call.challenges[call.key.id] = challenge
        answer.has_password = True
        answer.current_algo = _algorithm(challenge.salt1, challenge.salt2)
        answer.srp_B = challenge.srp_b
        answer.srp_id = challenge.srp_id
        answer.hint = "shown on the simulator's page"
    return answer


@method(fn.GetAuthorizationsRequest)
def get_authorizations(call: Call) -> Any:
    keys = call.world.keys.of_account(call.account.id)
    return tl.account.Authorizations(
        authorization_ttl_days=180, authorizations=[_authorization(key, call) for key in keys]
    )


@method(fn.ResetAuthorizationRequest)
def reset_authorization(call: Call) -> Any:
    for key in call.world.keys.of_account(call.account.id):
        if key.id != call.key.id and key.authorization_hash == call.request.hash:
            call.world.keys.end(key.id, "SESSION_REVOKED")
            return True
    raise RpcError(400, "HASH_INVALID")


def _authorization(key: Key, call: Call) -> Any:
    current = key.id == call.key.id
    return tl.Authorization(
        hash=0 if current else key.authorization_hash, device_model="Simulated device", platform="Simulator",
        system_version="1", api_id=key.api_id or 0, app_name="Client of the simulator", app_version="1",
        date_created=entities.moment(key.created_at), date_active=entities.moment(key.active_at), ip="127.0.0.1",
        country="Simulated world", region="", current=current or None,
    )  # fmt: skip


def _algorithm(salt1: bytes, salt2: bytes) -> Any:
    return tl.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        salt1=salt1, salt2=salt2, g=GENERATOR, p=PRIME_BYTES
    )
