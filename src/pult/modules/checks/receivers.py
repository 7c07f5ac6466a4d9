"""What checks do about facts of the core."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy

from pult.core.jobs import ring_soon
from pult.core.people.events import merge_asked, people_merge, person_leaves
from pult.core.people.models import Person
from pult.core.registry import Text
from pult.core.telegram.events import account_became_usable, account_leaves
from pult.modules.checks.models import Check
from pult.modules.checks.operations.handover import hand_over_checks
from pult.modules.checks.operations.removal import erase_checks_of
from pult.modules.checks.operations.setbacks import close_calls_of


def look_for_work(sender: object, **_: Any) -> None:
    """An account that may work again need not wait for the next look round."""
    ring_soon()


def close_calls(sender: object, account_id: UUID, **_: Any) -> list[int]:
    """An account is being removed: nothing more comes of its calls, and its phone book forgets what they asked."""
    return close_calls_of(account_id)


def erase_checks(sender: object, person: Person, **_: Any) -> None:
    """Somebody leaves: their lists go with every number and verdict, before the person's row."""
    erase_checks_of(person_id=person.pk)


def hand_over(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records of one person become one: the checks of both are theirs."""
    hand_over_checks(merged_id=merged.pk, kept_id=kept.pk)
    ring_soon()


def would_hand_over(sender: object, merged: Person, **_: Any) -> list[tuple[Text, int]]:
    """Somebody wants to know what merging would move."""
    return [(gettext_lazy("Checks"), Check.objects.filter(owner=merged).exclude(state="removed").count())]


def connect() -> None:
    """Listen; called once when the app is ready."""
    account_became_usable.connect(look_for_work, dispatch_uid="checks.look_for_work")
    account_leaves.connect(close_calls, dispatch_uid="checks.close_calls")
    person_leaves.connect(erase_checks, dispatch_uid="checks.erase_checks")
    merge_asked.connect(would_hand_over, dispatch_uid="checks.would_hand_over")
    people_merge.connect(hand_over, dispatch_uid="checks.hand_over")
