"""The audit trail: one immutable row for each thing that somebody did."""

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy


class AuditEntry(models.Model):
    """Who did what to which row, when. Never holds phone numbers, names of checked people or secrets."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="audit_entries",
        db_index=False,  # the index below begins with it
    )
    actor_label = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        verbose_name = pgettext_lazy("rows", "audit entry")
        verbose_name_plural = pgettext_lazy("rows", "audit trail")
        # Each filter of the page has an index in the order of the page: a million entries cost what a hundred do.
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_entry_newest"),
            models.Index(fields=["action", "-at", "-id"], name="audit_entry_action"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_entry_actor"),
            models.Index(fields=["object_id", "object_type", "-at", "-id"], name="audit_entry_object"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"
