"""Rows of bots: tokens, what came in, what goes out, where each conversation stands."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.core.secrets import SecretField


class Bot(models.Model):
    """A bot of this installation. The process that holds its lock receives and sends for it, nobody else."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("a bot", "Running")
        SWITCHED_OFF = "switched_off", _("Switched off")
        TOKEN_DEAD = "token_dead", _("Needs a new token")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    telegram_id = models.BigIntegerField()
    simulated = models.BooleanField()
    name = models.CharField(max_length=130)
    username = models.CharField(max_length=64)
    token = SecretField()
    state = models.CharField(max_length=20, choices=State, default=State.RUNNING)
    # Why it is in this state or does not get through, as a word of `reasons`; empty when all is well.
    problem = models.CharField(max_length=60, blank=True)
    # The bot with which people register, sign in and get their notices.
    main = models.BooleanField(default=False)
    # What Telegram must send along with each update (webhook only).
    webhook_secret = SecretField(null=True)
    # Messages a second over all chats: what the bot has learned it may send.
    per_second = models.FloatField(default=30, db_default=30)
    resting_until = models.DateTimeField(null=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bots_bot"
        verbose_name = pgettext_lazy("rows", "bot")
        verbose_name_plural = pgettext_lazy("rows", "bots")
        constraints = [
            models.UniqueConstraint(fields=["telegram_id", "simulated"], name="bots_bot_once"),
            models.UniqueConstraint(fields=["simulated"], condition=Q(main=True), name="bots_one_main_bot"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"


class Update(models.Model):
    """One update of Telegram, as it came; stored before it is acknowledged, handled in order within a chat."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("an update or a message", "Waiting")
        HANDLED = "handled", _("Handled")
        FAILED = "failed", _("Failed")

    id = models.BigAutoField(primary_key=True)
    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="updates")
    update_id = models.BigIntegerField()
    # "message", "callback_query" …: the name under which Telegram sends it.
    kind = models.CharField(max_length=40)
    # 0 where an update belongs to no chat (a shipping query, say): those are one lane of their own.
    chat_id = models.BigIntegerField(default=0)
    user_id = models.BigIntegerField(null=True)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Which room and action answered, and what went wrong; never what a person wrote.
    answered_by = models.CharField(max_length=80, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "bots_update"
        verbose_name = pgettext_lazy("rows", "update")
        verbose_name_plural = pgettext_lazy("rows", "updates")
        constraints = [models.UniqueConstraint(fields=["bot", "update_id"], name="bots_update_once")]
        indexes = [
            models.Index(fields=["bot", "id"], condition=Q(state="waiting"), name="bots_update_waiting"),
            models.Index(fields=["received_at"], name="bots_update_age"),
            models.Index(fields=["bot", "chat_id", "-id"], name="bots_update_of_chat"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.update_id}"


class Chat(models.Model):
    """A chat as one bot knows it: whether it can be reached, and until when it must be left alone."""

    id = models.BigAutoField(primary_key=True)
    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="chats")
    chat_id = models.BigIntegerField()
    # private, group, supergroup, channel
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=130, blank=True)
    # Empty, or why nothing can be sent: blocked, deactivated, kicked, not_member, deleted, not_found.
    unreachable = models.CharField(max_length=20, blank=True)
    unreachable_since = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "bots_chat"
        verbose_name = pgettext_lazy("rows", "chat")
        verbose_name_plural = pgettext_lazy("rows", "chats")
        constraints = [models.UniqueConstraint(fields=["bot", "chat_id"], name="bots_chat_once")]

    def __str__(self) -> str:
        return str(self.chat_id)


class Outgoing(models.Model):
    """One call of the Bot API that something of this installation wants: a row first, a call afterwards.

    `unknown` is a message whose answer got lost: nobody can know whether it arrived, so it is not sent again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("an update or a message", "Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("Unknown")
        DROPPED = "dropped", _("No longer needed")

    id = models.BigAutoField(primary_key=True)
    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="outgoing")
    chat_id = models.BigIntegerField()
    # The method as Telegram writes it ("sendMessage"), and its parameters as JSON.
    method = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    # A file that goes along: its path below the data folder, and the parameter that it is ("document").
    file = models.CharField(max_length=255, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    file_parameter = models.CharField(max_length=20, blank=True)
    # Lower first: 0 answers of taps, 10 answers to people, 50 notices.
    priority = models.PositiveSmallIntegerField(default=10)
    # Written by the same transaction that wants it, so that a repeated deed sends once.
    key = models.CharField(max_length=120, null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    message_id = models.BigIntegerField(null=True)
    # What follows when it is sent: see `operations.outbox.enqueue`.
    when_sent = models.JSONField(default=dict)
    # The class of the error (`values.Fault`), and Telegram's words.
    fault = models.CharField(max_length=20, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    update = models.ForeignKey(Update, null=True, on_delete=models.SET_NULL, related_name="answers")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "bots_outgoing"
        verbose_name = pgettext_lazy("rows", "outgoing message")
        verbose_name_plural = pgettext_lazy("rows", "outgoing messages")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(key__isnull=False), name="bots_outgoing_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["bot", "priority", "id"],
                condition=Q(state__in=["waiting", "sending"]),
                name="bots_outgoing_open",
            ),
            models.Index(fields=["created_at"], name="bots_outgoing_age"),
            models.Index(fields=["bot", "chat_id", "-id"], name="bots_outgoing_of_chat"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.pk}"


class Conversation(models.Model):
    """Where somebody stands with a bot: what is expected of them next, and what is remembered for it."""

    id = models.BigAutoField(primary_key=True)
    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="conversations")
    chat_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    # "checks.purpose": the room and what it waits for; empty when nothing is expected.
    expects = models.CharField(max_length=80, blank=True)
    notes = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "bots_conversation"
        verbose_name = pgettext_lazy("rows", "conversation")
        verbose_name_plural = pgettext_lazy("rows", "conversations")
        constraints = [
            models.UniqueConstraint(fields=["bot", "chat_id", "user_id"], name="bots_conversation_once"),
        ]
        indexes = [models.Index(fields=["changed_at"], name="bots_conversation_age")]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.user_id}"


class LiveScreen(models.Model):
    """A message that shows something which changes by itself (a check at work) and is edited when it does."""

    id = models.BigAutoField(primary_key=True)
    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="live_screens")
    chat_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    message_id = models.BigIntegerField()
    # The live topic ("check:12"), and the action with its arguments that draws the screen.
    topic = models.CharField(max_length=100)
    action = models.CharField(max_length=80)
    arguments = models.JSONField(default=list)
    shown_digest = models.BinaryField(max_length=32, null=True)
    since = models.DateTimeField()

    class Meta:
        db_table = "bots_live_screen"
        verbose_name = pgettext_lazy("rows", "live screen")
        verbose_name_plural = pgettext_lazy("rows", "live screens")
        constraints = [
            models.UniqueConstraint(fields=["bot", "chat_id", "message_id"], name="bots_live_screen_once"),
        ]
        indexes = [models.Index(fields=["topic"], name="bots_live_screen_topic")]

    def __str__(self) -> str:
        return f"{self.topic} in {self.chat_id}"
