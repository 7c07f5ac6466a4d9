"""Deep links (t.me/<bot>?start=<secret>): join with an invitation, or link Telegram with a person of the web."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from pult.core.bots.models import Update
from pult.core.bots.operations.grounds import person_ground
from pult.core.bots.screens import Answer, Visit
from pult.core.people.models import EntryLink
from pult.core.people.operations import Unable, UnableToEnter
from pult.core.people.operations.telegram_identities import use_telegram_link
from pult.core.people.queries import telegram_of, working_link

# Words that pages put before the secret, so that people who look at the link see what it is for.
PREFIXES = ("link-", "join-", "invite-")
FEW = 5


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that works at this moment, with the secret that opens it."""

    link: EntryLink
    secret: str


def open_link(payload: str, *, now: datetime) -> OpenLink | None:
    """What the text behind /start opens; None for a link that works no longer, or never did."""
    secret = payload
    for prefix in PREFIXES:
        secret = secret.removeprefix(prefix)
    link = working_link(secret=secret, now=now) if secret.isascii() and len(secret) <= 64 else None
    return None if link is None else OpenLink(link, secret)


def veil(*, bot_id: UUID, chat_id: int, payload: str) -> None:
    """Take the secret out of the stored update: who looks through updates could come in with one that still works.

    The update in hand is the first of its chat that waits; however much a stranger has written, few rows are read.
    """
    waiting = Update.objects.filter(bot_id=bot_id, chat_id=chat_id, state=Update.State.WAITING)
    for update in waiting.select_for_update().order_by("pk")[:FEW]:
        message = update.payload.get("message")
        text = message.get("text") if isinstance(message, dict) else None
        if isinstance(text, str) and text.lower().startswith("/start") and text.rstrip().endswith(payload):
            message["text"] = "/start …"
            update.save(update_fields=["payload"])


def known_person_with_link(visit: Visit) -> Answer:
    """Somebody who is here already opens a link: theirs is used up, every other is explained."""
    from pult.core.bots.reception.menu import main_menu

    veil(bot_id=visit.bot_id, chat_id=visit.chat_id, payload=visit.payload)
    found = open_link(visit.payload, now=visit.now)
    if found is None:
        return main_menu(visit.person, first=UnableToEnter().reason)
    if found.link.purpose == EntryLink.Purpose.TELEGRAM:
        identity = telegram_of(visit.person)
        try:
            person = use_telegram_link(
                secret=found.secret,
                user_id=visit.user_id,
                name=identity.name if identity else "",
                username=identity.username if identity else "",
                now=visit.now,
            )
        except Unable as unable:
            return main_menu(visit.person, first=unable.reason)
        with person_ground(person):
            return main_menu(person, first=linked_words())
    return main_menu(visit.person, first=_("You are here already: this link is for somebody else."))


def linked_words() -> str:
    """Said once Telegram and the person of the web are one."""
    return _("Done: this Telegram and your sign-in on the web are now one person.")
