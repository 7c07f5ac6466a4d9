"""Writing the audit trail."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

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


@transaction.atomic
def hand_over(*, former_id: int, to_id: int) -> int:
    """Two records of one person became one: what was done under the former id is now found under the other.

    Entries stay as they were written, with the label of that time: the database lets only this reference move, and
    only from the one to the other. Returns how many there were.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pult.audit_hand_over', %s, true)", [f"{former_id}>{to_id}"])
        moved = AuditEntry.objects.filter(actor_id=former_id).update(actor_id=to_id)
        cursor.execute("SELECT set_config('pult.audit_hand_over', '', true)")
    return moved
