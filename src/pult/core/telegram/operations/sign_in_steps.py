"""What the worker writes down while it performs a sign-in. Called by the gateway, which holds the sign-in's lock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from pult.core.audit.operations import record
from pult.core.jobs import enqueue
from pult.core.live import publish
from pult.core.secrets import UnableToReveal, reveal, seal
from pult.core.telegram.events import account_became_usable
from pult.core.telegram.models import Account, RetiredSession, SignIn
from pult.core.telegram.operations.accounts import retire_session
from pult.core.telegram.operations.sign_ins import LIFE, end_sign_in
from pult.core.telegram.rules.proxies import read_proxy
from pult.core.telegram.rules.sign_ins import Outcome, phone_hint
from pult.core.telegram.values import TelegramUser

State = SignIn.State
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What the worker needs for the next step; texts are empty where nothing was typed."""

    sign_in_id: UUID
    method: str
    state: str
    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(repr=False)
    phone: str = field(repr=False)
    code: str = field(repr=False)
    code_hash: str = field(repr=False)
    password: str = field(repr=False)
    proxy: str = field(repr=False)


@transaction.atomic
def open_step(*, sign_in_id: UUID, now: datetime) -> Step | None:
    """What is to be done now; None when the sign-in waits for its person, is over, or is gone."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.state not in SignIn.WITH_WORKER:
        return None
    if sign_in.expires_at <= now:
        end_sign_in(sign_in, State.EXPIRED)
        return None
    try:
        secrets = {
            column: "" if getattr(sign_in, column) is None else reveal(sign_in, column)
            for column in ("session", "phone", "code", "code_hash", "password", "proxy")
        }
        api_hash = reveal(sign_in.key_pair, "api_hash")
    except UnableToReveal as error:
        log.error("sign_in.not_revealed", sign_in=str(sign_in_id), reason=str(error))
        end_sign_in(sign_in, State.FAILED, problem="not_secured")
        return None
    return Step(
        sign_in_id=sign_in.pk,
        method=sign_in.method,
        state=sign_in.state,
        api_id=sign_in.key_pair.api_id,
        api_hash=api_hash,
        **secrets,
    )


@transaction.atomic
def keep_half_session(*, sign_in_id: UUID, session: str) -> bool:
    """Keep the session as it is now, before anything depends on it. False when the sign-in is over."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.over:
        return False
    seal(sign_in, "session", session)
    sign_in.save(update_fields=["session"])
    return True


@transaction.atomic
def want_code(*, sign_in_id: UUID, code_hash: str, way: str, now: datetime) -> None:
    """A code is on its way ("app", "sms", "email" …)."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.state != State.STARTING:
        return
    seal(sign_in, "code_hash", code_hash)
    sign_in.code, sign_in.code_way = None, way
    _want(sign_in, State.CODE_WANTED, now)


@transaction.atomic
def want_password(*, sign_in_id: UUID, hint: str, problem: str = "", now: datetime) -> None:
    """The account has two-step verification; `hint` is what its owner wrote to remember the password."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.state not in SignIn.WITH_WORKER:
        return
    sign_in.code = sign_in.code_hash = sign_in.password = sign_in.qr_link = None
    sign_in.password_hint, sign_in.problem = hint[:255], problem
    _want(sign_in, State.PASSWORD_WANTED, now)


