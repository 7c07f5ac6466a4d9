"""What is the matter with a bot, in words that say what to do. Rows keep codes, pages and terminal show words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "token_dead": _(
        "Telegram refuses the token: it was revoked, or the bot was deleted. Ask @BotFather for a new one and give it "
        "to the bot here; what waits to be sent then goes out."
    ),
    "silent": _(
        "Telegram cannot be reached. It is tried again by itself; if that does not help, look at the network of this "
        "machine."
    ),
    "conflict": _(
        "Another programme receives for this bot, with the same token. Stop that one, or give this bot a new token "
        "from @BotFather: the old one then opens nothing any more."
    ),
}


def in_words(code: str) -> str:
    """The sentence for a code; empty for none, the code itself where there is no sentence for it."""
    return str(WORDS.get(code, code))
