"""What roles may do in this installation, where it differs from what Pult comes with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from pult.core.audit.operations import record
from pult.core.people.models import PermissionChoice, Person
from pult.core.people.operations.refusals import Unable
from pult.core.people.queries import standing_of
from pult.core.people.rules import role_holds, why_not_choose_permission
from pult.core.registry import Role, registry

# Choices follow one another, so that each writes down what was before it.
LOCK = 731_442_002


class UnableToChoosePermission(Unable):
    """This actor may not give or take that right; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A right that a role got or lost."""

    role: Role
    permission: str
    allowed: bool


@transaction.atomic
def choose_permissions(
    *, actor: Person | None, role: Role, wanted: Mapping[str, bool], now: datetime
) -> list[Change]:
    """Give the role the permissions that are True in `wanted` and take those that are False; others stay.

    It holds with the next request in every process. Returns what really changed. Raises UnableToChoosePermission and
    KeyError for an unknown permission.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    doer = None if actor is None else Person.objects.select_for_update().get(pk=actor.pk)
    standing = None if doer is None else standing_of(doer)
    chosen = dict(PermissionChoice.objects.filter(role=role.value).values_list("permission", "allowed"))
    changes = []
    for name in sorted(wanted):
        permission = registry.permission(name)
        if role_holds(role, permission, chosen.get(name)) == wanted[name]:
            continue
        held = doer is None or doer.may(name)
        refusal = why_not_choose_permission(standing, role, permission, held=held)
        if refusal is not None:
            raise UnableToChoosePermission(refusal)
        _store(role=role, name=name, allowed=wanted[name], actor=doer, now=now)
        changes.append(Change(role, name, wanted[name]))
    return changes


@transaction.atomic
def reset_permissions(*, actor: Person | None, role: Role, now: datetime) -> list[Change]:
    """Let the role do again what Pult comes with; returns what changed. Raises UnableToChoosePermission."""
    known = {permission.name: role in permission.roles for permission in registry.permissions()}
    chosen = PermissionChoice.objects.filter(role=role.value).values_list("permission", flat=True)
    return choose_permissions(
        actor=actor, role=role, wanted={name: known[name] for name in chosen if name in known}, now=now
    )


def _store(*, role: Role, name: str, allowed: bool, actor: Person | None, now: datetime) -> None:
    """Only what differs from what Pult comes with has a row."""
    if (role in registry.permission(name).roles) == allowed:
        PermissionChoice.objects.filter(role=role.value, permission=name).delete()
    else:
        PermissionChoice.objects.update_or_create(
            role=role.value,
            permission=name,
            defaults={"allowed": allowed, "changed_at": now, "changed_by": actor},
        )
    words = {True: "allowed", False: "not_allowed"}
    record(
        action="role.permission_given" if allowed else "role.permission_taken",
        actor=actor,
        now=now,
        object_type="role",
        object_id=role.value,
        role=role.value,
        permission=name,
        before=words[not allowed],
        after=words[allowed],
    )
