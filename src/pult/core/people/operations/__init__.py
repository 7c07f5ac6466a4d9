"""What can be done about people: their links, roles, passwords and preferences."""

from pult.core.people.operations.invitations import UnableToInvite, accept_invitation, invite_colleague
from pult.core.people.operations.links import (
    IssuedLink,
    UnableToEnter,
    UnableToIssueLink,
    create_owner_link,
    create_sign_in_link,
    revoke_link,
    use_sign_in_link,
)
from pult.core.people.operations.preferences import (
    UnableToSettleIn,
    change_language,
    change_profile,
    choose_password,
    settle_in,
)
from pult.core.people.operations.roles import UnableToChangePerson, change_role, switch_off, switch_on

__all__ = [
    "IssuedLink",
    "UnableToChangePerson",
    "UnableToEnter",
    "UnableToInvite",
    "UnableToIssueLink",
    "UnableToSettleIn",
    "accept_invitation",
    "change_language",
    "change_profile",
    "change_role",
    "choose_password",
    "create_owner_link",
    "create_sign_in_link",
    "invite_colleague",
    "revoke_link",
    "settle_in",
    "switch_off",
    "switch_on",
    "use_sign_in_link",
]
