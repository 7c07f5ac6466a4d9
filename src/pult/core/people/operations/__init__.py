"""What can be done about people: their links, roles, passwords and preferences."""

from pult.core.people.operations.applications import (
    UnableToApply,
    UnableToDecide,
    apply_for_access,
    decide_application,
)
from pult.core.people.operations.browser_sessions import (
    UnableToEndSessions,
    begin_browser_session,
    end_all_sessions,
    end_browser_session,
    note_browser_session,
)
from pult.core.people.operations.departures import UnableToRemovePerson, remove_person
from pult.core.people.operations.invitations import (
    UnableToInvite,
    UnableToJoin,
    accept_invitation,
    accept_invitation_by_telegram,
    invite_colleague,
)
from pult.core.people.operations.links import (
    IssuedLink,
    UnableToEnter,
    UnableToIssueLink,
    create_owner_link,
    create_sign_in_link,
    revoke_link,
    use_sign_in_link,
)
from pult.core.people.operations.merging import UnableToMerge, merge_people
from pult.core.people.operations.permissions import (
    UnableToChoosePermission,
    choose_permissions,
    reset_permissions,
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
from pult.core.people.operations.telegram_identities import (
    UnableToLink,
    UnableToUnlink,
    create_telegram_link,
    link_telegram,
    take_telegram_away,
    unlink_telegram,
    use_telegram_link,
)

__all__ = [
    "IssuedLink",
    "Unable",
    "UnableToApply",
    "UnableToChangeEmail",
    "UnableToChangePerson",
    "UnableToChoosePermission",
    "UnableToDecide",
    "UnableToDemand",
    "UnableToEndSessions",
    "UnableToEnter",
    "UnableToInvite",
    "UnableToIssueLink",
    "UnableToJoin",
    "UnableToLink",
    "UnableToMakeCode",
    "UnableToMerge",
    "UnableToRemovePerson",
    "UnableToResetSecondFactor",
    "UnableToSettleIn",
    "UnableToUnlink",
    "UnableToUseCode",
    "accept_invitation",
    "accept_invitation_by_telegram",
    "apply_for_access",
    "begin_browser_session",
    "change_email",
    "change_language",
    "change_profile",
    "change_role",
    "choose_password",
    "choose_permissions",
    "create_owner_link",
    "create_sign_in_code",
    "create_sign_in_link",
    "create_telegram_link",
    "decide_application",
    "demand_second_factor",
    "end_all_sessions",
    "end_browser_session",
    "invite_colleague",
    "link_telegram",
    "merge_people",
    "note_browser_session",
    "remove_person",
    "reset_permissions",
    "reset_second_factor",
    "revoke_link",
    "settle_in",
    "switch_off",
    "switch_on",
    "take_telegram_away",
    "unlink_telegram",
    "use_sign_in_code",
    "use_sign_in_link",
    "use_telegram_link",
]
