"""What is wrong with an account or a sign-in, in words that say what to do. Rows keep codes, pages show words."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    # Accounts that cannot be used until somebody does something.
    "session_ended": _("The session was ended in Telegram. Sign in again to go on."),
    "used_twice": _("Telegram ended the session because it was used in two places at once. Sign in again."),
    "other_user": _("The session belongs to another Telegram user now. Sign in again."),
    "deleted": _("The Telegram account was deleted. Remove it here, and connect another one."),
    "banned": _(
        "Telegram has banned this account. Write to Telegram's support from its official app; "
        "when the ban is lifted, connect it again."
    ),
    "peer_flood": _(
        "Telegram restricts this account because it contacted too many strangers; @SpamBot in Telegram says until "
        "when. Pult leaves it alone for some hours, longer each time, and then tries a few numbers."
    ),
    "frozen": _(
        "Telegram has frozen this account. Open its official app to see why and to appeal. "
        "Pult looks from time to time whether it is still frozen, and uses it again then."
    ),
    "other_world": _(
        "This account belongs to the other Telegram (simulated or real) than the one in use now."
    ),
    "switched_off": _("Switched off in Pult."),
    # Accounts that rest for a while.
    "flood_wait": _("Telegram asked for a pause (flood wait); it is kept to the second."),
    "out_of_reach": _(
        "Telegram could not be reached. It is tried again by itself; if that does not help, look at the network of "
        "this machine."
    ),
    "pult_trouble": _(
        "An error inside Pult stopped its work; it is tried again by itself. The log of the worker says more."
    ),
    "server_trouble": _("Telegram has trouble on its side. It is tried again by itself."),
    "canary_missed": _(
        "It did not find a number that is known to be on Telegram (a canary). What it called “not found” was taken "
        "back and is asked by other accounts; it goes on by itself once it finds a canary again."
    ),
    "proxy_silent": _(
        "The proxy does not answer, or does not let Pult through to Telegram. "
        "It is tried again by itself; if that does not help, check the proxy's address."
    ),
    "keeps_pace": _("It keeps the pace that Telegram granted lately, so that no request is refused."),
    "all_unanswered": _("Telegram left a whole call unanswered: it has reached a limit of its own."),
    # Sign-ins: what the person can do now.
    "bad_phone": _("Telegram does not know this number. Check it, with the country code: +49 151 23456789."),
    "no_account": _("There is no Telegram account with this number. Pult only connects accounts that exist."),
    "phone_banned": _("Telegram has banned this number."),
    "phone_flood": _(
        "Too many codes were asked for this number today. Try again tomorrow, or use the QR code."
    ),
    "wrong_code": _(
        "This code is wrong. Look at the newest message from Telegram and type its digits again."
    ),
    "expired_code": _("This code has expired. Ask for a new one."),
    "wrong_password": _("This password is wrong. It is the one for two-step verification in Telegram."),
    "sign_in_flood": _(
        "Telegram asks to wait before the next attempt. What was typed is kept: try again after that."
    ),
    "bad_key_pair": _(
        "Telegram does not accept this key pair. Check api_id and api_hash, or choose another pair."
    ),
    "email_needed": _(
        "Telegram wants an e-mail address for this account first. Add it in the official app, then try again."
    ),
    "code_not_sent": _("Telegram could not send a code to this number. Use the QR code instead."),
    "no_connection": _("Telegram could not be reached. Check the network of this machine and try again."),
    "telegram_trouble": _("Telegram has trouble on its side. Try again in a minute."),
    "telegram_refused": _("Telegram refused this step. Try again, or start anew with the QR code."),
    "qr_unseen": _("Nobody scanned the QR code in three minutes. Show a new one when the phone is at hand."),
    "session_lost": _("Telegram has forgotten this attempt. Start again: it takes a minute."),
    "belongs_to_another": _(
        "This Telegram account is already connected by a colleague. They can share it with you, or remove it first."
    ),
    "not_secured": _("What was kept for this sign-in cannot be opened any more. Start again."),
}


def in_words(code: str) -> str:
    """The sentence for a code; empty for none, the code itself where there is no sentence for it."""
    if not code:
        return ""
    words = WORDS.get(code)
    return gettext(code) if words is None else str(words)
