"""Reading about people."""

from pult.core.people.queries.merging import Moves, two_telegrams, what_moves, why_not_one
from pult.core.people.queries.people import (
    Possibilities,
    open_invitations,
    open_sign_in_link,
    people_listed,
    person_named,
    possibilities,
    roles_to_give,
    standing_of,
    working_link,
)
from pult.core.people.queries.rights import (
    Cell,
    ModuleRights,
    Right,
    rights_of_roles,
    roles_changed,
    roles_that_may,
)
from pult.core.people.queries.safety import (
    Factors,
    RoleSafety,
    browser_sessions_of,
    factors_of,
    safety_of_roles,
)
from pult.core.people.queries.telegram import (
    administrators_in_telegram,
    applications_decided,
    applications_waiting,
    person_of_telegram,
    telegram_of,
    waiting_application,
)

__all__ = [
    "Cell",
    "Factors",
    "ModuleRights",
    "Moves",
    "Possibilities",
    "Right",
    "RoleSafety",
    "administrators_in_telegram",
    "applications_decided",
    "applications_waiting",
    "browser_sessions_of",
    "factors_of",
    "open_invitations",
    "open_sign_in_link",
    "people_listed",
    "person_named",
    "person_of_telegram",
    "possibilities",
    "rights_of_roles",
    "roles_changed",
    "roles_that_may",
    "roles_to_give",
    "safety_of_roles",
    "standing_of",
    "telegram_of",
    "two_telegrams",
    "waiting_application",
    "what_moves",
    "why_not_one",
    "working_link",
]
