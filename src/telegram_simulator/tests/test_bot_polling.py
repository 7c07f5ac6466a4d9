"""A bot program that polls: an unmodified aiogram, and what happens around its polls."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from aiogram import Dispatcher, F, types
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError
from aiogram.filters import Command, CommandStart

from telegram_simulator.testing import RunningSimulator
from telegram_simulator.tests.bot_steps import (
    ask,
    meanwhile,
    met,
    new_bot,
    polling,
    program,
    result,
    updates_of,
)
from telegram_simulator.tests.world_steps import running


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running(tmp_path_factory.mktemp("world"), people=300) as started:
        yield started


async def test_a_dispatcher_talks_with_a_person(simulator: RunningSimulator) -> None:
    """Start with a payload, text, a tap with an alert, an edit, a reply keyboard with a contact."""
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart(deep_link=True))
    async def started(message: types.Message, command: Command) -> None:
        assert message.from_user is not None
        rows = [[types.InlineKeyboardButton(text="Да", callback_data="yes:1")]]
        await message.answer(
            f"Привет, <b>{message.from_user.first_name}</b>: {command.args}",  # type: ignore[attr-defined]
            parse_mode="HTML",
            reply_markup=types.InlineKeyboardMarkup(inline_keyboard=rows),
        )

    @dispatcher.callback_query(F.data == "yes:1")
    async def agreed(tap: types.CallbackQuery) -> None:
        assert isinstance(tap.message, types.Message)
        await tap.message.edit_text("Готово")
        await tap.answer("Записано", show_alert=True)
        button = types.KeyboardButton(text="Мой номер", request_contact=True)
        await tap.message.answer("Номер?", reply_markup=types.ReplyKeyboardMarkup(keyboard=[[button]]))

    @dispatcher.message(F.contact)
    async def told(message: types.Message) -> None:
        assert message.contact is not None
        text = f"{message.contact.phone_number} {message.contact.user_id}"
        await message.answer(text, reply_markup=types.ReplyKeyboardRemove())

    own = new_bot(simulator)
    name = own["username"]
    async with program(simulator, own["token"]) as bot, polling(dispatcher, bot):
        anna = simulator.player("Анна Новая", username="anna_new_1")
        await meanwhile(lambda: anna.start(name, "from-site"))
        greeting = await meanwhile(lambda: anna.wait_for(name, "Привет, Анна: from-site"))
        assert greeting.raw["entities"] == [{"type": "bold", "offset": 8, "length": 4}]
        tap = await meanwhile(lambda: anna.tap(name, "Да"))
        answer = await meanwhile(tap.answer)
        assert (answer["text"], answer["alert"]) == ("Записано", True)
        edited = await meanwhile(lambda: anna.wait_for(name, "Готово"))
        assert (edited.id, edited.edited, edited.buttons) == (greeting.id, True, [])
        await meanwhile(lambda: anna.wait_for(name, "Номер?"))
        await meanwhile(lambda: anna.press(name, "Мой номер"))
        await meanwhile(lambda: anna.wait_for(name, f"+{anna.phone} {anna.id}"))
        assert await meanwhile(lambda: anna.keyboard(name)) == []
    counters = simulator.get("/api/counters")["bots"][name]
    assert (counters["errors"], counters["violations_total"]) == ({}, 0)
    assert counters["requests"]["sendMessage"] == 3


def test_an_update_is_told_again_until_it_is_acknowledged(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    for number in range(5):
        player.write(bot["username"], f"Сообщение {number}")
    first = result(simulator, bot["token"], "getUpdates", limit=2)
    assert [u["message"]["text"] for u in first] == ["Сообщение 0", "Сообщение 1"]
    assert result(simulator, bot["token"], "getUpdates", limit=2) == first
    rest = result(simulator, bot["token"], "getUpdates", offset=first[-1]["update_id"] + 1)
    assert [u["message"]["text"] for u in rest] == ["Сообщение 2", "Сообщение 3", "Сообщение 4"]
    assert [u["update_id"] for u in rest] == list(range(first[0]["update_id"] + 2, first[0]["update_id"] + 5))
    last = result(simulator, bot["token"], "getUpdates", offset=-1)
    assert [u["message"]["text"] for u in last] == ["Сообщение 4"]
    assert len(updates_of(simulator, bot)) == 1, "what was before the last one is forgotten"


async def test_a_poll_waits_for_the_first_update_and_not_longer(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    async with program(simulator, bot["token"]) as client:
        began = time.monotonic()
        poll = asyncio.create_task(client.get_updates(timeout=20))
        await asyncio.sleep(0.3)
        assert not poll.done()
        await meanwhile(lambda: player.write(bot["username"], "Ау"))
        found = await poll
        assert time.monotonic() - began < 5
        assert [u.message.text for u in found if u.message] == ["Ау"]
        began = time.monotonic()
        assert await client.get_updates(offset=found[-1].update_id + 1, timeout=1) == []
        assert 0.9 < time.monotonic() - began < 3


async def test_of_two_polls_the_older_one_is_ended(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    async with program(simulator, bot["token"]) as one, program(simulator, bot["token"]) as other:
        older = asyncio.create_task(one.get_updates(timeout=20))
        await asyncio.sleep(0.3)
        newer = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
            await older
        assert await newer == []
        older = asyncio.create_task(one.get_updates(timeout=20))
        await asyncio.sleep(0.3)
        await other.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(TelegramConflictError, match="terminated by setWebhook"):
            await older
        with pytest.raises(
            TelegramConflictError, match="can't use getUpdates method while webhook is active"
        ):
            await one.get_updates()
        await other.delete_webhook()
        assert await one.get_updates() == []


def test_only_the_wanted_kinds_come_and_the_wish_is_remembered(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    result(simulator, bot["token"], "getUpdates", allowed_updates=["callback_query", "nonsense"])
    player.write(bot["username"], "Не услышит")
    result(simulator, bot["token"], "getUpdates", allowed_updates=[])
    player.write(bot["username"], "Услышит")
    assert [u["message"]["text"] for u in updates_of(simulator, bot)] == ["Услышит"]


async def test_a_revoked_token_is_refused_at_once_and_the_new_one_works(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    async with program(simulator, bot["token"]) as client:
        poll = asyncio.create_task(client.get_updates(timeout=20))
        await asyncio.sleep(0.2)
        fresh = await meanwhile(lambda: simulator.post(f"/api/bots/{bot['username']}/revoke"))
        with pytest.raises(TelegramConflictError, match="revoked"):
            await poll
        with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
            await client.get_me()
    async with program(simulator, fresh["token"]) as client:
        assert (await client.get_me()).id == bot["id"]


def test_a_blocking_person_is_told_to_the_bot(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    player = met(simulator, bot)
    player.block(bot["username"])
    status, answer = ask(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Ау")
    assert (status, answer["description"]) == (403, "Forbidden: bot was blocked by the user")
    player.start(bot["username"], "again")
    told = updates_of(simulator, bot)
    assert [next(k for k in u if k != "update_id") for u in told] == [
        "my_chat_member",
        "my_chat_member",
        "message",
    ]
    changes = [u["my_chat_member"] for u in told[:2]]
    assert [(c["old_chat_member"]["status"], c["new_chat_member"]["status"]) for c in changes] == [
        ("member", "kicked"),
        ("kicked", "member"),
    ]
    assert changes[0]["chat"] == {
        "id": player.id, "first_name": "Инна", "last_name": "Встречная", "type": "private",
    }  # fmt: skip
    assert result(simulator, bot["token"], "sendMessage", chat_id=player.id, text="Ау")["text"] == "Ау"


def test_thousands_of_waiting_updates_are_fetched_fast(simulator: RunningSimulator) -> None:
    bot = new_bot(simulator)
    simulator.request("POST", f"/api/bots/{bot['username']}/flood", {"people": 100, "each": 50}, timeout=60)
    began, offset, texts = time.monotonic(), 0, []
    while batch := result(simulator, bot["token"], "getUpdates", offset=offset, limit=100):
        offset = batch[-1]["update_id"] + 1
        texts += [update["message"]["text"] for update in batch]
    assert texts == [f"Сообщение {number}" for number in range(1, 5001)]
    assert len(texts) / (time.monotonic() - began) > 1000, "updates a second"
