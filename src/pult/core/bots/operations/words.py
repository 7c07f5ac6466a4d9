"""What a bot says by itself, whatever room somebody is in: refusals, outdated buttons, errors of ours."""

from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pult.core.bots.screens import Answer, Screen, Toast


def not_allowed() -> Answer:
    return Toast(_("You may not do this. An administrator can change what your role may do."), alert=True)


def held_back() -> Answer:
    """Somebody owes a second factor: only the web can help."""
    return Screen(
        format_html(
            "{}\n{}",
            _("Your role needs a second factor before anything opens. Sign in on the web and set it up:"),
            settings.PULT_ADDRESS,
        ),
        fresh=True,
    )


def outdated_button() -> Answer:
    return Toast(_("This button is out of date. /menu shows what there is now."), alert=True)


def foreign_button() -> Answer:
    return Toast(_("This button was made for somebody else."), alert=True)


def our_fault(number: int) -> Answer:
    """An error in Pult; the number stands in its log beside the update."""
    return Toast(
        _("Something went wrong here, and nothing was changed. Please try again. Report number: %(number)s.")
        % {"number": number},
        alert=True,
    )


def file_too_large(largest: int) -> Answer:
    return Toast(
        _(
            "This file is too large: at most %(megabytes)s MB can be taken here. On the web there is more room."
        )
        % {"megabytes": f"{largest / 1_000_000:.0f}"}
    )


def file_not_fetched(kind: str, largest: int) -> Answer:
    if kind == "too_large":
        return file_too_large(largest)
    return Toast(_("Telegram did not hand over this file. Please send it again."))
