"""Looking after accounts that Telegram restricts: when, and what came of it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from pult.core.audit.operations import record
from pult.core.jobs import enqueue
from pult.core.live import publish
from pult.core.telegram.events import account_became_usable
from pult.core.telegram.models import Account
from pult.core.telegram.rules.probes import WHILE_LOOKING, wait_before

JOB = "telegram.probe_account"
# A healed account begins with a few numbers: Telegram has just forgiven it.
NUMBERS_AT_FIRST = 5


@transaction.atomic
def send_probes(*, now: datetime) -> int:
    """Let the worker look at every restricted account whose time has come; returns at how many."""
    restricted = Account.objects.select_for_update(skip_locked=True).filter(
        state=Account.State.RESTRICTED, simulated=settings.TELEGRAM.simulated
    )
    # Restricted by an earlier version of Pult: nobody has set a time yet.
    restricted.filter(probe_at=None).update(probe_at=now + wait_before(0))
    due = list(restricted.filter(probe_at__lte=now).order_by("pk").values_list("pk", flat=True))
    Account.objects.filter(pk__in=due).update(probe_at=now + WHILE_LOOKING)
    for account_id in due:
        enqueue(JOB, queueing_lock=f"{JOB}:{account_id}", account_id=str(account_id))
    return len(due)


@transaction.atomic
def heal_account(*, account_id: UUID, now: datetime) -> bool:
    """Nothing that can be seen restricts the account any more: it is used again. False when it was not restricted."""
    healed = Account.objects.filter(pk=account_id, state=Account.State.RESTRICTED).update(
        state=Account.State.CONNECTED, state_reason="", probe_at=now, probes=F("probes") + 1
    )
    if not healed:
        return False
    account = Account.objects.get(pk=account_id)
    account.budgets.update(call_size=Least(F("call_size"), NUMBERS_AT_FIRST))
    record(action="account.healed", actor=None, now=now, object_type="account", object_id=account_id)
    publish(f"account:{account_id}")
    transaction.on_commit(lambda: account_became_usable.send(sender=Account, account_id=account_id))
    return True


@transaction.atomic
def look_again(*, account_id: UUID, now: datetime, reason: str = "", after: timedelta | None = None) -> None:
    """It is still restricted, for `reason`; the next look comes later each time.

    With `after` nobody knows anything new, and the look is repeated then.
    """
    account = (
        Account.objects.select_for_update().filter(pk=account_id, state=Account.State.RESTRICTED).first()
    )
    if account is None:
        return
    if after is None:
        account.probes += 1
    account.probe_at = now + (wait_before(account.probes) if after is None else after)
    account.state_reason = reason or account.state_reason
    account.save(update_fields=["probes", "probe_at", "state_reason"])
    publish(f"account:{account_id}")


@transaction.atomic
def lose_restricted(*, account_id: UUID, state: str, reason: str, now: datetime) -> None:
    """The look showed that the session is gone: `state` is needs_sign_in or banned."""
    changed = Account.objects.filter(pk=account_id, state=Account.State.RESTRICTED).update(
        state=state, state_reason=reason, probe_at=None
    )
    if changed:
        record(
            action=f"account.{state}",
            actor=None,
            now=now,
            object_type="account",
            object_id=account_id,
            reason=reason,
        )
        publish(f"account:{account_id}")
