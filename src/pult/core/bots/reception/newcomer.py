"""Whoever is nobody here yet: a nickname, a request, and a wait until somebody decides. Nothing else opens to them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from pult.core.bots.keyboards import lines, titled
from pult.core.bots.operations.grounds import ground, language_for, person_ground
from pult.core.bots.reception.application_notices import withdraw_answer
from pult.core.bots.reception.entering import OpenLink, linked_words, open_link, veil
from pult.core.bots.reception.menu import main_menu
from pult.core.bots.reception.papers import privacy_text, terms_text
from pult.core.bots.rules.incoming import Incoming
from pult.core.bots.screens import Answer, Button, Screen, below
from pult.core.people.models import Application, EntryLink
from pult.core.people.operations import Unable, UnableToEnter
from pult.core.people.operations.applications import UnableToApply, apply_for_access, why_not_apply
from pult.core.people.operations.invitations import accept_invitation_by_telegram
from pult.core.people.operations.telegram_identities import use_telegram_link
from pult.core.people.queries import administrators_in_telegram, waiting_application
from pult.core.registry import Text
from pult.core.secrets import UnableToReveal, reveal_text, seal_text

NICKNAME = "home.nickname"
LONGEST_OFFERED = 40


def newcomer(incoming: Incoming, now: datetime) -> Answer:
    """What somebody hears whom this installation does not know. Their language: chosen here, or that of their app."""
    chosen = (
        incoming.arguments[0] if incoming.action == "home.newcomer_language" and incoming.arguments else ""
    )
    notes = dict(incoming.notes)
    if chosen in dict(settings.LANGUAGES):
        notes["language"] = chosen
    with ground(language=notes.get("language") or incoming.language):
        return Newcomer(incoming, now, notes).answer()


def shut_out(_incoming: Incoming, _now: datetime) -> Answer:
    """Said once to somebody whose access is closed."""
    return Screen(lines(_("Your access is closed. If this is a mistake, ask an administrator.")))


class Newcomer:
    """One deed of somebody unknown, with what was noted of the conversation: language, invitation."""

    def __init__(self, incoming: Incoming, now: datetime, notes: dict[str, Any]) -> None:
        self._incoming, self._now, self._notes = incoming, now, notes
        if incoming.user_id is None or incoming.bot_id is None:
            raise ValueError("a newcomer is a Telegram user who writes to a bot")
        self._user_id, self._bot_id = incoming.user_id, incoming.bot_id

    def answer(self) -> Answer:
        """Read what they did, in the order of what it can be."""
        incoming = self._incoming
        if incoming.command == "start" and incoming.payload:
            veil(bot_id=self._bot_id, chat_id=incoming.chat_id, payload=incoming.payload)
            return self._with_link(open_link(incoming.payload, now=self._now))
        if incoming.command in {"privacy", "terms"}:
            return Screen(privacy_text() if incoming.command == "privacy" else terms_text())
        invited = bool(self._notes.get("invitation"))
        waiting = None if invited else waiting_application(self._user_id)
        if waiting is not None:
            return _waits(waiting)
        if incoming.action == "home.nickname_as_in_telegram":
            return self._with_nickname(incoming.name)
        if incoming.expects == NICKNAME and incoming.text and not incoming.command:
            return self._with_nickname(incoming.text)
        return self._ask_nickname()

    def _ask_nickname(self, problem: Text = "") -> Answer:
        against = (
            None if self._notes.get("invitation") else why_not_apply(user_id=self._user_id, now=self._now)
        )
        if against is not None:
            return below(titled(problem or _("Hello!"), against.reason), self._languages())
        invitation = _("Write the nickname under which colleagues know you.")
        request = _(
            "This bot is for colleagues. Write the nickname under which you work here; "
            "an administrator then lets you in."
        )
        return below(
            titled(
                problem or _("Hello, %(name)s!") % {"name": self._incoming.name},
                invitation if self._notes.get("invitation") else request,
            ),
            self._offered(),
            self._languages(),
            expects=NICKNAME,
            notes=self._notes,
        )

    def _offered(self) -> tuple[Button, ...]:
        """Their name in Telegram, one tap away."""
        name = self._incoming.name
        if not 2 <= len(name) <= LONGEST_OFFERED:
            return ()
        return (Button(_("Take “%(name)s”") % {"name": name}, "home.nickname_as_in_telegram"),)

    def _languages(self) -> tuple[Button, ...]:
        speaking = language_for(self._notes.get("language") or self._incoming.language)
        return tuple(
            Button(name, "home.newcomer_language", (code,))
            for code, name in settings.LANGUAGES
            if code != speaking
        )

    def _with_nickname(self, nickname: str) -> Answer:
        invitation = self._invitation()
        if invitation:
            return self._join(invitation, nickname)
        try:
            application = apply_for_access(
                user_id=self._user_id,
                nickname=nickname,
                telegram_name=self._incoming.name,
                username=self._incoming.username,
                language=self._language(),
                now=self._now,
            )
        except UnableToApply as unable:
            return self._ask_nickname(unable.reason)
        return _waits(application, thanks=True)

    def _with_link(self, found: OpenLink | None) -> Answer:
        if found is None:
            return self._ask_nickname(UnableToEnter().reason)
        if found.link.purpose == EntryLink.Purpose.INVITATION:
            # Most people are called at work as in Telegram; they can change it under “My account”.
            return self._join(found.secret, self._incoming.name)
        if found.link.purpose != EntryLink.Purpose.TELEGRAM:
            return self._ask_nickname(UnableToEnter().reason)
        try:
            person = use_telegram_link(
                secret=found.secret,
                user_id=self._user_id,
                name=self._incoming.name,
                username=self._incoming.username,
                now=self._now,
            )
        except Unable as unable:
            return self._ask_nickname(unable.reason)
        with person_ground(person):
            return main_menu(person, first=linked_words())

    def _join(self, secret: str, nickname: str) -> Answer:
        asked = waiting_application(self._user_id)
        try:
            with transaction.atomic():
                person = accept_invitation_by_telegram(
                    secret=secret,
                    user_id=self._user_id,
                    nickname=nickname,
                    telegram_name=self._incoming.name,
                    username=self._incoming.username,
                    language=self._language(),
                    now=self._now,
                )
        except UnableToApply as unable:
            # Sealed: whoever reads the database, or the panel, could come in with it.
            self._notes["invitation"] = seal_text(secret, identity=self._place()).hex()
            return self._ask_nickname(unable.reason)
        except Unable as unable:
            self._notes.pop("invitation", None)
            return self._ask_nickname(unable.reason)
        if asked is not None:
            withdraw_answer(application=asked)
        with person_ground(person):
            return main_menu(person, first=_("Welcome, %(name)s!") % {"name": person})

    def _invitation(self) -> str:
        """The secret of the invitation that they opened a moment ago; empty where they opened none."""
        try:
            return reveal_text(bytes.fromhex(self._notes.get("invitation", "")), identity=self._place())
        except (UnableToReveal, ValueError):
            return ""

    def _place(self) -> str:
        return f"bots.conversation.invitation:{self._user_id}"

    def _language(self) -> str:
        return language_for(self._notes.get("language") or self._incoming.language)


def _waits(application: Application, *, thanks: bool = False) -> Screen:
    """Their request waits; whoever decides may not use this bot yet, and then it can take longer."""
    title = _("Thank you, %(name)s!") if thanks else _("%(name)s, your request is not decided yet.")
    if administrators_in_telegram():
        words = _("The administrators have your request. I write to you as soon as one of them decides.")
    else:
        words = _(
            "Your request stands on the web page of Pult, where an administrator will see it: nobody who decides uses "
            "this bot yet, so it can take a little longer. I write to you as soon as it is decided."
        )
    return Screen(titled(title % {"name": application.nickname}, words))


def let_in_words(application: Application) -> Text:
    """Said to a newcomer whom somebody let in."""
    return _("Welcome, %(name)s! You are let in.") % {"name": application.nickname}


def declined_screen() -> Screen:
    """Said to a newcomer whom somebody declined."""
    return Screen(
        lines(
            _("Your request was declined."),
            _("If this is a mistake, speak with your administrator; you may ask again after a day."),
        )
    )
