"""Who may do what to whom: pure decisions about roles.

Three rules carry the rest: an administrator never touches an owner and never makes one; nobody raises the own role;
at least one active owner remains.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pult.core.registry import Permission, Role

RANK = {Role.OPERATOR: 0, Role.ADMINISTRATOR: 1, Role.OWNER: 2}
SIGN_IN_LINK_LIFE = timedelta(hours=24)
INVITATION_LIFE = timedelta(days=7)
INVITATION_LIVES = (
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=3),
    INVITATION_LIFE,
    timedelta(days=30),
)
"""How long an invitation may be made to work."""
INVITATION_PAYLOAD = "invite-"
"""What /start of the main bot gets before the secret of an invitation."""
TELEGRAM_LINK_LIFE = timedelta(minutes=15)
APPLY_AGAIN_AFTER = timedelta(hours=24)
"""How long a refusal stands before the same Telegram user may ask again."""
DECLINED_KEPT = timedelta(days=30)
"""How long it is remembered who was declined: strangers have a right to be forgotten, too."""
MOST_WAITING = 500
"""Applications that may wait at once: strangers cannot fill the list, and it stays one that people can read."""


def digest_of(secret: str) -> bytes:
    """What is stored of a link's secret: its SHA-256 (256 random bits need no slow hash)."""
    return hashlib.sha256(secret.encode()).digest()


class Refusal(StrEnum):
    """Why something about a person may not be done."""

    NOT_A_MANAGER = "not_a_manager"
    ONLY_OWNERS = "only_owners"
    OWN_ROLE = "own_role"
    YOURSELF = "yourself"
    LAST_OWNER = "last_owner"
    SWITCHED_OFF = "switched_off"
    SAME_PERSON = "same_person"
    TWO_TELEGRAMS = "two_telegrams"
    OWNERS_ONLY_RIGHT = "owners_only_right"
    OWN_RIGHTS = "own_rights"
    NOT_HELD = "not_held"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules need to know about one person; `manages`: they hold the permission people.manage."""

    id: int
    role: Role
    active: bool
    manages: bool


def _above(actor: Standing | None, role: Role) -> Refusal | None:
    """Whether the actor manages people of that role. None as actor is the terminal of the server: it may."""
    if actor is None:
        return None
    if not actor.active or not actor.manages:
        return Refusal.NOT_A_MANAGER
    if RANK[role] > RANK[actor.role]:
        return Refusal.ONLY_OWNERS
    return None


def _last_owner(target: Standing, active_owners: int) -> Refusal | None:
    if target.active and target.role is Role.OWNER and active_owners <= 1:
        return Refusal.LAST_OWNER
    return None


def why_not_invite(actor: Standing | None, role: Role) -> Refusal | None:
    """Nobody gives a role above the own one."""
    return _above(actor, role)


def why_not_change_role(
    actor: Standing | None, target: Standing, role: Role, *, active_owners: int
) -> Refusal | None:
    """A person may step down but never up; the last active owner stays owner."""
    if actor is not None and actor.id == target.id and RANK[role] > RANK[actor.role]:
        return Refusal.OWN_ROLE
    refusal = _above(actor, target.role) or _above(actor, role)
    if refusal is None and role is not Role.OWNER:
        refusal = _last_owner(target, active_owners)
    return refusal


def why_not_switch_off(actor: Standing | None, target: Standing, *, active_owners: int) -> Refusal | None:
    """Somebody else does it, and the last active owner stays."""
    if actor is not None and actor.id == target.id:
        return Refusal.YOURSELF
    return _above(actor, target.role) or _last_owner(target, active_owners)


def why_not_switch_on(actor: Standing | None, target: Standing) -> Refusal | None:
    """The same people who may switch off."""
    return _above(actor, target.role)


def why_not_let_in(actor: Standing | None, target: Standing) -> Refusal | None:
    """A sign-in link opens the other's account, so it is never given upwards, nor to somebody switched off.

    For oneself there is the password page, which asks for the present password.
    """
    if actor is not None and actor.id == target.id:
        return Refusal.YOURSELF
    if not target.active:
        return Refusal.SWITCHED_OFF
    return _above(actor, target.role)


def why_not_reset_second_factor(actor: Standing | None, target: Standing) -> Refusal | None:
    """The same people who may make a sign-in link; one's own factors have a page that asks for the password."""
    if actor is not None and actor.id == target.id:
        return Refusal.YOURSELF
    return _above(actor, target.role)


def why_not_demand(actor: Standing | None) -> Refusal | None:
    """Owners decide what roles need."""
    return _above(actor, Role.OWNER)


def why_not_end_sessions(actor: Standing | None, target: Standing) -> Refusal | None:
    """Everybody their own, managers also those of others."""
    if actor is not None and actor.id == target.id:
        return None
    return _above(actor, target.role)


def why_not_remove(actor: Standing | None, target: Standing, *, active_owners: int) -> Refusal | None:
    """Who may shut a person out may also remove them; nobody removes themselves, and the last owner stays."""
    return why_not_switch_off(actor, target, active_owners=active_owners)


def why_not_merge(
    actor: Standing | None, kept: Standing, merged: Standing, *, active_owners: int
) -> Refusal | None:
    """Who may manage both may make one of them; one's own record is kept, never merged into another's."""
    if kept.id == merged.id:
        return Refusal.SAME_PERSON
    if actor is not None and actor.id == merged.id:
        return Refusal.YOURSELF
    refusal = _above(actor, kept.role) or _above(actor, merged.role)
    if refusal is None and not (kept.active and kept.role is Role.OWNER):
        refusal = _last_owner(merged, active_owners)
    return refusal


def why_not_unlink(actor: Standing | None, target: Standing) -> Refusal | None:
    """Everybody their own Telegram, managers also that of others."""
    return why_not_end_sessions(actor, target)


def is_owners_only(permission: Permission) -> bool:
    """Whether Pult comes with it for owners alone: then it stays theirs."""
    return permission.roles <= {Role.OWNER}


def role_holds(role: Role, permission: Permission, choice: bool | None) -> bool:
    """Whether a role may do something, given what this installation chose for it (None: nothing).

    Owners may always do everything, so nobody can lock the last one out.
    """
    if role is Role.OWNER:
        return True
    if is_owners_only(permission):
        return False
    return role in permission.roles if choice is None else choice


def why_not_choose_permission(
    actor: Standing | None, role: Role, permission: Permission, *, held: bool
) -> Refusal | None:
    """Rights are chosen for roles below the own one, and nobody deals with a right that they do not hold (`held`)."""
    if is_owners_only(permission) or role is Role.OWNER:
        return Refusal.OWNERS_ONLY_RIGHT
    if actor is None:
        return None
    if not actor.active:
        return Refusal.NOT_A_MANAGER
    if RANK[role] >= RANK[actor.role]:
        return Refusal.OWN_RIGHTS
    return None if held else Refusal.NOT_HELD
