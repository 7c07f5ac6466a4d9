"""What checks do about facts of the core."""

from typing import Any

from django.dispatch import receiver

from pult.core.jobs import ring_soon
from pult.core.telegram.events import account_became_usable


@receiver(account_became_usable)
def look_for_work(sender: object, **_: Any) -> None:
    """An account that may work again need not wait for the next look round."""
    ring_soon()
