"""auth.*: signing in by code, by password and by QR, and signing out."""

from typing import Any

from telethon.tl import types as tl
from telethon.tl.functions import auth as fn

from telegram_simulator.methods import entities
from telegram_simulator.methods.call import Call, method
from telegram_simulator.mtproto.seam import RpcError
from telegram_simulator.world.accounts import Account
from telegram_simulator.world.limits import Limits
from telegram_simulator.world.people import normalise_phone
from telegram_simulator.world.signins import LoginCode


@method(fn.SendCodeRequest, needs_sign_in=False)
def send_code(call: Call) -> Any:
    _check_key_pair(call)
    return _sent_code(_new_code(call, _phone(call)))


@method(fn.ResendCodeRequest, needs_sign_in=False)
def resend_code(call: Call) -> Any:
    phone = _phone(call)
    _open_code(call, phone)
    return _sent_code(_new_code(call, phone))


@method(fn.CancelCodeRequest, needs_sign_in=False)
def cancel_code(call: Call) -> Any:
    code = _open_code(call, _phone(call))
    call.world.sign_ins.close_code(code.phone_code_hash, "cancelled")
    return True


@method(fn.SignInRequest, needs_sign_in=False)
def sign_in(call: Call) -> Any:
    phone = _phone(call)
    if not call.request.phone_code:
        raise RpcError(400, "PHONE_CODE_EMPTY")
    code = _open_code(call, phone)
    if call.request.phone_code != code.code:
        raise RpcError(400, "PHONE_CODE_INVALID")
    person = call.world.people.by_phone(phone)
    if person is None:
        raise RpcError(400, "PHONE_NUMBER_UNOCCUPIED")
    call.world.sign_ins.close_code(code.phone_code_hash, "used")
    return _enter(call, call.world.accounts.ensure(person.id))


@method(fn.CheckPasswordRequest, needs_sign_in=False)
def check_password(call: Call) -> Any:
    account_id = call.key.pending_account_id
    account = None if account_id is None else call.world.accounts.by_id(account_id)
    if account is None:
        raise RpcError(401, "AUTH_KEY_UNREGISTERED")
    given = call.request.password
    if not isinstance(given, tl.InputCheckPasswordSRP):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    challenge = call.challenges.pop(call.key.id, None)
    if challenge is None or challenge.srp_id != given.srp_id:
        raise RpcError(400, "SRP_ID_INVALID")
    if not challenge.is_answered_by(given.A, given.M1):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    return _authorized(call, account)


@method(fn.ExportLoginTokenRequest, needs_sign_in=False)
def export_login_token(call: Call) -> Any:
    _check_key_pair(call)
    token = call.world.sign_ins.token_for(call.key.id, call.request.api_id, call.now)
    if token.account_id is None:
        return tl.auth.LoginToken(expires=entities.moment(token.expires_at), token=token.token)
    call.world.sign_ins.use_token(token.token)
    return tl.auth.LoginTokenSuccess(_enter(call, call.world.accounts.ensure(token.account_id)))


@method(fn.ImportLoginTokenRequest, needs_sign_in=False)
def import_login_token(call: Call) -> Any:
    """Only needed after a move to another data centre, of which this world has none; answered all the same."""
    token = call.world.sign_ins.token(call.request.token)
    if token is None or token.auth_key_id != call.key.id:
        raise RpcError(400, "AUTH_TOKEN_INVALID")
    if token.account_id is None:
        raise RpcError(400, "AUTH_TOKEN_EXPIRED" if token.expires_at < call.now else "AUTH_TOKEN_INVALID")
    call.world.sign_ins.use_token(token.token)
    return tl.auth.LoginTokenSuccess(_enter(call, call.world.accounts.ensure(token.account_id)))


@method(fn.AcceptLoginTokenRequest)
def accept_login_token(call: Call) -> Any:
    token = call.world.sign_ins.token(call.request.token)
    if token is None:
        raise RpcError(400, "AUTH_TOKEN_INVALID")
    if token.account_id is not None:
        raise RpcError(400, "AUTH_TOKEN_ALREADY_ACCEPTED")
    if token.expires_at < call.now:
        raise RpcError(400, "AUTH_TOKEN_EXPIRED")
    call.world.sign_ins.accept_token(token.token, call.account.id)
    call.pushes.append((token.auth_key_id, token_scanned(call.now)))
    return _scanned_session(call, token.api_id)


def _scanned_session(call: Call, api_id: int) -> Any:
    """What the phone that scanned is told about the session that it has just let in."""
    now = entities.moment(call.now)
    return tl.Authorization(
        hash=0, device_model="Simulated device", platform="Simulator", system_version="1", api_id=api_id,
        app_name="Client of the simulator", app_version="1", date_created=now, date_active=now, ip="127.0.0.1",
        country="Simulated world", region="",
    )  # fmt: skip


def token_scanned(now: float) -> Any:
    """What the client that shows the QR picture is told: ask for the token again."""
    return tl.UpdateShort(update=tl.UpdateLoginToken(), date=entities.moment(now))


@method(fn.LogOutRequest)
def log_out(call: Call) -> Any:
    call.world.keys.sign_out(call.key.id)
    return tl.auth.LoggedOut()


@method(fn.ResetAuthorizationsRequest)
def reset_authorizations(call: Call) -> Any:
    for key in call.world.keys.of_account(call.account.id):
        if key.id != call.key.id:
            call.world.keys.end(key.id, "SESSION_REVOKED")
    return True


def _phone(call: Call) -> str:
    phone = normalise_phone(call.request.phone_number)
    if phone is None:
        raise RpcError(400, "PHONE_NUMBER_INVALID")
    return phone


def _check_key_pair(call: Call) -> None:
    expected = call.world.accounts.api_hash(call.request.api_id)
    if expected is None or expected != call.request.api_hash:
        raise RpcError(400, "API_ID_INVALID")
    call.world.keys.remember_api_id(call.key.id, call.request.api_id)


def _new_code(call: Call, phone: str) -> LoginCode:
    account = call.world.accounts.by_phone(phone)
    if account is not None and account.banned:
        raise RpcError(400, "PHONE_NUMBER_BANNED")
    limit = (account.limits if account else Limits()).codes
    if call.world.buckets.take(phone, "codes", limit, 1, call.now):
        raise RpcError(400, "PHONE_NUMBER_FLOOD")
    return call.world.sign_ins.send_code(phone, call.now)


def _sent_code(code: LoginCode) -> Any:
    return tl.auth.SentCode(
        type=tl.auth.SentCodeTypeApp(len(code.code)), phone_code_hash=code.phone_code_hash, timeout=120
    )


def _open_code(call: Call, phone: str) -> LoginCode:
    if not call.request.phone_code_hash:
        raise RpcError(400, "PHONE_CODE_HASH_EMPTY")
    code = call.world.sign_ins.code(phone, call.request.phone_code_hash)
    if code is None or code.state != "open" or code.expires_at <= call.now:
        raise RpcError(400, "PHONE_CODE_EXPIRED")
    return code


def _enter(call: Call, account: Account) -> Any:
    """The code or the QR was right: sign in, or ask for the 2FA password."""
    if account.banned:
        raise RpcError(400, "PHONE_NUMBER_BANNED")
    if account.password is not None:
        call.world.keys.await_password(call.key.id, account.id)
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return _authorized(call, account)


def _authorized(call: Call, account: Account) -> Any:
    call.world.keys.sign_in(call.key.id, account.id)
    person = call.world.people.must(account.id)
    return tl.auth.Authorization(user=entities.users(call.world, account.id, [person], call.now)[0])
