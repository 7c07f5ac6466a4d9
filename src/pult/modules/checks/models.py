"""Rows of checks: the list, its blocks of at most 500 numbers, the calls made for them, and what came of it."""

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


class Allowance(models.Model):
    """How many numbers may be asked about in a day: by one person, by each person, or by all of them together."""

    class Scope(models.TextChoices):
        ALL = "all", _("Everybody together")
        EACH = "each", _("Each person")
        PERSON = "person", _("One person")

    scope = models.CharField(max_length=10, choices=Scope)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="check_allowances"
    )
    # Empty for one person only: no limit for them, whatever each may ask.
    numbers_per_day = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "checks_allowance"
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], name="checks_allowance_once", condition=~models.Q(scope="person")
            ),
            models.UniqueConstraint(
                fields=["person"], name="checks_allowance_of_person", condition=models.Q(scope="person")
            ),
            models.CheckConstraint(
                condition=models.Q(scope="person", person__isnull=False)
                | (~models.Q(scope="person") & models.Q(person=None)),
                name="checks_allowance_for_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(scope="person") | models.Q(numbers_per_day__isnull=False),
                name="checks_allowance_says_how_many",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.numbers_per_day}"


class Usage(models.Model):
    """How many numbers a person's checks asked about on a day of the installation's time zone.

    `last_turn_at` is when a call was last made for the person, whatever has become of that check.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_usages"
    )
    day = models.DateField()
    asked = models.PositiveIntegerField(default=0)
    last_turn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "checks_usage"
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="checks_usage_once")]
        indexes = [models.Index(fields=["day"], name="checks_usage_of_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.asked}"


class Hold(models.Model):
    """An administrator holds back the checks of a person, or all checks (no person), until it is lifted."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="check_hold"
    )
    laid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    laid_at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        db_table = "checks_hold"
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                name="checks_hold_of_all_once",
                condition=models.Q(person=None),
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


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
