"""What tests of bots begin with: a bot, people behind Telegram users, and updates as Telegram writes them."""

import itertools
from datetime import UTC, datetime
from typing import Any

from pult.core.bots.models import Bot, Outgoing, Update
from pult.core.bots.operations.handling import Handled, handle
from pult.core.bots.operations.updates import store_updates
from pult.core.bots.rules.callbacks import pack
from pult.core.people.models import Person, TelegramIdentity
from pult.core.registry import Role
from pult.core.secrets import seal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def bot(username: str = "test_bot") -> Bot:
    """A running bot that nobody holds."""
    number = next(_numbers)
    made = Bot(telegram_id=5_000_000 + number, simulated=True, name="A bot", username=username, added_at=NOW)
    seal(made, "token", f"{made.telegram_id}:no-such-token-no-such-token-no-such")
    made.save(force_insert=True)
    return made


def person(user_id: int, *, role: Role = Role.OPERATOR, language: str = "en", **fields: Any) -> Person:
    """Somebody who is that Telegram user."""
    made = Person.objects.create_user(
        email="", name=f"Person {user_id}", role=role.value, language=language, **fields
    )
    TelegramIdentity.objects.create(person=made, user_id=user_id, simulated=True, linked_at=NOW)
    return made


def user(user_id: int, **more: Any) -> dict[str, Any]:
    """A user as Telegram writes one."""
    return {"id": user_id, "is_bot": False, "first_name": f"User {user_id}", **more}


def message(user_id: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    """An update with a message in the private chat of that user."""
    said = {} if text is None else {"text": text}
    return {
        "update_id": next(_numbers),
        "message": {
            "message_id": next(_numbers),
            "date": 1_795_000_000,
            "chat": {"id": user_id, "type": "private"},
            "from": user(user_id),
            **said,
            **more,
        },
    }


def tap(
    of: Bot, user_id: int, action: str, *arguments: str, signed_for: int | None = None, **more: Any
) -> dict[str, Any]:
    """An update with a tap on a button that was made for this user (or for `signed_for`)."""
    number = next(_numbers)
    return {
        "update_id": number,
        "callback_query": {
            "id": f"query-{number}",
            "from": user(user_id),
            "data": pack(action, arguments, bot_id=of.pk, user_id=signed_for or user_id),
            "message": {
                "message_id": 77,
                "date": 1_795_000_000,
                "chat": {"id": user_id, "type": "private"},
                "text": "A screen",
            },
            **more,
        },
    }


def came(of: Bot, update: Any, *, now: datetime = NOW) -> Handled:
    """Store an update and handle it, as the engine does."""
    (pk,) = store_updates(bot_id=of.pk, updates=[update], now=now)
    return handle(update_pk=pk, now=now)


def sent(of: Bot) -> list[Outgoing]:
    """What waits to be sent, in its order."""
    return list(Outgoing.objects.filter(bot=of).exclude(state="dropped").order_by("pk"))


def last_update(of: Bot) -> Update:
    """The newest stored update."""
    found = Update.objects.filter(bot=of).order_by("pk").last()
    assert found is not None
    return found
