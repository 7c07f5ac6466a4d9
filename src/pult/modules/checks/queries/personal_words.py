"""Words for the records of `personal_data`, for people who ask what is stored about a number."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pult.modules.checks.models import Finding, Number

WORDS: "dict[str, str | Promise]" = {
    "checked_number": _("A number in a check"),
    "rejected_line": _("A rejected line with the number in it"),
    "canary": _("A canary"),
    "number_to_forget": _("A request without an answer: an account still has to forget the number"),
    "check": _("Check"),
    "person": _("Whose"),
    "purpose": _("What for"),
    "uploaded_at": _("Uploaded"),
    "kept_until": _("Kept until"),
    "subject": _("What was asked about"),
    "verdict": pgettext_lazy("of a number", "Verdict"),
    "answered_at": _("Answered at"),
    "telegram_id": _("Telegram id"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "usernames": _("Usernames"),
    "premium": _("Premium"),
    "verified": pgettext_lazy("mark of Telegram", "Verified"),
    "last_seen": _("Last seen"),
    "last_seen_at": pgettext_lazy("moment", "Last seen at"),
    "line": _("Line"),
    "text": _("What stands there"),
    "label": _("Whose number"),
    "added_at": _("Added"),
    "last_missed_at": _("Last missed"),
    "asked_at": _("Asked"),
    **{f"verdict={state.name.lower()}": state.label for state in Number.State},
    **{f"last_seen={seen.value}": seen.label for seen in Finding.LastSeen},
}
