"""Performing a sign-in, one step at a time. Only the worker imports this module."""

import asyncio
import base64
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from django.utils import timezone
from telethon import events, functions, password, types

from pult.core.jobs import in_database
from pult.core.telegram.errors import (
    AccountBusy,
    AccountLost,
    GatewayError,
    LeaseLost,
    NoAnswer,
    RequestRefused,
)
from pult.core.telegram.gateway.client import Credentials, TelegramConnection
from pult.core.telegram.gateway.profile import own_profile
from pult.core.telegram.gateway.session_lock import SessionLock, hold_session
from pult.core.telegram.gateway.translation import user_of
from pult.core.telegram.operations import sign_in_steps as steps
from pult.core.telegram.operations.sign_in_steps import Step
from pult.core.telegram.rules.sign_ins import outcome_of
from pult.core.telegram.values import TelegramUser

# Sending a code may lead through another data centre first.
SEND_WITHIN_SECONDS = 45.0
QR_SHOWN_SECONDS = 180.0
QR_REFRESH_SECONDS = 25.0
LOOK_EVERY_SECONDS = 2.0

_WAYS = {
    types.auth.SentCodeTypeApp: "app",
    types.auth.SentCodeTypeSms: "sms",
    types.auth.SentCodeTypeFirebaseSms: "sms",
    types.auth.SentCodeTypeSmsWord: "sms",
    types.auth.SentCodeTypeSmsPhrase: "sms",
    types.auth.SentCodeTypeEmailCode: "email",
    types.auth.SentCodeTypeFragmentSms: "fragment",
    types.auth.SentCodeTypeCall: "call",
    types.auth.SentCodeTypeFlashCall: "call",
    types.auth.SentCodeTypeMissedCall: "call",
}

log = structlog.get_logger(__name__)


async def advance_sign_in(sign_in: Any) -> None:
    """Do the next step of a sign-in (its UUID). Raises AccountBusy while another worker is at it."""
    async with hold_session(sign_in, wait_seconds=10.0) as lock:
        step = await in_database(steps.open_step, sign_in_id=sign_in, now=timezone.now())
        if step is None:
            return
        try:
            user, session = await _perform(step, lock)
        except LeaseLost:
            # Another worker may have taken the sign-in over: it writes down how it goes on.
            raise AccountBusy(str(sign_in)) from None
        except GatewayError as error:
            log.info("sign_in.stopped", sign_in=str(sign_in), error=type(error).__name__, reason=str(error))
            await in_database(
                steps.stop_step, sign_in_id=sign_in, outcome=outcome_of(error), now=timezone.now()
            )
            return
        if user is not None:
            # The connection is closed by now, so the account may be leased the moment it is stored.
            await in_database(
                steps.finish_sign_in, sign_in_id=sign_in, user=user, session=session, now=timezone.now()
            )


async def _perform(step: Step, lock: SessionLock) -> tuple[TelegramUser | None, str]:
    """The signed-in user, or None when the sign-in now waits for its person; and the session as it is then."""
    credentials = Credentials(step.api_id, step.api_hash, step.session, step.proxy)
    connection = TelegramConnection(credentials, lost=lock.lost)
    try:
        await connection.open()
        await in_database(steps.keep_half_session, sign_in_id=step.sign_in_id, session=connection.session)
        user = await _already_signed_in(connection) if step.session else None
        if user is None:
            user = await _take_step(connection, step)
        session = connection.session
    finally:
        await connection.close()
    if user is None:
        # The data centre may have changed on the way, and the key with it.
        await in_database(steps.keep_half_session, sign_in_id=step.sign_in_id, session=session)
    return user, session


async def _already_signed_in(connection: TelegramConnection) -> TelegramUser | None:
    """A worker that was killed may have signed in before it could write that down."""
    try:
        return await own_profile(connection)
    except AccountLost:
        return None
    except RequestRefused as error:
        if error.error == "SESSION_PASSWORD_NEEDED":
            return None
        raise


async def _take_step(connection: TelegramConnection, step: Step) -> TelegramUser | None:
    try:
        if step.state == "checking_password":
            return await _check_password(connection, step)
        if step.method == "qr":
            return await _show_qr(connection, step)
        if step.state == "checking_code":
            return await _check_code(connection, step)
        return await _send_code(connection, step)
    except RequestRefused as error:
        if error.error != "SESSION_PASSWORD_NEEDED":
            raise
    await _want_password(connection, step)
    return None


