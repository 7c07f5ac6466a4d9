"""Failures of the operations about people, with a reason that a person can read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pult.core.people.rules import Refusal

REASONS: dict[Refusal, Promise] = {
    Refusal.NOT_A_MANAGER: _("Only those who manage people may do this."),
    Refusal.ONLY_OWNERS: _("Only an owner can do this."),
    Refusal.OWN_ROLE: _("You cannot raise your own role."),
    Refusal.YOURSELF: _("You cannot do this to yourself. Ask a colleague."),
    Refusal.LAST_OWNER: _("This is the last owner. Make somebody else an owner first."),
    Refusal.SWITCHED_OFF: _("The access of this person is closed. Open it first."),
    Refusal.SAME_PERSON: _("These are one and the same already."),
    Refusal.TWO_TELEGRAMS: _("Both have a Telegram of their own. Unlink one of them first."),
    Refusal.OWNERS_ONLY_RIGHT: _("This right belongs to owners and stays theirs."),
    Refusal.OWN_RIGHTS: _("Only somebody with a higher role changes what this role may do."),
    Refusal.NOT_HELD: _("Nobody gives or takes a right that they do not hold themselves."),
}


class Unable(Exception):
    """Something about people could not be done; `reason` says why in the reader's language."""

    def __init__(self, reason: str | Promise | Refusal) -> None:
        self.reason = REASONS[reason] if isinstance(reason, Refusal) else reason
        self.refusal = reason if isinstance(reason, Refusal) else None
        super().__init__(reason)

    def __str__(self) -> str:
        return str(self.reason)
