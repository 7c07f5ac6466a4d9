"""What the pages call the things that a kind asks about."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Words:
    """Words and sentences in which a kind's values are named. The defaults fit any kind."""

    # Above a column of values, and above how many there are; `unit` follows a count.
    one: Promise = _("Value")
    many: Promise = _("Values")
    valid: Promise = _("Valid values")
    unit: Promise = _("values")
    # While a list is taken in.
    paste: Promise = _("Values, one on a line")
    example: str = ""
    column: Promise = _("Column with the values")
    column_question: Promise = _("Is this the column with the values?")
    column_missing: Promise = _("Choose the column in which the values stand.")
    none_in_column: Promise = _("no such values")
    no_column: Promise = _("No column looks like such values; name one with --column.")
    nothing_found: Promise = _("There is nothing in it that this check could ask about.")
    nothing_valid: Promise = _(
        "No line of this list fits this kind of check. The reasons are below; correct the list, or choose another "
        "column, and upload it again."
    )
    # About rejected lines.
    rejected: Promise = _("not of this kind; listed below")
    why_rejected: Promise = _("Why it is refused")


class PhoneWords(Words):
    """Of phone numbers."""

    one = _("Number")
    many = _("Numbers")
    valid = _("Valid numbers")
    unit = _("numbers")
    paste = _("Numbers, one on a line")
    example = "+7 912 345-67-89"
    column = _("Column with the numbers")
    column_question = _("Is this the column with the phone numbers?")
    column_missing = _("Choose the column in which the numbers stand.")
    none_in_column = _("no phone numbers")
    no_column = _("No column looks like phone numbers; name one with --column.")
    nothing_found = _("There are no phone numbers in it. They should stand one on a line or in a column.")
    nothing_valid = _(
        "No line of this list is a phone number. The reasons are below; correct the list, or choose another column, "
        "and upload it again."
    )
    rejected = _("no phone numbers; listed below")
    why_rejected = _("Why it is no number")


class UsernameWords(Words):
    """Of usernames."""

    one = pgettext_lazy("of Telegram", "Username")
    many = _("Usernames")
    valid = _("Valid usernames")
    unit = _("usernames")
    paste = _("Usernames or links, one on a line")
    example = "@ivan_petrov\nt.me/ivan_petrov"
    column = _("Column with the usernames")
    column_question = _("Is this the column with the usernames?")
    column_missing = _("Choose the column in which the usernames stand.")
    none_in_column = _("no usernames")
    no_column = _("No column looks like usernames; name one with --column.")
    nothing_found = _("There are no usernames in it. They should stand one on a line or in a column.")
    nothing_valid = _(
        "No line of this list is a username. The reasons are below; correct the list, or choose another column, "
        "and upload it again."
    )
    rejected = _("no usernames; listed below")
    why_rejected = _("Why it is no username")
