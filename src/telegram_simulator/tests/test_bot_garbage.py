"""Whatever a bot sends, the door answers with a reason, and never fails itself."""

import asyncio
import json
from pathlib import Path
from typing import Any

from telegram_simulator.bot_api.door import BotApiDoor
from telegram_simulator.bot_api.errors import BotApiError
from telegram_simulator.bot_api.methods.updates import Described
from telegram_simulator.bot_api.register import REGISTER
from telegram_simulator.world import acts
from telegram_simulator.world.bots import BotLimits
from telegram_simulator.world.chats import Membership
from telegram_simulator.world.world import World

GARBAGE: tuple[Any, ...] = (
    0, -1, 10**30, 1.5, True, "", " ", "x", "\ud83d", "\u202e\u0000\u200f", "[", "{}", [], {}, [[]], [{}], [None],
    {"type": "photo"}, {"type": 5, "text": {}}, {"inline_keyboard": [[None]]}, {"message_id": "x"}, ["\ud83d"],
    [{"type": "emoji"}], [1, "2", None], "ftp://127.0.0.1/", "attach://x", "9" * 5000,
)  # fmt: skip
# They wait for something, or end what the test needs.
LEFT_OUT = ("getUpdates", "logOut", "close", "setWebhook", "leaveChat")
PERSON = 1_000_100


class Tried:
    """A world without sockets: a bot that is an administrator in a forum, and a person who has started it."""

    def __init__(self, folder: Path) -> None:
        self.world = world = World.open(folder, people=20)
        self.door = BotApiDoor(world, clock=lambda: 2_000_000_000.0)
        self.bot = world.bots.create(username="tried_bot", first_name="Т")
        self.bot = world.bots.change(self.bot.id, limits=BotLimits(None, None, None))
        acts.press_start(world, person_id=PERSON, bot_id=self.bot.id, now=2_000_000_000.0)
        chat = world.chats.create(kind="supergroup", title="Т", username=None, now=0.0)
        chat = world.chats.change(chat.id, forum=1)
        world.chats.write_membership(Membership(chat.id, PERSON, "creator"))
        world.chats.write_membership(Membership(chat.id, self.bot.id, "administrator"))
        self.places = (PERSON, -1_000_000_000_000 - chat.id)

    async def call(self, method: str, given: dict[str, Any]) -> Any:
        """The result as JSON, or the refusal's description."""
        try:
            answer = await self.door.call(self.bot, method, given, {}, _never)
            return json.dumps(answer.result if isinstance(answer, Described) else answer)
        except BotApiError as error:
            assert error.code in (400, 403, 404) and len(error.description) > len("Bad Request: ")
            return error.description


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


async def test_no_parameter_makes_a_method_fail(tmp_path: Path) -> None:
    tried = Tried(tmp_path)
    asked = {"chat_id": PERSON, "question": "q", "options": ["a", "b"]}
    message = json.loads(await tried.call("sendMessage", {"chat_id": PERSON, "text": "т"}))["message_id"]
    poll = json.loads(await tried.call("sendPoll", asked))["message_id"]
    sensible = {
        "chat_id": PERSON, "from_chat_id": PERSON, "user_id": PERSON, "message_id": message,
        "message_ids": [message], "text": "т", "question": "q", "options": ["a", "b"], "title": "т", "name": "т",
        "description": "т", "payload": "p", "currency": "XTR", "prices": [{"label": "a", "amount": 1}], "latitude": 1,
        "longitude": 1, "address": "т", "phone_number": "+7", "first_name": "т", "media": [], "action": "typing",
    }  # fmt: skip
    failed = []
    for method in REGISTER.values():
        names = [] if method.name in LEFT_OUT else [parameter.name for parameter in method.parameters]
        for name, value, place in ((n, v, p) for n in names for v in GARBAGE for p in tried.places):
            given = {one: sensible[one] for one in names if one in sensible}
            given |= {"chat_id": place} if "chat_id" in names else {}
            given |= {"message_id": poll} if method.name == "stopPoll" else {}
            try:
                await tried.call(method.name, given | {name: value})
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test looks for
                failed.append((method.name, name, str(value)[:40].encode(errors="replace"), repr(error)))
    assert failed == []
