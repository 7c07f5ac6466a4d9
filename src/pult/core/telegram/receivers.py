"""What the gateway does about facts of people."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from pult.core.people.events import merge_asked, people_merge, person_leaves, person_shut_out
from pult.core.people.models import Person
from pult.core.registry import Text
from pult.core.telegram.models import Account
from pult.core.telegram.operations.accounts import remove_accounts_of
from pult.core.telegram.operations.handover import cancel_sign_ins_of, hand_over_accounts


def remove_accounts(sender: object, person: Person, actor: Person | None, now: datetime, **_: Any) -> None:
    """Somebody is being removed: their accounts are logged out at Telegram and go with them."""
    remove_accounts_of(owner=person, actor=actor, now=now)


def hand_over(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records of one person become one: the accounts of both are theirs."""
    hand_over_accounts(merged_id=merged.pk, kept_id=kept.pk)


def would_hand_over(sender: object, merged: Person, **_: Any) -> list[tuple[Text, int]]:
    """Somebody wants to know what merging would move."""
    return [(gettext_lazy("Telegram accounts"), Account.objects.filter(owner=merged).count())]


def cancel_sign_ins(sender: object, person: Person, **_: Any) -> None:
    """Somebody's access is closed: they connect nothing any more, and what they typed for it goes."""
    cancel_sign_ins_of(person_id=person.pk)


def connect() -> None:
    """Listen; called once when the app is ready."""
    person_leaves.connect(remove_accounts, dispatch_uid="telegram.remove_accounts")
    merge_asked.connect(would_hand_over, dispatch_uid="telegram.would_hand_over")
    people_merge.connect(hand_over, dispatch_uid="telegram.hand_over")
    person_shut_out.connect(cancel_sign_ins, dispatch_uid="telegram.cancel_sign_ins")
