"""What a person reads about a refused line."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .problems import Problem

PROBLEM_TEXTS: dict[Problem, Promise] = {
    Problem.EMPTY: _("The cell is empty."),
    Problem.NOT_A_NUMBER: _("This is not a phone number."),
    Problem.LETTERS: _("There are letters in it; a phone number has digits only."),
    Problem.DATE: _("This is a date, not a phone number."),
    Problem.DAMAGED: _(
        "A spreadsheet has shortened this number and its digits are lost. Take it from the original."
    ),
    Problem.FORMULA_WITHOUT_VALUE: _(
        "A formula without a calculated value. Open the file in a spreadsheet and save it again."
    ),
    Problem.EXTENSION: _("It has an extension; Telegram accounts belong to numbers without extensions."),
    Problem.SEVERAL_NUMBERS: _("Several numbers in one cell. Give each its own line."),
    Problem.NO_COUNTRY: _("No country: write it with + and the country code, or choose a default country."),
    Problem.UNKNOWN_COUNTRY: _("No country has this code."),
    Problem.TOO_SHORT: _("Too short: digits are missing."),
    Problem.TOO_LONG: _("Too long: there are more digits than a number of this country has."),
    Problem.WRONG_LENGTH: _("No number of this country has this many digits."),
    Problem.REFUSED: _("The person whose number this is asked that it is not processed."),
    Problem.NOT_ASSIGNED: _("The length is right, but this country has no numbers that begin like this."),
    Problem.NOT_A_USERNAME: _("This is not a username."),
    Problem.INVITATION: _("An invitation link: it has no username in it."),
    Problem.PHONE: _("This is a phone number. A check of phone numbers takes it."),
    Problem.OTHER: _("This kind of check cannot ask about it."),
}
