"""Lists of numbers: a check, its blocks of at most 500, and the lines that are no numbers."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Check(models.Model):
    """One list of numbers that a person has checked. Seen by its owner only."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting for the column")
        READING = "reading", _("Reading the list")
        UNREADABLE = "unreadable", _("Could not be read")
        READY = "ready", _("Ready to start")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")
        # Shown to nobody any more; its rows go in portions, in the worker.
        REMOVED = "removed", _("Being removed")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="checks")
    name = models.CharField(_("name"), max_length=200)
    state = models.CharField(max_length=20, choices=State, default=State.UPLOADED)
    # What was uploaded: a file in the data folder until it has been read, then removed.
    source_name = models.CharField(max_length=255, blank=True)
    source_path = models.CharField(max_length=255, blank=True)
    source_format = models.CharField(max_length=20, blank=True)
    source_size = models.BigIntegerField(default=0)
    # Whoever uploaded it wanted it to run as soon as it has been read.
    start_at_once = models.BooleanField(default=False, db_default=False)
    # The bot in whose chat with the owner it was given; its results are sent there.
    bot = models.ForeignKey("bots.Bot", null=True, on_delete=models.SET_NULL, related_name="+")
    column = models.IntegerField(null=True)
    sheet = models.CharField(max_length=100, blank=True)
    region = models.CharField(_("country of national spellings"), max_length=2, blank=True)
    # What is asked: a name in `kinds.KINDS`.
    kind = models.CharField(max_length=20, default="phone", db_default="phone")
    # Personal data has a purpose and an end: everything of the check is erased at `erase_at`.
    purpose = models.CharField(_("purpose"), max_length=200, blank=True, db_default="")
    erase_at = models.DateTimeField(null=True)
    unreadable_reason = models.CharField(max_length=60, blank=True)
    # Progress of reading.
    read_bytes = models.BigIntegerField(default=0)
    read_lines = models.BigIntegerField(default=0)
    # What the list held; exact also where not every rejected line is kept.
    valid_count = models.BigIntegerField(default=0)
    rejected_count = models.BigIntegerField(default=0)
    repeated_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # When a call was last made for it: whoever waited longest comes next.
    last_turn_at = models.DateTimeField(null=True)
    # Where an administrator put it in the queue: higher comes before everybody's turns, lower after them.
    precedence = models.SmallIntegerField(default=0, db_default=0)
    # The owner's own verdicts of at most so many days are taken over at the start instead of asking again.
    reuse_days = models.PositiveSmallIntegerField(null=True)
    reused_count = models.BigIntegerField(default=0, db_default=0)
    # They are still being taken over: no block may be taken until that is done.
    reuse_pending = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "checks_check"
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="checks_check_of_owner"),
            # What the dispatcher looks for; checks that are over are many, these are few.
            models.Index(
                fields=["last_turn_at"], name="checks_check_running", condition=models.Q(state="running")
            ),
            models.Index(
                fields=["state"],
                name="checks_check_to_do",
                condition=models.Q(state__in=["reading", "removed"]),
            ),
            models.Index(fields=["id"], name="checks_check_with_source", condition=~models.Q(source_path="")),
            models.Index(
                fields=["erase_at"],
                name="checks_check_to_erase",
                condition=models.Q(erase_at__isnull=False) & ~models.Q(state="removed"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """At most 500 numbers of a check, processed on their own; counts are kept here so that totals are cheap.

    One account at a time works on a block (`account_id` while it is working). A waiting block may be taken when
    `wait_until` has passed; where it waits only because its account rests, another account may take it before that.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Working")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class WaitReason(models.TextChoices):
        ACCOUNT_RESTS = "account_rests", _("The account rests")
        ASKED_LATER = "asked_later", _("Some numbers are asked again later")
        FAILED = "failed", _("An error inside Pult")

    check_ref = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="blocks", db_column="check_id"
    )
    ordinal = models.IntegerField()
    size = models.IntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    account_id = models.UUIDField(null=True)
    account_label = models.CharField(max_length=100, blank=True)
    # How often an account took it up, and how often an error inside Pult stopped that.
    attempt = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    wait_until = models.DateTimeField(null=True)
    wait_reason = models.CharField(max_length=20, choices=WaitReason, blank=True)
    found_count = models.IntegerField(default=0)
    not_found_count = models.IntegerField(default=0)
    unanswered_count = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checks_block"
        constraints = [
            models.UniqueConstraint(fields=["check_ref", "ordinal"], name="checks_block_once"),
            models.CheckConstraint(
                condition=models.Q(size__gte=1, size__lte=500), name="checks_block_at_most_500"
            ),
            # A block at work that nobody holds would be taken by nobody.
            models.CheckConstraint(
                condition=~models.Q(state="working") | models.Q(account_id__isnull=False),
                name="checks_block_held",
            ),
        ]
        indexes = [
            models.Index(
                fields=["check_ref", "ordinal"],
                name="checks_block_open",
                condition=models.Q(state__in=["waiting", "working"]),
            ),
            models.Index(
                fields=["account_id"], name="checks_block_of_account", condition=models.Q(state="working")
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.ordinal}"


class RejectedLine(models.Model):
    """A line of the list that is no phone number: where, what stood there (cut), and why it was refused."""

    check_ref = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="rejected_lines", db_column="check_id"
    )
    line = models.IntegerField()
    text = models.CharField(max_length=100)
    problem = models.CharField(max_length=30)

    class Meta:
        db_table = "checks_rejected_line"
        indexes = [models.Index(fields=["check_ref", "line"], name="checks_rejected_by_line")]

    def __str__(self) -> str:
        return f"line {self.line}"
