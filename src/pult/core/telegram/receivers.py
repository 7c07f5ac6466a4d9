"""What the gateway does about facts of people."""

from datetime import datetime
from typing import Any

from pult.core.people.events import person_leaves
from pult.core.people.models import Person
from pult.core.telegram.operations.accounts import remove_accounts_of


def remove_accounts(sender: object, person: Person, actor: Person | None, now: datetime, **_: Any) -> None:
    """Somebody is being removed: their accounts are logged out at Telegram and go with them."""
    remove_accounts_of(owner=person, actor=actor, now=now)


def connect() -> None:
    """Listen; called once when the app is ready."""
    person_leaves.connect(remove_accounts, dispatch_uid="telegram.remove_accounts")
