"""What is told of webhooks in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pult.core.registry import registry
from pult.core.webhooks.models import Delivery

TEST = "test"

ERRORS: dict[str, Promise] = {
    "status": gettext_lazy("The answer was not 2xx."),
    "redirect": gettext_lazy(
        "The address leads on to another one; that is not followed. Enter the final address."
    ),
    "gone": gettext_lazy("The address answered 410, so the webhook was switched off."),
    "timeout": gettext_lazy("No answer within 10 seconds. Answer first, work afterwards."),
    "unreachable": gettext_lazy("Nobody can be reached at this address."),
    "no_such_host": gettext_lazy("There is no such host name."),
    "private_address": gettext_lazy(
        "The name leads into a private network, and this installation sends nothing there (PULT_WEBHOOK_PRIVATE)."
    ),
    "tls": gettext_lazy("The certificate of the address is not valid for it."),
    "secret": gettext_lazy("The secret cannot be read any more. Make a new one."),
}


def error_in_words(delivery: Delivery) -> str:
    """Why the last attempt failed; "" when it did not."""
    if not delivery.error:
        return ""
    return str(ERRORS.get(delivery.error, delivery.error))


def event_title(name: str) -> str:
    """An event in words; one that no module knows any more shows its name."""
    if name == TEST:
        return _("Test event")
    titles = {event.name: str(event.title) for event in registry.events()}
    return titles.get(name, name)
