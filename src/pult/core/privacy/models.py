"""Rows of privacy: how long personal data is kept, what was asked about a number, which numbers are refused."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pult.core.secrets import SecretField


class RetentionPolicy(models.Model):
    """How long personal data is kept in this installation: one row, made by the first change (see `queries.policy`)."""

    DEFAULT_DAYS, MOST_DAYS = 90, 365

    default_days = models.PositiveSmallIntegerField(
        _("kept for, unless chosen otherwise"), default=DEFAULT_DAYS
    )
    most_days = models.PositiveSmallIntegerField(_("kept for at most"), default=MOST_DAYS)
    # Whether a person may keep something until they remove it themselves.
    may_stay = models.BooleanField(_("may be kept until it is removed"), default=False)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "privacy_retention_policy"
        constraints = [
            models.UniqueConstraint(models.Value(1), name="privacy_policy_once"),
            models.CheckConstraint(
                condition=Q(default_days__gte=1, default_days__lte=models.F("most_days")),
                name="privacy_policy_default_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.default_days} of at most {self.most_days} days"


class Inquiry(models.Model):
    """Somebody wants to know what is stored about a phone number, or wants it erased: the worker goes through all rows.

    Number and report are sealed, seen by who asked only, and gone a day later, or as soon as the number is erased.
    """

    class State(models.TextChoices):
        LOOKING = "looking", _("Looking")
        LOOKED = "looked", _("Looked up")
        ERASING = "erasing", _("Being erased")
        ERASED = "erased", _("Erased")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.LOOKING)
    number = SecretField(null=True)
    # The last four digits: enough to tell inquiries apart, too little to call anybody.
    hint = models.CharField(max_length=4, blank=True)
    # The keyed fingerprint under which the audit trail knows the number.
    trace = models.CharField(max_length=32)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="inquiries"
    )
    refuse_later = models.BooleanField(default=False)
    report = SecretField(null=True)
    counts = models.JSONField(default=dict)
    # Something that cannot be erased yet holds the rest up (a call under way).
    held_up = models.BooleanField(default=False)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    erasing_since = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # When the worker has to take it up (again); empty when there is nothing to do.
    due_at = models.DateTimeField(null=True)
    forget_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "privacy_inquiry"
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at=None) | Q(number__isnull=False), name="privacy_inquiry_has_number"
            ),
        ]

    def __str__(self) -> str:
        return f"inquiry {self.id}"


class Objection(models.Model):
    """A number that is not to be processed: a keyed fingerprint only, so that the list itself names nobody.

    With `lists_before` only lists uploaded before that moment refuse it: they were not read yet when it was erased.
    """

    digest = models.BinaryField(max_length=32)
    lists_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "privacy_objection"
        constraints = [
            models.UniqueConstraint(
                fields=["digest"], name="privacy_objection_once", condition=Q(lists_before=None)
            ),
        ]
        indexes = [models.Index(fields=["lists_before"], name="privacy_objection_until")]

    def __str__(self) -> str:
        return f"objection {self.pk}"
