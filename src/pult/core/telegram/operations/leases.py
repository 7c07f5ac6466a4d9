"""What a lease reads and writes. Called by the gateway, which holds the session's lock."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from pult.core.secrets import UnableToReveal, reveal, seal_for
from pult.core.telegram.models import Account

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LeasedRow:
    """What it takes to connect an account."""

    account_id: UUID
    label: str
    telegram_user_id: int
    numbers_per_call: int
    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(repr=False)
    own_contacts: str = field(repr=False)
    proxy: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why an account cannot be leased."""

    state: str
    reason: str


def open_lease(
    *, account_id: UUID, now: datetime, state: Account.State = Account.State.CONNECTED
) -> LeasedRow | Unusable:
    """Reveal the session of an account in this state for the worker that holds its lock; the reveal is logged."""
    account = Account.objects.select_related("key_pair").filter(pk=account_id).first()
    if account is None:
        return Unusable("removed", "")
    if account.state != state:
        return Unusable(account.state, account.state_reason)
    if account.simulated != settings.TELEGRAM.simulated:
        return Unusable(Account.State.SWITCHED_OFF, "other_world")
    try:
        row = LeasedRow(
            account_id=account.pk,
            label=account.label,
            telegram_user_id=account.telegram_user_id,
            numbers_per_call=account.numbers_per_call,
            api_id=account.key_pair.api_id,
            api_hash=reveal(account.key_pair, "api_hash"),
            session=reveal(account, "session"),
            own_contacts="" if account.own_contacts is None else reveal(account, "own_contacts"),
            proxy="" if account.proxy is None else reveal(account, "proxy"),
        )
    except UnableToReveal as error:
        log.error("session.not_revealed", account=str(account_id), reason=str(error))
        return Unusable(Account.State.NEEDS_SIGN_IN, "not_secured")
    Account.objects.filter(pk=account_id).update(last_used_at=now)
    log.info("session.revealed", account=str(account_id), purpose="lease")
    return row


def keep_own_contacts(*, account_id: UUID, snapshot: str) -> None:
    """Keep the names of the account's own contacts, sealed."""
    sealed = seal_for(Account, account_id, "own_contacts", snapshot)
    Account.objects.filter(pk=account_id).update(own_contacts=sealed)


@transaction.atomic
def replace_session(*, account_id: UUID, before: str, session: str) -> bool:
    """Store a session that changed while connected; not over one that a new sign-in stored meanwhile."""
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None or reveal(account, "session") != before:
        return False
    sealed = seal_for(Account, account_id, "session", session)
    Account.objects.filter(pk=account_id).update(session=sealed)
    return True
