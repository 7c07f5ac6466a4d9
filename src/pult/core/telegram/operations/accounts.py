"""Verbs on connected accounts: resting, losing, sharing, switching off, removing."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import enqueue, ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.secrets import reveal, seal
from pult.core.telegram.events import account_became_usable, account_leaves
from pult.core.telegram.models import Account, RetiredSession
from pult.core.telegram.queries import accounts_shown_to
from pult.core.telegram.rules.probes import looks_in_a_row, wait_before


class UnableToChangeAccount(Exception):
    """The account is not this person's to change; the text says why and can be shown."""


def rest_account(
    *,
    account_id: UUID,
    now: datetime,
    reason: str,
    until: datetime | None = None,
    seconds: float | None = None,
) -> datetime:
    """Let an account rest `seconds` from `now`, or `until` a time; a rest that lasts longer already stays.

    `reason` is a code of `reasons.WORDS`. Returns until when it rests.
    """
    if (until is None) == (seconds is None):
        raise ValueError("name either until or seconds")
    end = until if until is not None else now + timedelta(seconds=seconds or 0)
    with transaction.atomic():
        Account.objects.filter(pk=account_id).exclude(resting_until__gte=end).update(
            resting_until=end, rest_reason=reason
        )
        _changed(account_id)
        ring_soon()
        kept = Account.objects.filter(pk=account_id).values_list("resting_until", flat=True).first()
    return kept or end


@transaction.atomic
def wake_account(*, account_id: UUID, reason: str) -> bool:
    """End a rest of this reason before its time, because the reason is gone; returns whether there was one."""
    woken = Account.objects.filter(pk=account_id, rest_reason=reason, resting_until__isnull=False).update(
        resting_until=None, rest_reason=""
    )
    if woken:
        _changed(account_id)
        _tell_usable(account_id)
    return bool(woken)


