"""Rows of the API: tokens and the answers that a repeated request gets again."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Token(models.Model):
    """What lets a programme act for its person. Of the secret only the SHA-256 is stored: 256 random bits need no more.

    It reads pult_<key>_<secret>; `key` and `ending` tell tokens apart on the page. `window_*` count the requests of
    the minute under way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(pgettext_lazy("of a token", "name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=60))
    key = models.CharField(max_length=12, unique=True)
    secret_digest = models.BinaryField(max_length=32)
    ending = models.CharField(max_length=4)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    window_started_at = models.DateTimeField(null=True)
    window_used = models.IntegerField(default=0)

    class Meta:
        db_table = "api_token"
        indexes = [models.Index(fields=["person", "-created_at"], name="api_token_of_person")]

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        """Enough to tell which one it is, nothing to use it with."""
        return f"pult_{self.key}_…{self.ending}"


class IdempotencyKey(models.Model):
    """A request that has created something, by the key its sender gave it: repeated, it gets the same answer.

    The row and what was created are of one transaction, so there is never a key of something half done.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "api_idempotency_key"
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="api_idempotency_key_once")]
        indexes = [models.Index(fields=["expires_at"], name="api_idempotency_key_expiry")]

    def __str__(self) -> str:
        return f"idempotency key {self.pk}"
