"""By username: contacts.resolveUsername, one after another. Nothing of it stays in the phone book."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from pult.core.telegram.values import TelegramUser

from ..rules.problems import Problem
from ..rules.usernames import is_marked, looks_like_username, parse_usernames
from .one_by_one import OneByOne
from .words import UsernameWords

if TYPE_CHECKING:
    from pult.core.telegram.gateway import LeasedAccount


class ByUsername(OneByOne):
    """Whose is this username: a person's, a bot's, a channel's, a group's, nobody's?"""

    name = "username"
    title = _("Usernames")
    explanation = _("Which exist, and whether they are people, bots, channels or groups")
    request = "usernames"
    various = True
    words = UsernameWords()
    # The whole heading: a username may well begin with "user" or "nick".
    headings = re.compile(
        r"^\W*(?:(?:telegram|tg|телеграм+|тг)\W*)?(?:user\W?names?|users?|nick(?:name)?s?|logins?|handles?|links?"
        r"|telegram|tg|t\.me|channels?|bots?|accounts?|юзер(?:нейм|ы|неймы)?|ник(?:и|нейм)?|логины?|телеграм+|тг"
        r"|канал(?:ы)?|имя пользователя|имена пользователей|ссылк[аи]|аккаунты?)\W*$",
        re.IGNORECASE,
    )

    def parse(self, texts: Sequence[str], region: str | None) -> list[str | Problem]:
        """In small letters, without the @."""
        return list(parse_usernames(texts))

    def shown(self, value: str) -> str:
        """With the @."""
        return f"@{value}"

    def looks_like(self, text: str) -> bool:
        """A link, an @, or a word that could be one."""
        return looks_like_username(text)

    def is_marked(self, text: str) -> bool:
        """By an @ or a link."""
        return is_marked(text)

    problem_texts = {
        Problem.NOT_A_NUMBER: _("This is not a username."),
        Problem.LETTERS: _("Telegram's usernames have Latin letters, digits and underscores only."),
        Problem.DATE: _("This is a date, not a username."),
        Problem.DAMAGED: _("This is a number, not a username."),
        Problem.SEVERAL_NUMBERS: _("Several usernames in one cell. Give each its own line."),
        Problem.TOO_SHORT: _("Too short: a username has at least four characters."),
        Problem.TOO_LONG: _("Too long: a username has at most 32 characters."),
    }

    async def look_up(self, account: "LeasedAccount", value: str) -> TelegramUser | None:
        """Ask Telegram whose it is."""
        return await account.resolve_username(value)
