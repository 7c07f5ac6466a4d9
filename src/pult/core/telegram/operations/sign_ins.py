"""Verbs of a person who connects an account. They only write rows; the worker talks to Telegram."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from pult.core.audit.operations import record
from pult.core.jobs import enqueue, ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.secrets import seal
from pult.core.telegram.models import SignIn
from pult.core.telegram.operations.proxies import usable_proxy
from pult.core.telegram.queries import key_pairs, open_sign_ins, sign_ins_of
from pult.core.telegram.rules.proxies import UnableToReadProxy
from pult.core.telegram.rules.sign_ins import code_typed, phone_digits, phone_hint

LIFE = timedelta(minutes=15)
KEEP_AFTERWARDS = timedelta(days=7)
JOB = "telegram.advance_sign_in"
State = SignIn.State


class UnableToSignIn(Exception):
    """The step cannot be taken; `field` names what to correct, the text says how."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class UnableToStartSignIn(UnableToSignIn):
    """A sign-in cannot be started so."""


class UnableToContinueSignIn(UnableToSignIn):
    """The sign-in does not wait for this, or what was given cannot be right."""


@transaction.atomic
def start_sign_in(
    *,
    key_pair_id: UUID,
    method: str,
    actor: Person,
    now: datetime,
    phone: str = "",
    shared: bool = False,
    proxy: str = "",
) -> SignIn:
    """Begin to connect an account by "code" (with a phone number) or "qr". Raises UnableToStartSignIn.

    `proxy` is the address of the account's proxy as it was typed: the sign-in goes through it already.
    """
    if not actor.may("telegram.accounts"):
        raise UnableToStartSignIn(_("Your role does not allow to connect accounts."))
    pair = key_pairs().filter(pk=key_pair_id).first()
    if pair is None:
        raise UnableToStartSignIn(_("Choose a key pair."), field="key_pair")
    if method not in SignIn.Method.values:
        raise UnableToStartSignIn(_("Choose how to sign in."), field="method")
    sign_in = SignIn(
        person=actor, key_pair=pair, method=method, shared=shared, created_at=now, expires_at=now + LIFE
    )
    if method == SignIn.Method.CODE:
        _set_phone(sign_in, phone, UnableToStartSignIn)
    if proxy.strip():
        try:
            seal(sign_in, "proxy", usable_proxy(proxy, actor=actor).address)
        except UnableToReadProxy as unreadable:
            raise UnableToStartSignIn(str(unreadable), field="proxy") from unreadable
    sign_in.save(force_insert=True)
    record(
        action="sign_in.started",
        actor=actor,
        now=now,
        object_type="sign_in",
        object_id=sign_in.pk,
        method=method,
    )
    _to_worker(sign_in)
    return sign_in


@transaction.atomic
def give_phone(*, sign_in_id: UUID, phone: str, actor: Person, now: datetime) -> SignIn:
    """Correct the phone number; a code is then sent to it. Raises UnableToContinueSignIn."""
    sign_in = _waiting(sign_in_id, actor, {State.PHONE_WANTED})
    _set_phone(sign_in, phone, UnableToContinueSignIn)
    sign_in.code_hash = sign_in.code = None
    return _go_on(sign_in, State.STARTING, now)


@transaction.atomic
def give_code(*, sign_in_id: UUID, code: str, actor: Person, now: datetime) -> SignIn:
    """Hand in the code that Telegram sent. Raises UnableToContinueSignIn."""
    sign_in = _waiting(sign_in_id, actor, {State.CODE_WANTED})
    typed = code_typed(code)
    if not typed or len(typed) > 32:
        raise UnableToContinueSignIn(_("Type the code from Telegram's message."), field="code")
    seal(sign_in, "code", typed)
    return _go_on(sign_in, State.CHECKING_CODE, now)


@transaction.atomic
def give_password(*, sign_in_id: UUID, password: str, actor: Person, now: datetime) -> SignIn:
    """Hand in the password of two-step verification. Raises UnableToContinueSignIn."""
    sign_in = _waiting(sign_in_id, actor, {State.PASSWORD_WANTED})
    if not password:
        raise UnableToContinueSignIn(_("Type the password of two-step verification."), field="password")
    seal(sign_in, "password", password)
    return _go_on(sign_in, State.CHECKING_PASSWORD, now)


