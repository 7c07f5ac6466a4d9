"""What is known about a person, another name for them, and the code with which they sign in on the web."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pult.core.bots.keyboards import code, titled, way_back
from pult.core.bots.queries import main_bot
from pult.core.bots.reception.desk import room
from pult.core.bots.screens import Answer, Button, Refused, Screen, Visit, below
from pult.core.people.models import PLACEHOLDER_EMAIL, RoleChoice
from pult.core.people.operations import Unable, change_profile
from pult.core.people.operations.applications import checked_nickname
from pult.core.people.operations.sign_in_codes import create_sign_in_code
from pult.core.people.queries import telegram_of
from pult.core.people.telegram_sign_in import SIGN_IN_CODE_LIFE, shown_code


@room.action("account")
def show_account(visit: Visit, *_words: str) -> Answer:
    """Name, role, and the ways in."""
    return _account_screen(visit)


def _account_screen(visit: Visit) -> Screen:
    person, identity = visit.person, telegram_of(visit.person)
    email = person.email if person.email and person.email != PLACEHOLDER_EMAIL else ""
    rows = [
        (_("Name"), str(person)),
        (_("Role"), str(RoleChoice(person.role).label)),
        (_("In Telegram"), str(identity) if identity else "–"),
        (_("E-mail"), email or _("none; you sign in with Telegram")),
    ]
    return below(
        titled(_("My account"), *(format_html("{}: <b>{}</b>", label, value) for label, value in rows)),
        (Button(_("✏️ Change the name"), "home.rename"), Button(_("🔑 Sign in on the web"), "home.sign_in")),
        way_back("home.settings"),
    )


@room.action("rename")
def ask_name(_visit: Visit, *_words: str) -> Answer:
    """The name under which colleagues see them."""
    return below(
        titled(_("How shall colleagues call you?"), _("Write your name.")),
        way_back("home.account"),
        expects="home.name",
    )


@room.text("name")
def name_given(visit: Visit, text: str) -> Answer:
    """Called so from now on; an odd name, or a colleague's, is asked for again."""
    person = visit.person
    if text.strip() != person.name:
        try:
            name = checked_nickname(text)
        except Unable as unable:
            raise Refused(unable.reason) from unable
        change_profile(
            person=person, name=name, language=person.language, time_zone=person.time_zone, now=visit.now
        )
    return _account_screen(visit)


@room.action("sign_in")
def sign_in(visit: Visit, *_words: str) -> Answer:
    """A code that signs in once on the web, also on a machine without a public address.

    Only from the main bot: who knows the token of a bot can have what it said forwarded, and owners chose that one.
    """
    main = main_bot()
    if main is None:
        raise Refused(_("There is no main bot yet. An owner chooses it on the web."))
    if main.pk != visit.bot_id:
        raise Refused(_("Only the main bot gives codes: ask @%(username)s.") % {"username": main.username})
    try:
        digits = create_sign_in_code(person=visit.person, now=visit.now)
    except Unable as unable:
        raise Refused(unable.reason) from unable
    minutes = int(SIGN_IN_CODE_LIFE.total_seconds() // 60)
    address = sign_in_address()
    return below(
        titled(
            _("Sign in on the web"),
            format_html("1. {} {}", _("Open this page:"), address),
            format_html("2. {} {}", _("Type this code:"), code(shown_code(digits))),
            "\n" + _("It works once, within %(minutes)s minutes. Give it to nobody.") % {"minutes": minutes},
        ),
        (Button(_("Open Pult"), url=address),) if can_be_a_button(address) else (),
        (Button(_("Another code"), "home.sign_in"),),
        way_back("home.settings"),
    )


def sign_in_address() -> str:
    """The page on which the code is typed."""
    return f"{settings.PULT_ADDRESS}{reverse('account_telegram')}"


def can_be_a_button(address: str) -> bool:
    """Telegram takes only addresses that others could reach, too."""
    parts = urlsplit(address)
    return parts.scheme == "https" and "." in (parts.hostname or "")
