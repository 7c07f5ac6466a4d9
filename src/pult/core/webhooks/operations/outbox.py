"""Writing down what is to be told, in the transaction that makes it true; then every attempt and its outcome.

Nothing is lost by a kill: a delivery is due until its outcome is stored. One that was sent and not recorded is sent
again under the same id (at least once).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce, Greatest

from pult.core.jobs import database_now, enqueue, ring_soon
from pult.core.live import publish
from pult.core.secrets import UnableToReveal, reveal
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.rules import delay_after
from pult.core.webhooks.values import Outcome

CLAIM = timedelta(seconds=60)
KEPT = timedelta(days=30)
SEND = "webhooks.send"
# A few lanes: somebody's slow addresses never take all of the worker's hands.
LANES = 4
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is about to be sent."""

    delivery: Delivery
    url: str
    keys: tuple[str, ...]


def topic_of(person_id: object) -> str:
    """The live topic of a person's webhooks."""
    return f"webhooks:{person_id}"


def write_deliveries(*, event: str, person_id: int, facts: Mapping[str, Any]) -> int:
    """Write an event down for every webhook of the person that wants it; returns for how many.

    To be called inside the transaction that makes the fact: both are stored, or neither. `facts` go out of the house:
    counts, ids, links, never phone numbers or names.
    """
    wanted = Webhook.objects.filter(person_id=person_id, active=True, events__contains=[event])
    # Locked: one that is removed at this moment must not make the fact itself impossible.
    ids = list(wanted.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if not ids:
        return 0
    now = database_now()
    Delivery.objects.bulk_create(
        Delivery(webhook_id=pk, event=event, payload=dict(facts), at=now, next_at=now) for pk in ids
    )
    ring_soon()
    publish(topic_of(person_id))
    return len(ids)


def _open(now: datetime | None = None) -> Q:
    """Deliveries that are still to be made, to people who may still use this installation."""
    still = Q(state__in=Delivery.OPEN, webhook__active=True, webhook__person__is_active=True)
    return still if now is None else still & Q(next_at__lte=now)


def next_due() -> datetime | None:
    """When the next attempt is due."""
    moment = Greatest(F("next_at"), Coalesce(F("claimed_until"), F("next_at")))
    due: datetime | None = Delivery.objects.filter(_open()).aggregate(due=Min(moment))["due"]
    return due


@transaction.atomic
def enqueue_due() -> None:
    """A job for each delivery that is due and that nobody is at."""
    now = database_now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = Delivery.objects.select_for_update(of=("self",), skip_locked=True).filter(_open(now), free)
    for delivery in due.order_by("next_at")[:AT_ONCE]:
        Delivery.objects.filter(pk=delivery.pk).update(claimed_until=now + CLAIM)
        lane = delivery.webhook_id.int % LANES
        enqueue(
            SEND, queueing_lock=f"{SEND}:{delivery.pk}", lock=f"{SEND}.{lane}", delivery_id=str(delivery.pk)
        )


@transaction.atomic
def begin_attempt(delivery_id: UUID) -> Attempt | None:
    """Take a delivery for one attempt; None when it has been made, is not due, or is not to be made any more."""
    now = database_now()
    found = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("webhook")
        .filter(_open(now), pk=delivery_id)
    )
    delivery = found.first()
    if delivery is None:
        return None
    delivery.claimed_until = now + CLAIM
    delivery.save(update_fields=["claimed_until"])
    return Attempt(delivery, delivery.webhook.url, _keys(delivery.webhook, now=now))


def _keys(webhook: Webhook, *, now: datetime) -> tuple[str, ...]:
    columns = ["secret"]
    if webhook.former_until is not None and webhook.former_until > now:
        columns.append("former_secret")
    try:
        return tuple(reveal(webhook, column) for column in columns)
    except UnableToReveal:
        # Unsigned it would be worthless: the outcome says so in words.
        return ()


@transaction.atomic
def record_outcome(delivery_id: UUID, outcome: Outcome) -> Delivery | None:
    """Store how an attempt ended and when the next one is; None when the webhook has been removed meanwhile.

    An answer 410 switches the webhook off.
    """
    webhook = (
        Webhook.objects.select_for_update(of=("self",), no_key=True).filter(deliveries=delivery_id).first()
    )
    if webhook is None:
        return None
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    now = database_now()
    delivery.attempts += 1
    delivery.attempted_at, delivery.claimed_until = now, None
    delivery.status, delivery.error, delivery.excerpt = outcome.status, outcome.error, outcome.excerpt
    wait = delay_after(delivery.attempts)
    if not outcome.error:
        delivery.state, delivery.next_at = Delivery.State.DELIVERED, None
    elif outcome.error == "gone" or wait is None:
        delivery.state, delivery.next_at = Delivery.State.GIVEN_UP, None
    else:
        delivery.state, delivery.next_at = Delivery.State.FAILED, now + wait
    delivery.save()
    if outcome.error == "gone":
        webhook.active, webhook.off_reason = False, Webhook.Off.GONE
        webhook.save(update_fields=["active", "off_reason"])
    publish(topic_of(webhook.person_id))
    return delivery


def next_to_forget() -> datetime | None:
    """When the oldest delivery has been kept long enough."""
    oldest: datetime | None = Delivery.objects.aggregate(oldest=Min("at"))["oldest"]
    return None if oldest is None else oldest + KEPT


def forget_old() -> None:
    """Remove deliveries after 30 days."""
    Delivery.objects.filter(at__lte=database_now() - KEPT).delete()
