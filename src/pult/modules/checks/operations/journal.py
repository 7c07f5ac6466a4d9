"""Writing a check's log and telling open pages that it changed, in the transaction of the deed itself."""

from typing import Any

from django.db.models.functions import Now

from pult.core.live import publish
from pult.modules.checks.models import Check, LogEntry


def topic_of(check_id: int) -> str:
    """The live topic of a check."""
    return f"check:{check_id}"


# Where the administrators' page of the queue listens; what it may show is decided when it is asked.
QUEUE_TOPIC = "queue:checks"


def publish_queue() -> None:
    """Tell open pages of the queue that it changed."""
    publish(QUEUE_TOPIC)


def note(
    check_id: int,
    kind: LogEntry.Kind,
    *,
    block_ordinal: int | None = None,
    account_label: str = "",
    **details: Any,
) -> None:
    """Add a log entry (JSON details, no phone numbers, no names of people) and publish the check's topic."""
    LogEntry.objects.create(
        check_ref_id=check_id,
        at=Now(),
        kind=kind,
        block_ordinal=block_ordinal,
        account_label=account_label,
        details=details,
    )
    publish(topic_of(check_id))
    publish_queue()
    owner = Check.objects.filter(pk=check_id).values_list("owner_id", flat=True).first()
    publish(f"checks-log:{owner}")
