"""Calls to Telegram, and the canaries that are mixed into them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from pult.modules.checks.models.lists import Block


class Call(models.Model):
    """One request about some numbers of a block: written before it is sent, closed when its traces are removed.

    It outlives its check as long as contacts are left to be removed; `outcome` says in a word how it went.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Being sent")
        ANSWERED = "answered", _("Answered, contacts to be removed")
        LOST = "lost", _("No answer, contacts perhaps to be removed")
        CLEAN = "clean", _("Done")
        REFUSED = "refused", _("Refused by Telegram")

    block = models.ForeignKey(Block, null=True, on_delete=models.SET_NULL, related_name="calls")
    account_id = models.UUIDField()
    # As its check's: what the account's phone book holds after it depends on that.
    kind = models.CharField(max_length=20, default="phone", db_default="phone")
    state = models.CharField(max_length=20, choices=State, default=State.PLANNED)
    size = models.IntegerField()
    # Contacts that the call added and that must go again: [[user id, access hash], …].
    added_contacts = models.JSONField(default=list)
    # Numbers of a call whose answer nobody knows: its account's phone book has to forget them, whoever asks next.
    asked_phones = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    outcome = models.CharField(max_length=60, blank=True)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    # The canary that was mixed in, and whether Telegram named it (None: it said nothing about it).
    canary = models.ForeignKey("Canary", null=True, on_delete=models.SET_NULL, related_name="calls")
    canary_seen = models.BooleanField(null=True)

    class Meta:
        db_table = "checks_call"
        indexes = [
            models.Index(
                fields=["account_id"],
                name="checks_call_open",
                condition=models.Q(state__in=["planned", "answered", "lost"]),
            ),
            models.Index(fields=["answered_at"], name="checks_call_answered_at"),
            models.Index(fields=["account_id", "-id"], name="checks_call_of_account"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"


class Canary(models.Model):
    """A number known to be on Telegram, mixed into calls: an account that misses it does not tell the truth."""

    phone = models.BigIntegerField(unique=True)
    label = models.CharField(_("whose number"), max_length=100, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="canaries"
    )
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    last_missed_at = models.DateTimeField(null=True)
    # Several accounts missed it: perhaps its owner left Telegram or hid. Nothing is asked or doubted because of it.
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checks_canary"

    def __str__(self) -> str:
        return f"canary {self.pk}"
