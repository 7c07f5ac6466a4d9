"""What webhooks do about facts of people."""

from typing import Any

from pult.core.live.publishing import publish
from pult.core.people.events import people_merge
from pult.core.people.models import Person
from pult.core.webhooks.models import Webhook
from pult.core.webhooks.operations.outbox import topic_of


def hand_over_webhooks(sender: object, kept: Person, merged: Person, **_: Any) -> None:
    """Two records become one: addresses, secrets and what is still to be delivered go to the kept person."""
    Webhook.objects.filter(person=merged).update(person=kept)
    publish(topic_of(kept.pk))


def connect() -> None:
    """Listen; called once when the app is ready."""
    people_merge.connect(hand_over_webhooks, dispatch_uid="webhooks.hand_over_webhooks")
