"""What webhooks do about facts of people."""

from typing import Any

from django.utils.translation import gettext_lazy

from pult.core.live import publish
from pult.core.people.events import merge_asked, people_merge
from pult.core.people.models import Person
from pult.core.registry import Text
from pult.core.webhooks.models import Webhook
from pult.core.webhooks.operations.outbox import topic_of


def hand_over_webhooks(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: addresses, secrets and what is still to be delivered go to the kept person."""
    Webhook.objects.filter(person=merged).update(person=kept)
    publish(topic_of(kept.pk))


def would_hand_over(sender: object, merged: Person, **_: Any) -> list[tuple[Text, int]]:
    """Somebody wants to know what merging would move."""
    return [(gettext_lazy("Webhooks"), Webhook.objects.filter(person=merged).count())]


def connect() -> None:
    """Listen; called once when the app is ready."""
    merge_asked.connect(would_hand_over, dispatch_uid="webhooks.would_hand_over")
    people_merge.connect(hand_over_webhooks, dispatch_uid="webhooks.hand_over_webhooks")
