"""Reading about privacy: the policy, a person's inquiries, which numbers a list may not bring in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from pult.core.people.models import Person
from pult.core.privacy.models import Inquiry, Objection, RetentionPolicy
from pult.core.privacy.values import Limits
from pult.core.registry import Subject
from pult.core.secrets import digest, digests

OPEN_STATES = (Inquiry.State.LOOKING, Inquiry.State.ERASING)


def policy() -> RetentionPolicy:
    """How long personal data is kept here; the built-in policy while nobody has changed it."""
    return RetentionPolicy.objects.select_related("changed_by").first() or RetentionPolicy()


def limits() -> Limits:
    """The policy as the rules see it."""
    row = policy()
    return Limits(row.default_days, row.most_days, row.may_stay)


def fingerprint(subject: Subject) -> bytes:
    """The keyed digest of a number or username (32 bytes): the same has the same one, and nobody can turn it back."""
    return digest(_named(subject))


def fingerprints(subjects: Iterable[Subject]) -> list[bytes]:
    """The fingerprint of each, for whole lists."""
    return digests(map(_named, subjects))


def _named(subject: Subject) -> str:
    return f"phone:{subject}" if isinstance(subject, int) else f"username:{subject}"


def trace_of(subject: Subject) -> str:
    """The fingerprint as the audit trail shows it, cut to 32 characters."""
    return fingerprint(subject).hex()[:32]


def refused_numbers(*, uploaded_at: datetime) -> frozenset[bytes]:
    """Fingerprints of the numbers that a list uploaded at that moment must not bring in; mostly none at all."""
    found = Objection.objects.filter(Q(lists_before=None) | Q(lists_before__gt=uploaded_at))
    return frozenset(bytes(known) for known in found.values_list("digest", flat=True))


def is_refused(subject: Subject) -> bool:
    """Whether somebody objected to this number or username being processed."""
    return Objection.objects.filter(digest=fingerprint(subject), lists_before=None).exists()


def objection_count() -> int:
    """How many numbers are refused for ever."""
    return Objection.objects.filter(lists_before=None).count()


def inquiries_of(person: Person) -> QuerySet[Inquiry]:
    """The person's own inquiries, newest first; nobody reads another's."""
    return Inquiry.objects.filter(asked_by=person).order_by("-created_at")


def may_follow_inquiry(person: Any, inquiry_id: str) -> bool:
    """Whether the live topic `inquiry:<id>` is the person's own."""
    if len(inquiry_id) != 36 or not person.may("privacy.manage"):
        return False
    return any(str(known) == inquiry_id for known in inquiries_of(person).values_list("pk", flat=True))


def next_inquiry() -> datetime | None:
    """When the worker has to take an inquiry up, or may forget one; None without any."""
    moments = Inquiry.objects.aggregate(due=Min("due_at"), over=Min("forget_at"))
    return min((moment for moment in moments.values() if moment is not None), default=None)
