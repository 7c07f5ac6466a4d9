"""Whose turn it is: daily allowances, what was spent, what an administrator holds back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
