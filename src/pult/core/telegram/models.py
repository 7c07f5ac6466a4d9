"""Rows of the gateway: key pairs, connected accounts, sign-ins under way, sessions that are to be ended."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.secrets import SecretField
from pult.core.telegram.reasons import in_words


class KeyPair(models.Model):
    """An application registered with Telegram: its number and its secret hash. Several may be kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=100)
    api_id = models.IntegerField("api_id")
    api_hash = SecretField()
    # Keys of the simulated Telegram are worth nothing at the real one, and the other way round.
    simulated = models.BooleanField(default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="key_pairs"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "telegram_key_pair"
        verbose_name = pgettext_lazy("rows", "key pair")
        verbose_name_plural = pgettext_lazy("rows", "key pairs")
        constraints = [
            models.UniqueConstraint(fields=["api_id", "simulated"], name="telegram_key_pair_once"),
        ]

    def __str__(self) -> str:
        """The one that comes with the simulated Telegram has no title: it is named in the reader's language."""
        return self.title or str(_("Sample key pair"))


class Account(models.Model):
    """A Telegram user account connected to Pult. It belongs to a person; `shared` lets colleagues' work use it."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("Connected")
        NEEDS_SIGN_IN = "needs_sign_in", _("Needs a new sign-in")
        RESTRICTED = "restricted", _("Restricted by Telegram")
        BANNED = "banned", _("Banned by Telegram")
        SWITCHED_OFF = "switched_off", _("Switched off")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="telegram_accounts"
    )
    shared = models.BooleanField(default=False)
    key_pair = models.ForeignKey(KeyPair, on_delete=models.PROTECT, related_name="accounts")
    telegram_user_id = models.BigIntegerField()
    simulated = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    username = models.CharField(max_length=64, blank=True)
    # The last four digits: enough to tell accounts apart, too little to call anybody.
    phone_hint = models.CharField(max_length=4, blank=True)
    session = SecretField()
    # Names of the account's own contacts, so that an import can never rename one of them for good.
    own_contacts = SecretField(null=True)
    state = models.CharField(max_length=20, choices=State, default=State.CONNECTED)
    state_reason = models.CharField(max_length=60, blank=True)
    resting_until = models.DateTimeField(null=True)
    rest_reason = models.CharField(max_length=60, blank=True)
    # The most that its owner lets it ask at once; what it really asks is learned (`Budget`).
    numbers_per_call = models.PositiveSmallIntegerField(default=500)
    # socks5://…, http://… or mtproto://… with its password; what people see of it is `proxy_hint`.
    proxy = SecretField(null=True)
    proxy_hint = models.CharField(max_length=120, blank=True, db_default="")
    # When a restricted account is looked at next (afterwards: was last), and how often in a row that was.
    probe_at = models.DateTimeField(null=True)
    probes = models.PositiveSmallIntegerField(default=0, db_default=0)
    connected_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "telegram_account"
        verbose_name = pgettext_lazy("rows", "account")
        verbose_name_plural = pgettext_lazy("rows", "accounts")
        constraints = [
            models.UniqueConstraint(fields=["telegram_user_id", "simulated"], name="telegram_account_once"),
            models.CheckConstraint(
                condition=models.Q(numbers_per_call__gte=1, numbers_per_call__lte=500),
                name="telegram_account_numbers_per_call",
            ),
        ]
        indexes = [
            models.Index(
                fields=["resting_until"],
                name="telegram_account_resting",
                condition=models.Q(resting_until__isnull=False),
            ),
            models.Index(
                fields=["probe_at"], name="telegram_account_to_probe", condition=models.Q(state="restricted")
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people call it: its name and the end of its number."""
        name = self.name or (f"@{self.username}" if self.username else str(self.telegram_user_id))
        return f"{name} …{self.phone_hint}" if self.phone_hint else name

    @property
    def state_in_words(self) -> str:
        """Why it is in this state, as a sentence; empty when all is well."""
        return in_words(self.state_reason)

    @property
    def rest_in_words(self) -> str:
        """Why it rests, as a sentence."""
        return in_words(self.rest_reason)


class Budget(models.Model):
    """What an account has learned about Telegram's limit on one kind of request; unknown where empty.

    `call_size` is how many numbers it asks about at once now, `ceiling` the size at which the limit was met last,
    `per_hour` how many numbers an hour Telegram granted lately.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="budgets")
    request = models.CharField(max_length=20)
    call_size = models.PositiveSmallIntegerField()
    ceiling = models.PositiveSmallIntegerField(null=True)
    per_hour = models.FloatField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "telegram_budget"
        verbose_name = pgettext_lazy("rows", "budget")
        verbose_name_plural = pgettext_lazy("rows", "budgets")
        constraints = [
            models.UniqueConstraint(fields=["account", "request"], name="telegram_budget_once"),
            models.CheckConstraint(
                condition=models.Q(call_size__gte=1, call_size__lte=500), name="telegram_budget_call_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.call_size}"


class Lesson(models.Model):
    """One call as the account's budget learned from it: the chart on the account's page. The latest ones are kept."""

    class Cause(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        RETRIES = "retries", _("Numbers came back without an answer")
        WAIT = "wait", _("Telegram asked for a wait")
        LOST = "lost", _("No answer")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="lessons")
    request = models.CharField(max_length=20)
    at = models.DateTimeField()
    asked = models.PositiveSmallIntegerField()
    answered = models.PositiveSmallIntegerField(default=0)
    cause = models.CharField(max_length=10, choices=Cause)
    wait_seconds = models.PositiveIntegerField(null=True)
    # How many numbers are asked about at once from then on.
    call_size = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "telegram_lesson"
        indexes = [models.Index(fields=["account", "request", "-id"], name="telegram_lesson_of_account")]

    def __str__(self) -> str:
        return f"{self.cause} {self.asked}"


class SignIn(models.Model):
    """One attempt to connect an account: a page or the command line drives it, the worker performs it.

    Everything typed is sealed and goes when it is no longer needed. While somebody is asked for something no
    connection is open: the half-made session waits in the row, so that a restart of anything loses nothing.
    """

    class Method(models.TextChoices):
        CODE = "code", _("Phone number and code")
        QR = "qr", _("QR code")

    class State(models.TextChoices):
        STARTING = "starting", _("Talking to Telegram")
        PHONE_WANTED = "phone_wanted", _("Waiting for the phone number")
        CODE_WANTED = "code_wanted", _("Waiting for the code")
        CHECKING_CODE = "checking_code", _("Checking the code")
        PASSWORD_WANTED = "password_wanted", _("Waiting for the password")
        CHECKING_PASSWORD = "checking_password", _("Checking the password")
        SCAN_WANTED = "scan_wanted", _("Waiting for the scan")
        PAUSED = "paused", _("Stopped for now")
        FINISHED = "finished", _("Connected")
        FAILED = "failed", _("Not connected")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    OVER = (State.FINISHED, State.FAILED, State.CANCELLED, State.EXPIRED)
    # The worker has to do something, or is just doing it.
    WITH_WORKER = (State.STARTING, State.CHECKING_CODE, State.CHECKING_PASSWORD, State.SCAN_WANTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    key_pair = models.ForeignKey(KeyPair, on_delete=models.CASCADE, related_name="sign_ins")
    method = models.CharField(max_length=4, choices=Method)
    shared = models.BooleanField(default=False)
    # The proxy of the account that is being connected; the sign-in goes through it already.
    proxy = SecretField(null=True)
    state = models.CharField(max_length=20, choices=State, default=State.STARTING)
    # What went wrong last, so that the page can say it beside the field; empty when nothing did.
    problem = models.CharField(max_length=60, blank=True)
    wait_until = models.DateTimeField(null=True)
    phone = SecretField(null=True)
    phone_hint = models.CharField(max_length=4, blank=True)
    code = SecretField(null=True)
    code_hash = SecretField(null=True)
    code_way = models.CharField(max_length=20, blank=True)
    password = SecretField(null=True)
    password_hint = models.CharField(max_length=255, blank=True)
    qr_link = SecretField(null=True)
    qr_until = models.DateTimeField(null=True)
    session = SecretField(null=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="sign_ins")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "telegram_sign_in"
        verbose_name = pgettext_lazy("rows", "sign-in of an account")
        verbose_name_plural = pgettext_lazy("rows", "sign-ins of accounts")
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="telegram_sign_in_open",
                condition=~models.Q(state__in=["finished", "failed", "cancelled", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return f"sign-in {self.id}"

    @property
    def over(self) -> bool:
        """Nothing more will happen to it."""
        return self.state in self.OVER

    @property
    def problem_in_words(self) -> str:
        """What went wrong last and what to do now, as a sentence; empty when nothing did."""
        return in_words(self.problem)


class RetiredSession(models.Model):
    """A session that nobody needs any more and that is still to be logged out at Telegram."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key_pair = models.ForeignKey(KeyPair, on_delete=models.CASCADE, related_name="retired_sessions")
    session = SecretField()
    proxy = SecretField(null=True)
    # With a removed account: its own contacts, so that strangers go from its phone book, and numbers to be forgotten.
    own_contacts = SecretField(null=True)
    phones = SecretField(null=True)
    # Whose lock must be held while it is ended: a worker may still be connected with it.
    held_as = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "telegram_retired_session"

    def __str__(self) -> str:
        return f"retired session {self.id}"