@transaction.atomic
def show_qr(*, sign_in_id: UUID, link: str, until: datetime, now: datetime) -> bool:
    """Show this link as a QR code until it expires. False when nobody wants it any more."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.state not in {State.STARTING, State.SCAN_WANTED}:
        return False
    seal(sign_in, "qr_link", link)
    sign_in.qr_until = until
    _want(sign_in, State.SCAN_WANTED, now)
    return True


def still_wanted(*, sign_in_id: UUID) -> bool:
    """Whether the QR code is still to be shown."""
    return SignIn.objects.filter(pk=sign_in_id, state=State.SCAN_WANTED).exists()


@transaction.atomic
def stop_step(*, sign_in_id: UUID, outcome: Outcome, now: datetime) -> None:
    """A step failed: write down what the person can do now. What cannot be right is erased, the rest is kept."""
    sign_in = _open(sign_in_id)
    if sign_in is None or sign_in.state not in SignIn.WITH_WORKER:
        return
    if outcome.state == State.FAILED:
        end_sign_in(sign_in, State.FAILED, problem=outcome.problem)
        return
    sign_in.qr_link = None
    if outcome.state != State.PAUSED:
        sign_in.code = sign_in.password = None
    if outcome.problem == "session_lost":
        sign_in.session = sign_in.code = sign_in.code_hash = sign_in.password = None
    sign_in.problem = outcome.problem
    seconds = outcome.wait_seconds
    sign_in.wait_until = None if seconds is None else now + timedelta(seconds=seconds)
    _want(sign_in, State(outcome.state), now)


@transaction.atomic
def finish_sign_in(*, sign_in_id: UUID, user: TelegramUser, session: str, now: datetime) -> Account | None:
    """Make an account of a session that is signed in, or heal the account that the same person had.

    None when the sign-in was given up meanwhile, or the account belongs to a colleague: the session is then ended.
    """
    sign_in = _open(sign_in_id)
    if sign_in is None:
        return None
    if sign_in.over:
        _give_back(sign_in, session, now)
        return None
    account = _account_for(sign_in, user, session, now)
    if account is None:
        _give_back(sign_in, session, now)
        end_sign_in(sign_in, State.FAILED, problem="belongs_to_another")
        return None
    sign_in.account = account
    end_sign_in(sign_in, State.FINISHED)
    publish(f"account:{account.pk}")
    publish(f"person:{sign_in.person_id}")
    record(
        action="account.connected",
        actor=sign_in.person,
        now=now,
        object_type="account",
        object_id=account.pk,
        method=sign_in.method,
    )
    transaction.on_commit(lambda: account_became_usable.send(sender=Account, account_id=account.pk))
    return account


def _account_for(sign_in: SignIn, user: TelegramUser, session: str, now: datetime) -> Account | None:
    """The stored account with the new session, or None when it is a colleague's."""
    account = _find(sign_in, user)
    if account is None:
        account = Account(
            owner=sign_in.person,
            telegram_user_id=user.id,
            simulated=sign_in.key_pair.simulated,
            shared=sign_in.shared,
        )
        _renew(account, sign_in, user, session, now)
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError:
            # Somebody connected the same user in this very moment.
            account = _find(sign_in, user)
        else:
            return account
    if account is None or account.owner_id != sign_in.person_id:
        return None
    retire_session(account=account, now=now)
    _renew(account, sign_in, user, session, now)
    account.shared = account.shared or sign_in.shared
    account.save()
    return account


def _find(sign_in: SignIn, user: TelegramUser) -> Account | None:
    return (
        Account.objects.select_for_update()
        .filter(telegram_user_id=user.id, simulated=sign_in.key_pair.simulated)
        .first()
    )


def _renew(account: Account, sign_in: SignIn, user: TelegramUser, session: str, now: datetime) -> None:
    account.key_pair = sign_in.key_pair
    account.name = f"{user.first_name} {user.last_name}".strip()[:200]
    account.username = user.usernames[0][:64] if user.usernames else ""
    account.phone_hint = phone_hint(str(user.phone)) if user.phone else sign_in.phone_hint
    account.state, account.state_reason = Account.State.CONNECTED, ""
    account.connected_at, account.probes = now, 0
    seal(account, "session", session)
    if sign_in.proxy is not None:
        # Without one the account keeps the proxy that it had before.
        proxy = read_proxy(reveal(sign_in, "proxy"))
        seal(account, "proxy", proxy.address)
        account.proxy_hint = proxy.hint


def _give_back(sign_in: SignIn, session: str, now: datetime) -> None:
    retired = RetiredSession(key_pair=sign_in.key_pair, held_as=sign_in.pk, created_at=now)
    seal(retired, "session", session)
    if sign_in.proxy is not None:
        seal(retired, "proxy", reveal(sign_in, "proxy"))
    retired.save()
    enqueue("telegram.end_session", retired_session_id=str(retired.pk))


def _open(sign_in_id: UUID) -> SignIn | None:
    return (
        SignIn.objects.select_for_update(of=("self",))
        .select_related("key_pair", "person")
        .filter(pk=sign_in_id)
        .first()
    )


def _want(sign_in: SignIn, state: State, now: datetime) -> None:
    sign_in.state = state
    sign_in.expires_at = now + LIFE
    sign_in.save()
    publish(f"sign-in:{sign_in.pk}")
