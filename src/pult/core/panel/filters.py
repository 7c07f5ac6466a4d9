"""How the audit trail is narrowed: by day, by what was done, by who did it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from pult.core.audit.models import AuditEntry
from pult.core.audit.vocabulary import named_actions
from pult.core.people.models import Person


class DayFilter(TextFilter):  # type: ignore[misc] # unfold has no types
    """One day in the zone of the person who asks."""

    title = _("Day")
    parameter_name = "day"
    template = "panel/day.html"

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """From midnight to midnight; what is no day narrows nothing."""
        try:
            day = date.fromisoformat(self.value() or "")
            begin = timezone.make_aware(datetime.combine(day, time.min))
            end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        except (ValueError, OverflowError):
            return queryset
        return queryset.filter(at__gte=begin, at__lt=end)


class ActionFilter(DropdownFilter):  # type: ignore[misc] # unfold has no types
    """What was done."""

    title = _("What")
    parameter_name = "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All actions that have a name."""
        return sorted(((action, str(words)) for action, words in named_actions()), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Only that."""
        return queryset.filter(action=self.value()) if self.value() else queryset


class ActorFilter(DropdownFilter):  # type: ignore[misc] # unfold has no types
    """Who did it."""

    title = _("Who")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Everybody of this installation."""
        return [(str(person.pk), str(person)) for person in Person.objects.order_by("name", "email")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Only theirs."""
        value = self.value() or ""
        return queryset.filter(actor=int(value)) if value.isdecimal() else queryset
