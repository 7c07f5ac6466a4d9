"""What checks do about facts of the core."""

from typing import Any

from pult.core.jobs import ring_soon
from pult.core.telegram.events import account_became_usable


def look_for_work(sender: object, **_: Any) -> None:
    """An account that may work again need not wait for the next look round."""
    ring_soon()


def connect() -> None:
    """Listen; called once when the app is ready."""
    account_became_usable.connect(look_for_work, dispatch_uid="checks.look_for_work")
