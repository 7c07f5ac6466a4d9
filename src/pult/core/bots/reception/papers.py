"""What Telegram expects of every bot: /privacy and /terms, in plain words."""

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pult.core.bots.keyboards import menu_button, titled
from pult.core.bots.reception.desk import room
from pult.core.bots.screens import Answer, Visit, below


def privacy_text() -> SafeString:
    """What is stored about whoever writes to the bot, and for how long."""
    days = settings.UPDATES_KEPT_DAYS
    kept = ngettext(
        "What you write here and what the bot answers is kept for %(days)s day, so that nothing gets lost.",
        "What you write here and what the bot answers is kept for %(days)s days, so that nothing gets lost.",
        days,
    )
    return titled(
        _("What is stored about you"),
        _("• your number, name, username and language in Telegram, to know you again;"),
        _("• the nickname that you gave, your role, and what you did here, for your administrators;"),
        _("• lists and results of your work, until they are erased on the day that each of them names."),
        "\n" + kept % {"days": days},
        "\n" + _("Nothing is passed on. Ask an administrator if you want to see it or have it erased."),
    )


def terms_text() -> SafeString:
    """What the bot is for."""
    return titled(
        _("What this bot is for"),
        _("It belongs to the people who run this installation of Pult and is for their colleagues only."),
        _(
            "Use it for your work, within Telegram's rules, and with numbers that you may use for your purpose."
        ),
        _("What you do here is recorded. Never send passwords or sign-in codes of Telegram to a bot."),
    )


@room.action("privacy")
def privacy(_visit: Visit, *_words: str) -> Answer:
    """/privacy."""
    return below(privacy_text(), (menu_button(),))


@room.action("terms")
def terms(_visit: Visit, *_words: str) -> Answer:
    """/terms."""
    return below(terms_text(), (menu_button(),))
