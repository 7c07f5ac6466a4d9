"""What happened to checks, for people to read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pult.modules.checks.models.lists import Check


class LogEntry(models.Model):
    """What happened in a check, in order; the sentences are in `queries/log_texts.py`. No phone numbers."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        READ = "read", _("Read")
        UNREADABLE = "unreadable", _("Could not be read")
        STARTED = "started", _("Started")
        BLOCK_STARTED = "block_started", _("Block started")
        CALL_ANSWERED = "call_answered", _("Request answered")
        CALL_REFUSED = "call_refused", _("Request refused")
        CALL_LOST = "call_lost", _("Request without answer")
        ACCOUNT_LOST = "account_lost", _("Account lost")
        BLOCK_FAILED = "block_failed", _("Block failed")
        BLOCK_DONE = "block_done", _("Block done")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        ASKED_AGAIN = "asked_again", _("Asked again")
        CANCELLED = "cancelled", _("Cancelled")
        FINISHED = "finished", _("Finished")
        CANARY_MISSED = "canary_missed", _("Canary missed")
        REUSED = "reused", _("Earlier verdicts taken over")
        MOVED = "moved", _("Moved in the queue")
        HELD = "held", _("Held back")
        RELEASED = "released", _("Released")
        ALLOWANCE_SPENT = "allowance_spent", _("Daily allowance spent")
        SUBJECT_ERASED = "subject_erased", _("A number was erased on request")

    check_ref = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="log", db_column="check_id")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=Kind)
    block_ordinal = models.IntegerField(null=True)
    account_label = models.CharField(max_length=100, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "checks_log_entry"
        indexes = [models.Index(fields=["check_ref", "-id"], name="checks_log_of_check")]

    def __str__(self) -> str:
        return f"{self.kind}"
