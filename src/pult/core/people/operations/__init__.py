"""What can be done about people: their links, roles, passwords and preferences."""

from pult.core.people.operations.browser_sessions import (
    UnableToEndSessions,
    begin_browser_session,
    end_all_sessions,
    end_browser_session,
    note_browser_session,
)
from pult.core.people.operations.departures import UnableToRemovePerson, remove_person
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
    UnableToChangeEmail,
    UnableToSettleIn,
    change_email,
    change_language,
    change_profile,
    choose_password,
    settle_in,
)
from pult.core.people.operations.refusals import Unable
from pult.core.people.operations.roles import UnableToChangePerson, change_role, switch_off, switch_on
from pult.core.people.operations.second_factors import (
    UnableToDemand,
    UnableToResetSecondFactor,
    demand_second_factor,
    reset_second_factor,
)
from pult.core.people.operations.sign_in_codes import (
    UnableToMakeCode,
    UnableToUseCode,
    create_sign_in_code,
    use_sign_in_code,
)

__all__ = [
    "IssuedLink",
    "Unable",
    "UnableToChangeEmail",
    "UnableToChangePerson",
    "UnableToDemand",
    "UnableToEndSessions",
    "UnableToEnter",
    "UnableToInvite",
    "UnableToIssueLink",
    "UnableToMakeCode",
    "UnableToRemovePerson",
    "UnableToResetSecondFactor",
    "UnableToSettleIn",
    "UnableToUseCode",
    "accept_invitation",
    "begin_browser_session",
    "change_email",
    "change_language",
    "change_profile",
    "change_role",
    "choose_password",
    "create_owner_link",
    "create_sign_in_code",
    "create_sign_in_link",
    "demand_second_factor",
    "end_all_sessions",
    "end_browser_session",
    "invite_colleague",
    "note_browser_session",
    "remove_person",
    "reset_second_factor",
    "revoke_link",
    "settle_in",
    "switch_off",
    "switch_on",
    "use_sign_in_code",
    "use_sign_in_link",
]