async def _send_code(connection: TelegramConnection, step: Step) -> TelegramUser | None:
    request = functions.auth.SendCodeRequest(step.phone, step.api_id, step.api_hash, types.CodeSettings())
    sent = await connection.ask(request, within=SEND_WITHIN_SECONDS)
    if isinstance(sent, types.auth.SentCodeSuccess):
        return _user_in(sent.authorization)
    if not isinstance(sent, types.auth.SentCode):
        raise RequestRefused("SEND_CODE_UNAVAILABLE")
    if isinstance(sent.type, types.auth.SentCodeTypeSetUpEmailRequired):
        raise RequestRefused("EMAIL_NEEDED")
    await in_database(
        steps.want_code,
        sign_in_id=step.sign_in_id,
        code_hash=sent.phone_code_hash,
        way=_WAYS.get(type(sent.type), "app"),
        now=timezone.now(),
    )
    return None


async def _check_code(connection: TelegramConnection, step: Step) -> TelegramUser | None:
    if not step.code_hash:
        raise RequestRefused("PHONE_CODE_EXPIRED")
    request = functions.auth.SignInRequest(step.phone, step.code_hash, step.code)
    return _user_in(await connection.ask(request, within=SEND_WITHIN_SECONDS))


async def _check_password(connection: TelegramConnection, step: Step) -> TelegramUser | None:
    settings = await connection.ask(functions.account.GetPasswordRequest())
    # 100,000 rounds of PBKDF2 and a big exponentiation: not on the event loop.
    proof = await asyncio.to_thread(password.compute_check, settings, step.password)
    try:
        return _user_in(await connection.ask(functions.auth.CheckPasswordRequest(proof)))
    except RequestRefused as error:
        if error.error != "PASSWORD_HASH_INVALID":
            raise
    await _want_password(connection, step, problem="wrong_password")
    return None


async def _want_password(connection: TelegramConnection, step: Step, *, problem: str = "") -> None:
    settings = await connection.ask(functions.account.GetPasswordRequest())
    await in_database(
        steps.want_password,
        sign_in_id=step.sign_in_id,
        hint=settings.hint or "",
        problem=problem,
        now=timezone.now(),
    )


async def _show_qr(connection: TelegramConnection, step: Step) -> TelegramUser | None:
    """Show codes, each for about 25 seconds, until one is scanned; holds the connection for three minutes at most."""
    scanned = asyncio.Event()

    async def notice(_update: Any) -> None:
        scanned.set()

    connection.client.add_event_handler(notice, events.Raw(types.UpdateLoginToken))
    end = time.monotonic() + QR_SHOWN_SECONDS
    while time.monotonic() < end:
        scanned.clear()
        token = await _login_token(connection, step)
        if isinstance(token, types.auth.LoginTokenSuccess):
            return _user_in(token.authorization)
        wanted = await in_database(
            steps.show_qr,
            sign_in_id=step.sign_in_id,
            link=_link(token.token),
            until=token.expires,
            now=timezone.now(),
        )
        if not wanted:
            return None
        lives = (token.expires - datetime.now(UTC)).total_seconds() - 2
        if not await _scanned_or_refresh(connection, step, scanned, min(QR_REFRESH_SECONDS, max(lives, 3.0))):
            return None
    raise RequestRefused("QR_UNSEEN")


async def _login_token(connection: TelegramConnection, step: Step) -> Any:
    request = functions.auth.ExportLoginTokenRequest(step.api_id, step.api_hash, except_ids=[])
    token = await connection.ask(request)
    if isinstance(token, types.auth.LoginTokenMigrateTo):
        await connection.move_to(token.dc_id)
        token = await connection.ask(functions.auth.ImportLoginTokenRequest(token.token))
    return token


async def _scanned_or_refresh(
    connection: TelegramConnection, step: Step, scanned: asyncio.Event, seconds: float
) -> bool:
    """Wait for the scan or for the time of the next code; False when the person has given up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not scanned.is_set():
        if not connection.usable:
            raise NoAnswer("network")
        try:
            await asyncio.wait_for(scanned.wait(), LOOK_EVERY_SECONDS)
        except TimeoutError:
            if not await in_database(steps.still_wanted, sign_in_id=step.sign_in_id):
                return False
    return True


def _link(token: bytes) -> str:
    """What the QR code says (core.telegram.org/api/qr-login): the token in URL-safe base64 without padding."""
    return f"tg://login?token={base64.urlsafe_b64encode(token).decode().rstrip('=')}"


def _user_in(authorization: Any) -> TelegramUser:
    if isinstance(authorization, types.auth.AuthorizationSignUpRequired):
        raise RequestRefused("PHONE_NUMBER_UNOCCUPIED")
    user = user_of(authorization.user)
    if user is None:
        raise NoAnswer("server")
    return user
