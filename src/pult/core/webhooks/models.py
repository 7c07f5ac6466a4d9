"""Rows of webhooks: where to tell, and everything that was or is to be told."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.secrets import SecretField


class Webhook(models.Model):
    """An address of a person's own programme and what it wants to hear.

    Both secrets sign until `former_until`, so that the programme can change over without missing anything.
    """

    class Off(models.TextChoices):
        """Why nothing is sent."""

        BY_PERSON = "person", _("Switched off")
        GONE = "gone", _("The address answered 410: it is gone for good")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(_("Address"), max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=10, choices=Off.choices, blank=True)
    secret = SecretField()
    former_secret = SecretField()
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "webhooks_webhook"
        indexes = [models.Index(fields=["person", "created_at"], name="webhooks_of_person")]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event for one webhook; its id is the idempotency key, the same at every attempt.

    `payload` never holds phone numbers or names of people who were found. It is due at `next_at`; until
    `claimed_until` a worker is at it.
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", pgettext_lazy("webhook", "Waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook", "Delivered")
        FAILED = "failed", pgettext_lazy("webhook", "Tried again later")
        GIVEN_UP = "given_up", pgettext_lazy("webhook", "Given up")

    OPEN = (State.WAITING, State.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=20, blank=True)
    excerpt = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "webhooks_delivery"
        indexes = [
            models.Index(fields=["webhook", "-at", "-id"], name="webhooks_delivery_log"),
            models.Index(
                fields=["next_at"],
                name="webhooks_delivery_due",
                condition=models.Q(state__in=["waiting", "failed"]),
            ),
            models.Index(fields=["at"], name="webhooks_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
