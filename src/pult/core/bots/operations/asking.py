"""Asks Telegram whose token it is, by one plain call: pages and terminal do not load a whole Bot API client for it."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REAL_BOT_API = "https://api.telegram.org"
WITHIN_SECONDS = 10
_TOKEN = re.compile(r"[0-9]{3,16}:[A-Za-z0-9_-]{30,64}")


@dataclass(frozen=True, slots=True)
class BotProfile:
    """Who a bot is at Telegram."""

    telegram_id: int
    name: str
    username: str


class NotThisBot(Exception):
    """The token opens no bot; `reason` says what to do."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


class TelegramSilent(Exception):
    """Telegram could not be asked now; `reason` says so. The token may well be good."""

    def __init__(self) -> None:
        self.reason = _("Telegram does not answer at the moment. Try again in a minute.")
        super().__init__(self.reason)


def bot_api_address() -> str:
    """Where the Bot API of the Telegram in use is, without a slash at the end."""
    return settings.TELEGRAM.bot_api_url if settings.TELEGRAM.simulated else REAL_BOT_API


def ask_who_it_is(token: str) -> BotProfile:
    """The bot of this token, after one getMe. Raises NotThisBot or TelegramSilent; the token stands in no error."""
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise NotThisBot(
            _(
                "This is no token of a bot. @BotFather shows it as a number, a colon and 35 letters. Copy it whole."
            )
        )
    # Errors of the client name the address, and with it the token: none of them goes on.
    try:
        answer = httpx.get(f"{bot_api_address()}/bot{token}/getMe", timeout=WITHIN_SECONDS)
        said = answer.json()
    except (httpx.HTTPError, ValueError):
        raise TelegramSilent from None
    if answer.status_code in {401, 404}:
        raise NotThisBot(_("Telegram does not know this token. Copy the newest one from @BotFather."))
    return _profile(said)


def _profile(said: Any) -> BotProfile:
    result = said.get("result") if isinstance(said, dict) and said.get("ok") is True else None
    if not isinstance(result, dict) or not isinstance(result.get("id"), int) or not result.get("username"):
        raise TelegramSilent
    return BotProfile(result["id"], str(result.get("first_name", "")), str(result["username"]))
