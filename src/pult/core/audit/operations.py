"""Writing the audit trail."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pult.core.audit.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def record(
    *,
    action: str,
    actor: "AbstractBaseUser | None",
    now: datetime,
    object_type: str = "",
    object_id: object = "",
    **details: Any,
) -> AuditEntry:
    """Write one entry in the transaction of the deed itself, so that neither exists without the other.

    `action` is "<noun>.<past tense>" ("check.started"); `details` must be JSON and free of personal data and secrets.
    The actor's label is kept beside the reference, so that the trail outlives an erased person.
    """
    return AuditEntry.objects.create(
        at=now,
        actor_id=None if actor is None else actor.pk,
        actor_label="" if actor is None else str(actor),
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        details=details,
    )


def hand_over(*, former_id: int, to_id: int) -> int:
    """Two records of one person became one: what was done under the former id is now found under the other.

    Entries stay as they were written, with the label of that time. Returns how many there were.
    """
    return AuditEntry.objects.filter(actor_id=former_id).update(actor_id=to_id)