@transaction.atomic
def try_again(*, sign_in_id: UUID, actor: Person, now: datetime) -> SignIn:
    """After a pause go on with what was typed; while a code is wanted, ask for a new one; show a new QR code.

    Raises UnableToContinueSignIn, also while Telegram's pause lasts.
    """
    sign_in = _waiting(sign_in_id, actor, {State.PAUSED, State.CODE_WANTED})
    if sign_in.wait_until is not None and sign_in.wait_until > now:
        raise UnableToContinueSignIn(_("Telegram's pause is not over yet."))
    if sign_in.password is not None:
        return _go_on(sign_in, State.CHECKING_PASSWORD, now)
    if sign_in.state == State.PAUSED and sign_in.code is not None:
        return _go_on(sign_in, State.CHECKING_CODE, now)
    sign_in.code = sign_in.code_hash = None
    return _go_on(sign_in, State.STARTING, now)


@transaction.atomic
def cancel_sign_in(*, sign_in_id: UUID, actor: Person, now: datetime) -> SignIn:
    """Give up; everything typed is erased. A sign-in that is over stays as it is. Raises UnableToContinueSignIn."""
    sign_in = _mine(sign_in_id, actor)
    if not sign_in.over:
        end_sign_in(sign_in, State.CANCELLED)
        record(action="sign_in.cancelled", actor=actor, now=now, object_type="sign_in", object_id=sign_in.pk)
    return sign_in


@transaction.atomic
def sweep_sign_ins(*, now: datetime) -> int:
    """Expire abandoned sign-ins and wake those whose worker died; forget old ones. Returns how many expired."""
    expired = list(
        open_sign_ins().filter(expires_at__lte=now).select_for_update(skip_locked=True).order_by("pk")
    )
    for sign_in in expired:
        end_sign_in(sign_in, State.EXPIRED)
    for sign_in_id in open_sign_ins().filter(state__in=SignIn.WITH_WORKER).values_list("pk", flat=True):
        _enqueue(sign_in_id)
    SignIn.objects.filter(state__in=SignIn.OVER, created_at__lt=now - KEEP_AFTERWARDS).delete()
    return len(expired)


def end_sign_in(sign_in: SignIn, state: str, *, problem: str = "") -> None:
    """Store a final state and erase every secret of the sign-in; inside the caller's transaction."""
    sign_in.state, sign_in.problem, sign_in.wait_until = state, problem, None
    sign_in.phone = sign_in.code = sign_in.code_hash = sign_in.password = None
    sign_in.qr_link = sign_in.session = sign_in.qr_until = sign_in.proxy = None
    sign_in.password_hint = ""
    sign_in.save()
    publish(f"sign-in:{sign_in.pk}")


def _mine(sign_in_id: UUID, actor: Person) -> SignIn:
    sign_in = sign_ins_of(actor).filter(pk=sign_in_id).select_for_update(of=("self",)).first()
    if sign_in is None:
        raise UnableToContinueSignIn(_("This sign-in is not there any more. Start again."))
    return sign_in


def _waiting(sign_in_id: UUID, actor: Person, states: set[State]) -> SignIn:
    sign_in = _mine(sign_in_id, actor)
    if sign_in.state not in states:
        raise UnableToContinueSignIn(_("This sign-in does not wait for that now. Look at its page again."))
    return sign_in


def _set_phone(sign_in: SignIn, phone: str, failure: type[UnableToSignIn]) -> None:
    digits = phone_digits(phone)
    if digits is None:
        raise failure(_("Type the number with its country code, such as +49 151 23456789."), field="phone")
    seal(sign_in, "phone", digits)
    sign_in.phone_hint = phone_hint(digits)


def _go_on(sign_in: SignIn, state: State, now: datetime) -> SignIn:
    sign_in.state, sign_in.problem, sign_in.wait_until = state, "", None
    sign_in.expires_at = now + LIFE
    sign_in.save()
    _to_worker(sign_in)
    return sign_in


def _to_worker(sign_in: SignIn) -> None:
    _enqueue(sign_in.pk)
    ring_soon()
    publish(f"sign-in:{sign_in.pk}")


def _enqueue(sign_in_id: UUID) -> None:
    enqueue(JOB, queueing_lock=f"sign-in:{sign_in_id}", sign_in_id=str(sign_in_id))
