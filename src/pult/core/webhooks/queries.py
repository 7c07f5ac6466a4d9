"""Reads: a person's own webhooks and what was told to them."""

from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from pult.core.people.models import Person
from pult.core.registry import Event, registry
from pult.core.webhooks.models import Delivery, Webhook


def events_open_to(person: Person) -> list[Event]:
    """The events that this person may hear of."""
    return [event for event in registry.events() if person.may(event.permission)]


def webhooks_of(person: Person, *, search: str = "") -> QuerySet[Webhook]:
    """A person's own webhooks, the oldest first, with `given_up` and `last_at` of their deliveries."""
    found = Webhook.objects.filter(person=person).annotate(
        given_up=Count("deliveries", filter=Q(deliveries__state=Delivery.State.GIVEN_UP)),
        last_at=Max("deliveries__attempted_at"),
    )
    if words := search.replace("\0", "").strip():
        found = found.filter(url__icontains=words)
    return found.order_by("created_at", "pk")


def webhook_of(person: Person, webhook_id: UUID) -> Webhook:
    """A person's own webhook. Raises Webhook.DoesNotExist for somebody else's."""
    return Webhook.objects.get(pk=webhook_id, person=person)


def deliveries_of(webhook: Webhook, *, state: str = "", event: str = "") -> QuerySet[Delivery]:
    """What was told and is to be told, the newest first; unknown states are ignored."""
    found = Delivery.objects.filter(webhook=webhook)
    if state in Delivery.State.values:
        found = found.filter(state=state)
    if event:
        found = found.filter(event=event)
    return found.order_by("-at", "-pk")


def state_counts(webhook: Webhook) -> dict[str, int]:
    """How many deliveries are in which state."""
    return dict(webhook.deliveries.values_list("state").annotate(Count("pk")).order_by())