def end_rests(*, now: datetime) -> int:
    """Wake the accounts whose rest is over; returns how many."""
    with transaction.atomic():
        rested = list(
            Account.objects.select_for_update(skip_locked=True)
            .filter(resting_until__lte=now)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        Account.objects.filter(pk__in=rested).update(resting_until=None, rest_reason="")
        for account_id in rested:
            _changed(account_id)
            _tell_usable(account_id)
    return len(rested)


def lose_account(*, account_id: UUID, state: str, reason: str, now: datetime) -> bool:
    """Write down that an account cannot be used: `state` is needs_sign_in, restricted or banned.

    Only a connected account changes, so a late error of an old session cannot hurt a healed one that is switched off.
    Returns whether it changed.
    """
    wanted = Account.State(state)
    if wanted in {Account.State.CONNECTED, Account.State.SWITCHED_OFF}:
        raise ValueError(state)
    with transaction.atomic():
        account = (
            Account.objects.select_for_update(of=("self",))
            .filter(pk=account_id, state=Account.State.CONNECTED)
            .first()
        )
        changed = account is not None
        if account is not None:
            account.state, account.state_reason = wanted, reason
            if wanted == Account.State.RESTRICTED:
                account.probes = looks_in_a_row(account.probes, last=account.probe_at, now=now)
                account.probe_at = now + wait_before(account.probes)
            account.save(update_fields=["state", "state_reason", "probes", "probe_at"])
            record(
                action=f"account.{wanted.value}",
                actor=None,
                now=now,
                object_type="account",
                object_id=account_id,
                reason=reason,
            )
            _changed(account_id)
    return changed


@transaction.atomic
def share_account(*, account_id: UUID, shared: bool, actor: Person, now: datetime) -> Account:
    """Let colleagues' work use the account, or end that. Raises UnableToChangeAccount."""
    account = changeable_account(account_id, actor)
    if account.shared != shared:
        account.shared = shared
        account.save(update_fields=["shared"])
        record(
            action="account.shared" if shared else "account.unshared",
            actor=actor,
            now=now,
            object_type="account",
            object_id=account.pk,
        )
        _changed(account.pk)
        _tell_usable(account.pk)
    return account


@transaction.atomic
def switch_account(*, account_id: UUID, on: bool, actor: Person, now: datetime) -> Account:
    """Switch an account off (work leaves it alone) or on again. Raises UnableToChangeAccount."""
    account = changeable_account(account_id, actor)
    before, after = Account.State.CONNECTED, Account.State.SWITCHED_OFF
    # A restriction has no end that Telegram names: its owner says when to try again.
    allowed = {after, Account.State.RESTRICTED} if on else {before}
    if account.state not in allowed:
        raise UnableToChangeAccount(_("This account cannot be switched in its present state."))
    account.state = before if on else after
    account.state_reason = "" if on else "switched_off"
    account.save(update_fields=["state", "state_reason"])
    record(
        action="account.switched_on" if on else "account.switched_off",
        actor=actor,
        now=now,
        object_type="account",
        object_id=account.pk,
    )
    _changed(account.pk)
    if on:
        _tell_usable(account.pk)
    return account


@transaction.atomic
def remove_account(*, account_id: UUID, actor: Person, now: datetime) -> str:
    """Remove an account and log its session out at Telegram (the worker does that). Returns its label.

    Raises UnableToChangeAccount.
    """
    return _remove(changeable_account(account_id, actor), actor=actor, now=now)


@transaction.atomic
def remove_accounts_of(*, owner: Person, actor: Person | None, now: datetime) -> int:
    """Remove every account of a person who leaves, each logged out at Telegram; returns how many there were."""
    accounts = list(Account.objects.filter(owner=owner).select_for_update(of=("self",)).order_by("pk"))
    for account in accounts:
        _remove(account, actor=actor, now=now)
    return len(accounts)


def _remove(account: Account, *, actor: Person | None, now: datetime) -> str:
    label, account_id = account.label, account.pk
    answers: list[Any] = [
        answer for _receiver, answer in account_leaves.send(sender=Account, account_id=account.pk)
    ]
    phones = sorted({phone for answer in answers for phone in answer or ()})
    retire_session(account=account, now=now, leaving=True, phones=phones)
    publish(f"account:{account.pk}")
    publish(f"person:{account.owner_id}")
    account.delete()
    record(action="account.removed", actor=actor, now=now, object_type="account", object_id=account_id)
    return label


def retire_session(
    *, account: Account, now: datetime, leaving: bool = False, phones: Sequence[int] = ()
) -> None:
    """Hand the account's present session to the worker, which logs it out; inside the caller's transaction.

    `leaving`: nobody takes the account over, so the worker first removes what calls left in its phone book, and
    forgets `phones` there.
    """
    if account.session is None or account.state in {Account.State.NEEDS_SIGN_IN, Account.State.BANNED}:
        return
    retired = RetiredSession(key_pair_id=account.key_pair_id, held_as=account.pk, created_at=now)
    seal(retired, "session", reveal(account, "session"))
    if account.proxy is not None:
        seal(retired, "proxy", reveal(account, "proxy"))
    if leaving and account.own_contacts is not None:
        seal(retired, "own_contacts", reveal(account, "own_contacts"))
        seal(retired, "phones", json.dumps(list(phones)))
    retired.save()
    enqueue("telegram.end_session", retired_session_id=str(retired.pk))


def changeable_account(account_id: UUID, actor: Person) -> Account:
    """The account, locked, when this person may change it. Raises UnableToChangeAccount."""
    rule = Q(owner=actor) if not actor.may("telegram.share") else Q()
    account = accounts_shown_to(actor).filter(rule, pk=account_id).select_for_update(of=("self",)).first()
    if account is None:
        raise UnableToChangeAccount(_("Only the owner of this account or an administrator can do that."))
    return account


def _changed(account_id: UUID) -> None:
    publish(f"account:{account_id}")


def _tell_usable(account_id: UUID) -> None:
    transaction.on_commit(lambda: account_became_usable.send(sender=Account, account_id=account_id))
