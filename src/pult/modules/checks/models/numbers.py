"""Single numbers with their verdicts, and who was found behind them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pult.modules.checks.models.lists import Block


class Number(models.Model):
    """One thing to ask about and its verdict: a phone number (E.164 without the plus) or another kind's `subject`.

    Unanswered numbers come again at `ask_after`; without such a time they stay unanswered until a person asks again.
    The defaults are the database's, so that storing names only block, phone and line.
    """

    class State(models.TextChoices):
        WAITING = "w", _("Waiting")
        ASKED = "a", _("Being asked")
        FOUND = "f", _("Found")
        NOT_FOUND = "n", _("Not found")
        UNANSWERED = "u", _("Unanswered")

    class UnansweredReason(models.TextChoices):
        LIMIT = "limit", _("Telegram's limit")
        NO_ANSWER = "no_answer", _("No answer in time")
        FAILED = "failed", _("An error inside Pult")

    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="numbers")
    phone = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=64, blank=True, db_default="")
    line = models.IntegerField()
    state = models.CharField(max_length=1, choices=State, db_default=State.WAITING)
    # How often Telegram left it unanswered (retry_contacts, time-outs), why, and when it comes next.
    tries = models.SmallIntegerField(db_default=0)
    unanswered_reason = models.CharField(max_length=20, choices=UnansweredReason, blank=True, db_default="")
    ask_after = models.DateTimeField(null=True)
    call_id = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    # The verdict is the owner's own, taken over from an earlier check; `answered_at` is that of then.
    reused = models.BooleanField(db_default=False)

    class Meta:
        db_table = "checks_number"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(phone__isnull=False, subject="")
                | (models.Q(phone=None) & ~models.Q(subject="")),
                name="checks_number_one_subject",
            ),
        ]
        # No further index by state: blocks are small, everything starts from the block. Storing a million stays fast.

    def __str__(self) -> str:
        return f"number {self.pk}"


class Finding(models.Model):
    """Who stands behind a number that was found, as Telegram showed it to the asking account at that moment."""

    class LastSeen(models.TextChoices):
        ONLINE = "online", _("online")
        RECENTLY = "recently", _("recently")
        WEEK = "week", _("within a week")
        MONTH = "month", _("within a month")
        LONG_AGO = "long_ago", _("long ago")
        HIDDEN = "hidden", _("hidden")

    class Entity(models.TextChoices):
        USER = "user", _("person")
        BOT = "bot", _("bot")
        CHANNEL = "channel", _("channel")
        GROUP = "group", _("group")

    number = models.OneToOneField(Number, on_delete=models.CASCADE, primary_key=True, related_name="finding")
    # A username may also be that of a bot, a channel or a group; `telegram_id` is then theirs.
    entity = models.CharField(max_length=10, choices=Entity, default=Entity.USER, db_default=Entity.USER)
    telegram_id = models.BigIntegerField()
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    usernames = models.JSONField(default=list)
    premium = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    last_seen = models.CharField(max_length=10, choices=LastSeen)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checks_finding"
        indexes = [models.Index(fields=["telegram_id"], name="checks_finding_of_person")]

    def __str__(self) -> str:
        return f"finding {self.number_id}"
