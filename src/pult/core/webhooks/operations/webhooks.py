"""Webhooks: added, changed, switched, given a new secret, tried, removed. Each person has their own."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.audit.operations import record
from pult.core.jobs import ring_soon
from pult.core.live import publish
from pult.core.people.models import Person
from pult.core.secrets import UnableToReveal, reveal, seal
from pult.core.webhooks.models import Delivery, Webhook
from pult.core.webhooks.operations.outbox import topic_of
from pult.core.webhooks.queries import events_open_to
from pult.core.webhooks.rules import url_fault
from pult.core.webhooks.words import TEST

MOST_WEBHOOKS = 10
MOST_TESTS_WAITING = 20
OVERLAP = timedelta(hours=24)
URL_FAULTS: dict[str, Promise] = {
    "form": _("Enter a whole address such as https://crm.example.com/pult."),
    "scheme": _("The address must begin with https:// or http://."),
    "credentials": _("An address cannot hold a name and a password: the signature proves who sends."),
}


class UnableToChangeWebhook(Exception):
    """It cannot be like that; `field` names what is to be changed ("" for the whole), `reason` says how."""

    def __init__(self, field_name: str, reason: "str | Promise") -> None:
        super().__init__(str(reason))
        self.field, self.reason = field_name, reason


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A webhook at the only moment when its new secret is shown."""

    webhook: Webhook
    secret: str = field(repr=False)


def _checked(person: Person, url: str, events: Collection[str]) -> tuple[str, list[str]]:
    url = url.strip()
    if fault := url_fault(url):
        raise UnableToChangeWebhook("url", URL_FAULTS[fault])
    if not events:
        raise UnableToChangeWebhook("events", _("Choose at least one event."))
    if not set(events) <= {event.name for event in events_open_to(person)}:
        raise UnableToChangeWebhook("events", _("There is no such event."))
    return url, sorted(set(events))


def _fresh_secret() -> str:
    return f"hook_{secrets.token_hex(32)}"


@transaction.atomic
def add_webhook(
    *, actor: Person, person: Person, url: str, events: Collection[str], now: datetime
) -> IssuedSecret:
    """Add a webhook. Raises UnableToChangeWebhook."""
    # Locked, so that two pages open at once keep the limit, too.
    person = Person.objects.select_for_update().get(pk=person.pk)
    url, chosen = _checked(person, url, events)
    if Webhook.objects.filter(person=person).count() >= MOST_WEBHOOKS:
        raise UnableToChangeWebhook("", _("There are ten webhooks already. Remove one that nobody needs."))
    webhook = Webhook(person=person, url=url, events=chosen, created_at=now)
    secret = _fresh_secret()
    seal(webhook, "secret", secret)
    webhook.save(force_insert=True)
    record(action="webhook.added", actor=actor, now=now, object_type="webhook", object_id=webhook.pk)
    publish(topic_of(person.pk))
    return IssuedSecret(webhook, secret)


@transaction.atomic
def change_webhook(
    *,
    actor: Person,
    person: Person,
    webhook_id: UUID,
    now: datetime,
    url: str | None = None,
    events: Collection[str] | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change what is given. What waits goes to the new address. Raises UnableToChangeWebhook, Webhook.DoesNotExist."""
    webhook = _locked(person, webhook_id)
    webhook.url, webhook.events = _checked(
        person, webhook.url if url is None else url, webhook.events if events is None else events
    )
    if active is not None and active != webhook.active:
        webhook.active = active
        webhook.off_reason = "" if active else Webhook.Off.BY_PERSON
    webhook.save()
    record(action="webhook.changed", actor=actor, now=now, object_type="webhook", object_id=webhook.pk)
    ring_soon()
    publish(topic_of(person.pk))
    return webhook


@transaction.atomic
def renew_secret(*, actor: Person, person: Person, webhook_id: UUID, now: datetime) -> IssuedSecret:
    """A new secret; the one before signs beside it for 24 hours. Raises Webhook.DoesNotExist."""
    webhook, secret = _locked(person, webhook_id), _fresh_secret()
    try:
        seal(webhook, "former_secret", reveal(webhook, "secret"))
        webhook.former_until = now + OVERLAP
    except UnableToReveal:
        webhook.former_secret, webhook.former_until = None, None
    seal(webhook, "secret", secret)
    webhook.save()
    record(action="webhook.secret_renewed", actor=actor, now=now, object_type="webhook", object_id=webhook.pk)
    publish(topic_of(person.pk))
    return IssuedSecret(webhook, secret)


@transaction.atomic
def remove_webhook(*, actor: Person, person: Person, webhook_id: UUID, now: datetime) -> None:
    """Remove it with its log; nothing more is sent. Raises Webhook.DoesNotExist."""
    webhook = _locked(person, webhook_id)
    record(action="webhook.removed", actor=actor, now=now, object_type="webhook", object_id=webhook.pk)
    webhook.delete()
    publish(topic_of(person.pk))


@transaction.atomic
def send_test(*, person: Person, webhook_id: UUID, now: datetime) -> Delivery:
    """An event that says nothing but that it works. Raises UnableToChangeWebhook, Webhook.DoesNotExist."""
    webhook = _locked(person, webhook_id)
    _demand_active(webhook)
    if webhook.deliveries.filter(event=TEST, state__in=Delivery.OPEN).count() >= MOST_TESTS_WAITING:
        raise UnableToChangeWebhook("", _("Many test events wait already; let them end first."))
    delivery = Delivery.objects.create(
        webhook=webhook, event=TEST, payload={"link": settings.PULT_ADDRESS}, at=now, next_at=now
    )
    ring_soon()
    publish(topic_of(person.pk))
    return delivery


@transaction.atomic
def send_again(*, person: Person, webhook_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
    """Make a delivery once more at once, under the same id. Raises UnableToChangeWebhook, DoesNotExist of either."""
    webhook = _locked(person, webhook_id)
    _demand_active(webhook)
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id, webhook=webhook)
    delivery.state, delivery.next_at, delivery.claimed_until = Delivery.State.WAITING, now, None
    delivery.attempts = 0
    delivery.save(update_fields=["state", "next_at", "claimed_until", "attempts"])
    ring_soon()
    publish(topic_of(person.pk))
    return delivery


def _locked(person: Person, webhook_id: UUID) -> Webhook:
    return Webhook.objects.select_for_update(of=("self",), no_key=True).get(pk=webhook_id, person=person)


def _demand_active(webhook: Webhook) -> None:
    if not webhook.active:
        raise UnableToChangeWebhook("", _("This webhook is switched off. Switch it on first."))
